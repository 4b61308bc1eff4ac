"""The cart by items: the dialect of the mobile app."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.cart.routes.blueprint import blueprint, changed, guest, owner, reply
from mixillo.blueprints.cart.routes.reading import CART, ITEM
from mixillo.blueprints.cart.schemas import AddSchema, QuantitySchema
from mixillo.blueprints.cart.services import changing, showing
from mixillo.core.api import Reply
from mixillo.core.security import optional_login

PRODUCT_ID = "64b7f3a2c9e77a0012ab34cd"


@blueprint.post("/items")
@optional_login
@guest
@blueprint.accepts(AddSchema, example={"productId": PRODUCT_ID, "quantity": 1})
@blueprint.returns(201, item=ITEM, cart=CART)
@blueprint.refuses(404, 409)
def add_item(sent: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Put something into one's cart

    So many more of a product. Of one that is sold in variants name which, by `variantId` or `variant`; else it is the
    first of which there is any. 409 `out_of_stock`, `other_currency` (one currency per cart), `cart_full`.
    """
    whose = owner(sent)
    result = changing.add(whose, body["productId"], body["quantity"], body["wanted"])
    cart = showing.after(result)
    members = {"item": showing.item(cart, result.item_id), "cart": cart}
    return reply(whose, members, "Added to the cart", f"/api/cart/items/{result.item_id}")


@blueprint.put("/items/<id:item_id>")
@optional_login
@guest
@blueprint.accepts(QuantitySchema, example={"quantity": 1})
@blueprint.returns(200, cart=CART)
@blueprint.refuses(404, 409)
def set_quantity(sent: dict[str, Any], body: dict[str, Any], item_id: ObjectId) -> Reply:
    """Have so many of a thing in one's cart

    0 takes it out. 409 `out_of_stock`.
    """
    whose = owner(sent)
    return changed(whose, changing.set_quantity(whose, item_id, body["quantity"]), "Cart updated")


@blueprint.delete("/items/<id:item_id>")
@optional_login
@guest
@blueprint.returns(200, cart=CART)
@blueprint.refuses(404)
def remove_item(sent: dict[str, Any], item_id: ObjectId) -> Reply:
    """Take a thing out of one's cart

    By the id of the item.
    """
    whose = owner(sent)
    return changed(whose, changing.remove(whose, item_id), "Removed from the cart")
