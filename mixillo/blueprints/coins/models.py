"""Coin packages, with the stored field names of the existing collection."""

from mongoengine import BooleanField, DateTimeField, DynamicField, IntField, StringField

from mixillo.core import clock
from mixillo.core.db import BaseDocument
from mixillo.core.money import FIAT


class CoinPackage(BaseDocument):
    """Coins at a price. ``price`` is in units of ``currency``: ``Decimal128`` or an old double.

    One that was bought is never removed: ``deletedAt`` takes it off every list. How often that happened follows
    from the payments; the ``purchaseCount`` that documents of the existing system carry is not believed.
    """

    meta = {"collection": "coinpackages"}

    name = StringField(required=True)
    description = StringField()
    imageUrl = StringField()
    coins = IntField(required=True)
    bonusCoins = IntField(default=0)
    price = DynamicField(required=True)
    currency = StringField(default="USD", choices=FIAT)
    discountPercentage = IntField(default=0)
    isPopular = BooleanField(default=False)
    isBestValue = BooleanField(default=False)
    isActive = BooleanField(default=True)
    sortOrder = IntField(default=0)
    validUntil = DateTimeField()
    deletedAt = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)
