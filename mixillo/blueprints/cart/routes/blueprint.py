"""The blueprints that the routes of this package register themselves on, and whose cart a request is about."""

from typing import Any

from mixillo.blueprints.cart.schemas import TOKEN_HEADER, GuestSchema
from mixillo.blueprints.cart.services import merging, showing
from mixillo.blueprints.cart.services.changing import Changed
from mixillo.blueprints.cart.services.owners import Owner
from mixillo.core import clock
from mixillo.core.api import Blueprint, Reply
from mixillo.core.security import viewer

blueprint = Blueprint("cart", __name__, url_prefix="/api/cart", description="What somebody is about to buy")
# What clients do to their carts under the path of coupons, which stand below this feature.
coupon_uses = Blueprint("cart-coupons", __name__, url_prefix="/api/coupons", description="Coupons for one's cart")
# So for shipping.
shipping_costs = Blueprint("cart-shipping", __name__, url_prefix="/api/shipping", description="Shipping for one's cart")
guest = blueprint.arguments(GuestSchema, location="headers")
guest_of_uses = coupon_uses.arguments(GuestSchema, location="headers")
guest_of_calculation = shipping_costs.arguments(GuestSchema, location="headers")


def owner(sent: dict[str, Any]) -> Owner:
    """Return whose cart the request is about; what is in a guest's moves into the cart of who has signed in."""
    token, who = sent.get("token"), viewer()
    if who is None:
        return Owner(token=token or clock.random_token())
    if token:
        merging.merge(token, who.id)
    return Owner(user_id=who.id)


def reply(whose: Owner, members: dict[str, Any], message: str | None = None, location: str | None = None) -> Reply:
    """Return an answer that tells a guest their token, in a header and in the cart."""
    if whose.token is None:
        return Reply(members, message, location)
    if "cart" in members:
        members["cart"] |= {"guestToken": whose.token}
    return Reply(members, message, location, {TOKEN_HEADER: whose.token})


def changed(whose: Owner, result: Changed, message: str) -> Reply:
    """Return the answer to a change: the cart as it is then."""
    return reply(whose, {"cart": showing.after(result)}, message)
