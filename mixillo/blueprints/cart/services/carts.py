"""Finding users' carts, and emptying them."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.cart.models import Cart
from mixillo.core import clock

Document = dict[str, Any]
NOTHING: Document = {"items": [], "couponCodes": [], "subtotal": 0, "itemsCount": 0}


def of(user_id: ObjectId, session: ClientSession | None = None) -> Document:
    """Return somebody's cart; an empty one, that is not stored yet, where they have none.

    That has the id under which it will be stored, which is its owner's.
    """
    stored: Document | None = Cart.collection().find_one({"userId": user_id}, session=session)
    return stored or new(user_id, user_id)


def new(cart_id: ObjectId, user_id: ObjectId | None) -> Document:
    """Return an empty cart that is not stored yet."""
    return {"_id": cart_id, "userId": user_id, **NOTHING, "createdAt": None, "updatedAt": None}


def empty(user_id: ObjectId, session: ClientSession | None = None) -> None:
    """Take everything out of somebody's cart, coupons too."""
    Cart.collection().update_one({"userId": user_id}, {"$set": NOTHING | {"updatedAt": clock.now()}}, session=session)
