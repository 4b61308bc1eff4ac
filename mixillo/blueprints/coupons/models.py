"""Coupons and their uses, with the stored field names of the existing collections."""

from mongoengine import BooleanField, DateTimeField, DynamicField, IntField, ListField, StringField
from pymongo import IndexModel

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref
from mixillo.core.money import FIAT

PERCENTAGE, FIXED = TYPES = ("percentage", "fixed")
NEWEST = [("createdAt", -1), ("_id", -1)]


class Coupon(BaseDocument):
    """A code that makes an order cheaper.

    ``value`` is in percent, or, of a fixed one, an amount; amounts are in units of ``currency``, of the order's where
    it has none. ``usageCount`` follows the uses, see `services.redeeming`. One that is not public is on no list, but
    whoever knows its code may use it.
    """

    meta = {"collection": "coupons"}

    code = StringField(required=True)
    type = StringField(required=True, choices=TYPES)
    value = DynamicField(required=True)
    currency = StringField(choices=FIAT)
    minPurchase = DynamicField(default=0)
    maxDiscount = DynamicField()
    usageLimit = IntField()
    perUserLimit = IntField()
    usageCount = IntField(default=0)
    validFrom = DateTimeField()
    validUntil = DateTimeField()
    isActive = BooleanField(default=True)
    isPublic = BooleanField(default=True)
    isFeatured = BooleanField(default=False)
    isStackable = BooleanField(default=False)
    description = StringField()
    applicableProducts = ListField(Ref("products"))
    applicableCategories = ListField(Ref("categories"))
    updatedAt = DateTimeField(default=clock.now)


class CouponUse(BaseDocument):
    """An order for which a coupon was used, and how much cheaper it made it, in units of ``currency``."""

    meta = {"collection": "couponuses"}

    INDEXES = (
        IndexModel([("orderId", 1), ("couponId", 1)], name="once_per_order", unique=True),
        IndexModel([("couponId", 1), ("userId", 1)], name="of_person"),
        IndexModel([("userId", 1), *NEWEST], name="newest_of_person"),
        IndexModel([("currency", 1), ("amount", 1)], name="saved"),
    )

    couponId = Ref("coupons", required=True)
    userId = Ref("users", required=True)
    orderId = Ref("orders", required=True)
    code = StringField(required=True)
    amount = DynamicField(required=True)
    currency = StringField(required=True, choices=FIAT)
