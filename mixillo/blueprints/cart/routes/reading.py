"""Looking into the cart, and emptying it."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.cart.routes.blueprint import blueprint, changed, guest, owner, reply
from mixillo.blueprints.cart.schemas import CartItemSchema, CartSchema, ShippingQuery, SummarySchema
from mixillo.blueprints.cart.services import changing, showing
from mixillo.blueprints.cart.services.changing import ItemNotFound
from mixillo.core.api import Reply
from mixillo.core.security import optional_login

CART = fields.Nested(CartSchema, required=True)
ITEM = fields.Nested(CartItemSchema, required=True)


@blueprint.get("")
@optional_login
@guest
@blueprint.takes(ShippingQuery)
@blueprint.returns(200, cart=CART)
@blueprint.refuses(409)
def show_cart(sent: dict[str, Any], query: dict[str, Any]) -> Reply:
    """Show one's cart

    At today's prices and stock; `changes` says what is not as one left it. A price or something gone is told until
    the next change of the cart, too little stock as long as it lasts. Guests get a `guestToken`, also in the header
    `X-Cart-Token`, to send in that header from then on; sent once by somebody who has signed in, what is in the guest's
    cart moves into theirs. 409 `not_shipped_there`, `shipping_method_not_available`.
    """
    whose = owner(sent)
    return reply(whose, {"cart": showing.shown(whose.cart(), query.get("country"), query.get("shippingMethod"))})


@blueprint.get("/summary")
@optional_login
@guest
@blueprint.takes(ShippingQuery)
@blueprint.returns(200, summary=fields.Nested(SummarySchema, required=True))
@blueprint.refuses(409)
def show_summary(sent: dict[str, Any], query: dict[str, Any]) -> Reply:
    """Show what one's cart costs

    Without what is in it. 409 as for the cart.
    """
    whose = owner(sent)
    found = showing.summary(whose.cart(), query.get("country"), query.get("shippingMethod"))
    return reply(whose, {"summary": found})


@blueprint.get("/items")
@optional_login
@guest
@blueprint.returns(200, items=fields.List(fields.Nested(CartItemSchema), required=True))
def list_items(sent: dict[str, Any]) -> Reply:
    """List what is in one's cart

    What can be bought of it; `GET /api/cart` says what cannot.
    """
    whose = owner(sent)
    return reply(whose, {"items": showing.shown(whose.cart())["items"]})


@blueprint.get("/items/<id:item_id>")
@optional_login
@guest
@blueprint.returns(200, item=ITEM)
@blueprint.refuses(404)
def show_item(sent: dict[str, Any], item_id: ObjectId) -> Reply:
    """Show one thing in one's cart

    404 where it is not there, or cannot be bought now.
    """
    whose = owner(sent)
    found = showing.item(showing.shown(whose.cart()), item_id)
    if found is None:
        raise ItemNotFound
    return reply(whose, {"item": found})


@blueprint.delete("")
@optional_login
@guest
@blueprint.returns(200, cart=CART)
def empty_cart(sent: dict[str, Any]) -> Reply:
    """Empty one's cart

    Coupons are taken out too.
    """
    whose = owner(sent)
    return changed(whose, changing.clear(whose), "Cart emptied")


@blueprint.delete("/clear")
@optional_login
@guest
@blueprint.returns(200, cart=CART)
def clear_cart(sent: dict[str, Any]) -> Reply:
    """Clear one's cart

    The same as `DELETE /api/cart`, in the other dialect.
    """
    whose = owner(sent)
    return changed(whose, changing.clear(whose), "Cart cleared")
