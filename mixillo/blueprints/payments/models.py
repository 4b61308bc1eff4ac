"""Payments, with the stored field names of the existing collection."""

from mongoengine import DateTimeField, DictField, DynamicField, StringField

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref
from mixillo.core.money import FIAT

# In the technical database: what providers told us, once each; and the sandbox's own books.
EVENTS, SANDBOX = "paymentevents", "sandboxpayments"
ORDER, WALLET_TOPUP, SUBSCRIPTION, GIFT = "order", "wallet_topup", "subscription", "gift"
COIN_PURCHASE, CREDIT_PURCHASE = "coin_purchase", "credit_purchase"
TYPES = (ORDER, WALLET_TOPUP, SUBSCRIPTION, GIFT, COIN_PURCHASE, CREDIT_PURCHASE)
METHODS = ("card", "paypal", "stripe", "wallet")
PENDING, COMPLETED, FAILED, REFUNDED, CANCELLED = STATUSES = (
    "pending", "completed", "failed", "refunded", "cancelled",
)  # fmt: skip


class Payment(BaseDocument):
    """Money that somebody is asked for. ``amount`` is in units of ``currency``: ``Decimal128`` or an old double.

    ``completedAt`` says that the money was taken, whatever ``status`` became since; ``refundAmount`` is what was
    given back of it so far. ``providerReference`` is what the provider calls it, ``metadata`` what was bought.
    """

    meta = {"collection": "payments"}

    userId = Ref("users")
    orderId = Ref("orders")
    type = StringField(default=ORDER, choices=TYPES)
    amount = DynamicField()
    currency = StringField(default="USD", choices=FIAT)
    paymentMethod = StringField(choices=METHODS)
    status = StringField(default=PENDING, choices=STATUSES)
    description = StringField()
    provider = StringField()
    providerReference = StringField()
    stripePaymentIntentId = StringField()
    stripeClientSecret = StringField()
    stripeChargeId = StringField()
    idempotencyKey = StringField()
    expiresAt = DateTimeField()
    completedAt = DateTimeField()
    failedAt = DateTimeField()
    refundedAt = DateTimeField()
    refundAmount = DynamicField()
    failureReason = StringField()
    metadata = DictField()
    updatedAt = DateTimeField(default=clock.now)
