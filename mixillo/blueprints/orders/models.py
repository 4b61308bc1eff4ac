"""Orders and their parcels, with the stored field names of the existing collections.

Amounts are in units of the order's ``currency``: ``Decimal128``, doubles where the existing system wrote.
"""

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref
from mixillo.core.money import FIAT

PENDING, CONFIRMED, PROCESSING, SHIPPED, DELIVERED, CANCELLED, RETURNED = STATUSES = (
    "pending", "confirmed", "processing", "shipped", "delivered", "cancelled", "returned",
)  # fmt: skip
UNPAID, PAID, FAILED, REFUNDED, PARTLY_REFUNDED = PAYMENT_STATUSES = (
    "pending", "paid", "failed", "refunded", "partially_refunded",
)  # fmt: skip
CARD, PAYPAL, STRIPE, WALLET, CASH = METHODS = ("card", "paypal", "stripe", "wallet", "cash_on_delivery")
BY_PROVIDER = (CARD, PAYPAL, STRIPE)
# A refund: the provider is still to be asked; was asked; has told that it was done.
DUE, ASKED, DONE = ("due", "asked", "done")
CARRIERS = ("USPS", "FedEx", "UPS", "DHL", "Other")
NEWEST = [("createdAt", -1), ("_id", -1)]


class Address(EmbeddedDocument):
    """Where to send it, or whom to charge."""

    fullName = StringField()
    phone = StringField()
    addressLine1 = StringField()
    addressLine2 = StringField()
    city = StringField()
    state = StringField()
    postalCode = StringField()
    country = StringField()


class Item(EmbeddedDocument):
    """So many of one thing, as it was called and what it cost when it was ordered.

    ``isCounted``: its stock was kept then, so that it is given back if the order comes to nothing.
    """

    id = ObjectIdField(db_field="_id")
    productId = Ref("products")
    variantId = ObjectIdField()
    storeId = Ref("stores")
    sellerId = Ref("users")
    name = StringField()
    price = DynamicField()
    quantity = IntField()
    variant = DynamicField()
    image = StringField()
    total = DynamicField()
    discount = DynamicField()
    isCounted = BooleanField()


class Fulfilment(EmbeddedDocument):
    """The part of an order that one store sends. ``amount`` = goods − discount + shipping + tax.

    ``refunded`` is what was given back of it, or is about to be; ``payout`` what its seller got: ``amount`` (before
    the commission), ``commission``, ``net``, ``refunded`` (of ``amount``, taken back since) and ``at``.
    """

    storeId = Ref("stores")
    sellerId = Ref("users")
    status = StringField(default=PENDING, choices=STATUSES)
    goods = DynamicField()
    discount = DynamicField()
    shipping = DynamicField()
    tax = DynamicField()
    amount = DynamicField()
    refunded = DynamicField()
    payout = DictField()
    carrier = StringField()
    trackingNumber = StringField()
    trackingUrl = StringField()
    shippedAt = DateTimeField()
    deliveredAt = DateTimeField()
    cancelledAt = DateTimeField()
    returnedAt = DateTimeField()
    returnRequestedAt = DateTimeField()
    returnReason = StringField()


class Step(EmbeddedDocument):
    """Something that happened to an order, or to the part of one store."""

    status = StringField()
    timestamp = DateTimeField()
    note = StringField()
    updatedBy = Ref("users")
    storeId = Ref("stores")


class Refund(EmbeddedDocument):
    """Money on its way back to the buyer; the payment provider knows it by ``_id``."""

    id = ObjectIdField(db_field="_id")
    amount = DynamicField()
    reason = StringField()
    state = StringField(choices=(DUE, ASKED, DONE))
    at = DateTimeField()


class Order(BaseDocument):
    """What somebody bought at one time, of one store or several. ``status`` is that of its least advanced part.

    ``isBooked``: the ledger knows its money; it does not of orders from before. Until it is paid or given up an order
    has an ``expiresAt``; ``expiredAt`` says that it was given up because nobody paid. ``refundDueAt`` is there while
    the payment provider is to be asked for a refund.
    """

    meta = {"collection": "orders"}

    userId = Ref("users", required=True)
    orderNumber = StringField(required=True)
    items = EmbeddedDocumentListField(Item)
    fulfilments = EmbeddedDocumentListField(Fulfilment)
    subtotal = DynamicField()
    tax = DynamicField()
    shipping = DynamicField()
    discount = DynamicField()
    total = DynamicField()
    currency = StringField(default="USD", choices=FIAT)
    couponCode = StringField()
    couponDiscount = DynamicField()
    coupons = ListField(DictField())
    shippingAddress = EmbeddedDocumentField(Address)
    billingAddress = EmbeddedDocumentField(Address)
    shippingMethod = StringField()
    estimatedDelivery = DateTimeField()
    trackingNumber = StringField()
    carrierName = StringField()
    paymentMethod = StringField(choices=METHODS)
    paymentProvider = StringField()
    paymentId = StringField()
    paymentIntentId = StringField()
    paymentStatus = StringField(default=UNPAID, choices=PAYMENT_STATUSES)
    paidAt = DateTimeField()
    paidAmount = DynamicField()
    refundedAmount = DynamicField()
    refunds = EmbeddedDocumentListField(Refund)
    refundDueAt = DateTimeField()
    isBooked = BooleanField()
    status = StringField(default=PENDING, choices=STATUSES)
    statusHistory = EmbeddedDocumentListField(Step)
    expiresAt = DateTimeField()
    expiredAt = DateTimeField()
    shippedAt = DateTimeField()
    deliveredAt = DateTimeField()
    cancelledAt = DateTimeField()
    cancellationReason = StringField()
    returnedAt = DateTimeField()
    returnReason = StringField()
    customerNotes = StringField()
    sellerId = Ref("users")
    canReview = BooleanField(default=False)
    reviewedAt = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)


class Parcel(BaseDocument):
    """What carriers tell of an order: one document for each, in which its parcels' events stand together."""

    meta = {"collection": "shippings"}

    orderId = Ref("orders", required=True)
    userId = Ref("users", required=True)
    carrier = StringField(choices=CARRIERS)
    trackingNumber = StringField()
    trackingUrl = StringField()
    status = StringField()
    shippedAt = DateTimeField()
    estimatedDelivery = DateTimeField()
    deliveredAt = DateTimeField()
    currentLocation = StringField()
    events = ListField(DictField())
    updatedAt = DateTimeField(default=clock.now)
