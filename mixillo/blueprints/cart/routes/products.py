"""The cart by products: the dialect of the existing system."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.cart.routes.blueprint import blueprint, changed, guest, owner
from mixillo.blueprints.cart.routes.items import PRODUCT_ID
from mixillo.blueprints.cart.routes.reading import CART
from mixillo.blueprints.cart.schemas import AddSchema, UpdateSchema, VariantQuery
from mixillo.blueprints.cart.services import changing
from mixillo.core.api import Reply
from mixillo.core.security import optional_login


@blueprint.post("/add")
@optional_login
@guest
@blueprint.accepts(AddSchema, example={"productId": PRODUCT_ID, "quantity": 1})
@blueprint.returns(200, cart=CART)
@blueprint.refuses(404, 409)
def add_product(sent: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Put a product into one's cart

    Like `POST /api/cart/items`, and answers with the cart alone.
    """
    whose = owner(sent)
    return changed(whose, changing.add(whose, body["productId"], body["quantity"], body["wanted"]), "Added to the cart")


@blueprint.put("/update")
@optional_login
@guest
@blueprint.accepts(UpdateSchema, example={"productId": PRODUCT_ID, "quantity": 1})
@blueprint.returns(200, cart=CART)
@blueprint.refuses(404, 409)
def update_product(sent: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Have so many of a product in one's cart

    0 takes it out. Where it is there in several variants, say which. 409 `out_of_stock`.
    """
    whose = owner(sent)
    result = changing.set_product(whose, body["productId"], body["quantity"], body["wanted"])
    return changed(whose, result, "Cart updated")


@blueprint.delete("/remove/<id:product_id>")
@optional_login
@guest
@blueprint.takes(VariantQuery)
@blueprint.returns(200, cart=CART)
@blueprint.refuses(404)
def remove_product(sent: dict[str, Any], query: dict[str, Any], product_id: ObjectId) -> Reply:
    """Take a product out of one's cart

    In one `variant`, or in all.
    """
    whose = owner(sent)
    return changed(whose, changing.remove_product(whose, product_id, query["wanted"]), "Removed from the cart")
