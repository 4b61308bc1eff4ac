"""Carts, with the stored field names of the existing collection."""

from mongoengine import (
    DateTimeField,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

# Carts of those who are not signed in: technical, in the second database, and forgotten after a while.
GUEST_CARTS = "guestcarts"


class CartItem(EmbeddedDocument):
    """So many of a product or of one of its variants, and what one cost when its owner last changed the cart."""

    id = ObjectIdField(db_field="_id")
    productId = Ref("products", required=True)
    storeId = Ref("stores")
    quantity = IntField(default=1)
    variant = DynamicField()
    price = DynamicField()
    addedAt = DateTimeField(default=clock.now)


class Cart(BaseDocument):
    """Somebody's cart. ``subtotal`` and ``itemsCount`` are as of its last change; what is shown is reckoned anew."""

    meta = {"collection": "carts"}

    userId = Ref("users", policy="delete", required=True)
    items = EmbeddedDocumentListField(CartItem)
    couponCodes = ListField(StringField())
    subtotal = DynamicField(default=0)
    itemsCount = IntField(default=0)
    updatedAt = DateTimeField(default=clock.now)
