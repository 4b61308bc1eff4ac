"""Whose cart it is: a user's, or that of whoever holds a guest's token.

A guest's token is random and made by the first answer that has none; only its hash is kept, as the id of the cart.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from mixillo.blueprints.cart.models import GUEST_CARTS, Cart
from mixillo.blueprints.cart.services import carts
from mixillo.core import clock
from mixillo.core.db import ops_database

Document = dict[str, Any]
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Owner:
    """A user, or a guest: one of the two is set."""

    user_id: ObjectId | None = None
    token: str | None = None

    @property
    def cart_id(self) -> ObjectId:
        """The id that the cart has when it is made for this owner."""
        if self.user_id:
            return self.user_id
        return ObjectId(hashlib.sha256(f"cart {self.token}".encode()).digest()[:12])

    @property
    def collection(self) -> Collection:
        """Where the cart is."""
        return Cart.collection() if self.user_id else ops_database()[GUEST_CARTS]

    @property
    def where(self) -> Document:
        """What finds it there."""
        return {"userId": self.user_id} if self.user_id else {"_id": self.cart_id}

    def cart(self, session: ClientSession | None = None) -> Document:
        """Return the cart; an empty one, that is not stored yet, where there is none."""
        if self.user_id:
            return carts.of(self.user_id, session)
        stored: Document | None = self.collection.find_one(self.where, session=session)
        return stored or carts.new(self.cart_id, None)

    def save(self, cart: Document, session: ClientSession) -> None:
        """Store what is in the cart; of guests nothing is kept when there is nothing in it."""
        if not self.user_id and not cart["items"] and not cart["couponCodes"]:
            self.collection.delete_one(self.where, session=session)
            return
        now = clock.now()
        fields = {name: cart[name] for name in ("items", "couponCodes", "subtotal", "itemsCount")} | {"updatedAt": now}
        made: Document = {"createdAt": now}
        if self.user_id:
            made["_id"] = self.cart_id
        else:
            fields["expiresAt"] = now + KEPT
        cart |= {"updatedAt": now, "createdAt": cart.get("createdAt") or now}
        update = {"$set": fields, "$setOnInsert": made}
        self.collection.update_one(self.where, update, upsert=True, session=session)
