"""What a guest has put into a cart comes along when they sign in."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.cart.services import variants
from mixillo.blueprints.cart.services.changing import MOST_COUPONS, MOST_ITEMS, MOST_OF_ONE
from mixillo.blueprints.cart.services.owners import Owner
from mixillo.blueprints.cart.services.pricing import quantity_of
from mixillo.core.db import transact

Document = dict[str, Any]


def merge(token: str, user_id: ObjectId) -> bool:
    """Move what is in a guest's cart into the user's, once; return whether there was anything.

    Of what is in both there are as many as in both together; what there is too little of, or is sold in another
    currency, shows in the cart's ``changes``.
    """
    guest, user = Owner(token=token), Owner(user_id=user_id)
    if guest.collection.find_one(guest.where, {"_id": 1}) is None:
        return False

    def work(session: ClientSession) -> bool:
        left: Document | None = guest.collection.find_one_and_delete(guest.where, session=session)
        if left is None:
            return False
        cart = user.cart(session)
        cart["items"] = _together(cart.get("items") or [], left["items"])
        codes = dict.fromkeys([*(cart.get("couponCodes") or []), *left["couponCodes"]])
        cart["couponCodes"] = [*codes][:MOST_COUPONS]
        cart |= {name: cart.get(name) or 0 for name in ("subtotal", "itemsCount")}
        user.save(cart, session)
        return True

    turns = [guest.cart_id, user.cart_id]
    return transact(work, turns_of=turns)


def _together(own: list[Document], brought: list[Document]) -> list[Document]:
    """Return the items of both carts, those of the user's own first."""
    items = [dict(item) for item in own]
    for item in brought:
        same = next((each for each in items if _is_same(each, item)), None)
        if same is not None:
            same["quantity"] = min(quantity_of(same) + quantity_of(item), MOST_OF_ONE)
        elif len(items) < MOST_ITEMS:
            items.append(item)
    return items


def _is_same(one: Document, other: Document) -> bool:
    return one["productId"] == other["productId"] and variants.is_same(one.get("variant"), other.get("variant"))
