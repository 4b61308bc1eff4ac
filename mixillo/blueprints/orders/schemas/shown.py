"""Orders as the API shows them."""

from marshmallow import fields, validate

from mixillo.blueprints.orders.models import METHODS, PAYMENT_STATUSES, STATUSES
from mixillo.core.money import FIAT
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary

STATUS = validate.OneOf(STATUSES)


def _text(**keywords: object) -> fields.String:
    return fields.String(required=True, allow_none=True, **keywords)  # type: ignore[arg-type]


class SentAddressSchema(BaseSchema):
    """Where it is sent, or who is charged; of orders from before some of it may be missing."""

    fullName = _text(metadata={"example": "Ada Lovelace"})
    phone = _text()
    addressLine1 = _text()
    addressLine2 = _text()
    city = _text()
    state = _text()
    postalCode = _text()
    country = _text(metadata={"example": "GB"})


class ChosenVariantSchema(BaseSchema):
    """The variant that was bought."""

    name = fields.String(required=True, metadata={"example": "Colour"})
    value = fields.String(required=True, metadata={"example": "Sand"})


class OrderItemSchema(BaseSchema):
    """So many of one thing, as it was called and what it cost when it was ordered."""

    _id = Id(required=True, allow_none=True)
    productId = Id(required=True, allow_none=True)
    storeId = Id(required=True, allow_none=True)
    sellerId = Id(required=True, allow_none=True)
    name = fields.String(required=True)
    productName = fields.String(required=True)
    image = _text()
    productImage = _text()
    price = fields.Float(required=True)
    quantity = fields.Integer(required=True)
    total = fields.Float(required=True)
    discount = fields.Float(required=True)
    variantId = Id(required=True, allow_none=True)
    variant = fields.Nested(ChosenVariantSchema, required=True, allow_none=True)
    variantName = _text()


class OrderPayoutSchema(BaseSchema):
    """What a seller got: ``net`` = ``amount`` − ``commission``; ``refunded`` of ``amount`` was taken back since."""

    amount = fields.Float(required=True)
    commission = fields.Float(required=True)
    net = fields.Float(required=True)
    refunded = fields.Float(required=True)
    at = Timestamp(required=True)


class FulfilmentSchema(BaseSchema):
    """The part of an order that one store sends: ``amount`` = goods − discount + shipping + tax."""

    storeId = Id(required=True, allow_none=True)
    sellerId = Id(required=True, allow_none=True)
    status = fields.String(required=True, validate=STATUS)
    goods = fields.Float(required=True)
    discount = fields.Float(required=True)
    shipping = fields.Float(required=True)
    tax = fields.Float(required=True)
    amount = fields.Float(required=True)
    refunded = fields.Float(required=True)
    carrier = _text()
    trackingNumber = _text()
    trackingUrl = _text()
    shippedAt = Timestamp(required=True, allow_none=True)
    deliveredAt = Timestamp(required=True, allow_none=True)
    cancelledAt = Timestamp(required=True, allow_none=True)
    returnedAt = Timestamp(required=True, allow_none=True)
    returnRequestedAt = Timestamp(required=True, allow_none=True)
    returnReason = _text()


class PaidFulfilmentSchema(FulfilmentSchema):
    """The same, as its seller and administrators see it."""

    payout = fields.Nested(OrderPayoutSchema, required=True, allow_none=True)


class OrderStepSchema(BaseSchema):
    """Something that happened; ``storeId`` says to the part of which store."""

    status = fields.String(required=True, validate=STATUS)
    timestamp = Timestamp(required=True, allow_none=True)
    note = _text()
    updatedBy = Id(required=True, allow_none=True)
    storeId = Id(required=True, allow_none=True)


class OrderRefundSchema(BaseSchema):
    """Money that goes back; ``isDone`` once it has."""

    amount = fields.Float(required=True)
    reason = _text()
    isDone = fields.Boolean(required=True)
    at = Timestamp(required=True, allow_none=True)


class OrderSchema(BaseSchema):
    """An order as its buyer sees it. ``total`` = subtotal − discount + shipping + tax, in units of ``currency``.

    ``status`` is that of the least advanced part; ``expiresAt`` is there as long as it waits to be paid.
    """

    _id = Id(required=True)
    id = Id(required=True)
    orderNumber = fields.String(required=True, metadata={"example": "ORD-MJ0A1B2C-9ZK4QF"})
    userId = Id(required=True)
    items = fields.List(fields.Nested(OrderItemSchema), required=True)
    fulfilments = fields.List(fields.Nested(FulfilmentSchema), required=True)
    subtotal = fields.Float(required=True, metadata={"example": 22.95})
    tax = fields.Float(required=True)
    shipping = fields.Float(required=True)
    discount = fields.Float(required=True)
    total = fields.Float(required=True, metadata={"example": 31.24})
    currency = fields.String(required=True, validate=validate.OneOf(FIAT))
    couponCode = _text()
    couponDiscount = fields.Float(required=True)
    shippingAddress = fields.Nested(SentAddressSchema, required=True, allow_none=True)
    billingAddress = fields.Nested(SentAddressSchema, required=True, allow_none=True)
    shippingMethod = _text()
    estimatedDelivery = Timestamp(required=True, allow_none=True)
    trackingNumber = _text()
    carrierName = _text()
    paymentMethod = _text(validate=validate.OneOf(METHODS))
    paymentStatus = fields.String(required=True, validate=validate.OneOf(PAYMENT_STATUSES))
    paymentId = _text(metadata={"description": "The id of its payment, where it is paid through the provider."})
    paidAt = Timestamp(required=True, allow_none=True)
    refundedAmount = fields.Float(required=True)
    refunds = fields.List(fields.Nested(OrderRefundSchema), required=True)
    status = fields.String(required=True, validate=STATUS)
    statusHistory = fields.List(fields.Nested(OrderStepSchema), required=True)
    expiresAt = Timestamp(required=True, allow_none=True)
    shippedAt = Timestamp(required=True, allow_none=True)
    deliveredAt = Timestamp(required=True, allow_none=True)
    cancelledAt = Timestamp(required=True, allow_none=True)
    cancellationReason = _text()
    returnedAt = Timestamp(required=True, allow_none=True)
    returnReason = _text()
    customerNotes = _text()
    sellerId = Id(required=True, allow_none=True, metadata={"description": "Where there is one seller."})
    canReview = fields.Boolean(required=True)
    orderDate = Timestamp(required=True, allow_none=True)
    date = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class SoldOrderSchema(OrderSchema):
    """An order as a seller sees it: their part, as if that was all of it."""

    fulfilments = fields.List(fields.Nested(PaidFulfilmentSchema), required=True)


class AnyFulfilmentSchema(FulfilmentSchema):
    """The same, as whoever asks sees it."""

    payout = fields.Nested(OrderPayoutSchema, allow_none=True)


class AnyOrderSchema(OrderSchema):
    """An order as whoever asks sees it; ``payout`` and ``user`` are for sellers and administrators."""

    fulfilments = fields.List(fields.Nested(AnyFulfilmentSchema), required=True)
    user = fields.Nested(UserSummary, allow_none=True)


class OrderOfSchema(SoldOrderSchema):
    """An order as administrators see it; ``user`` is null where the account is closed."""

    user = fields.Nested(UserSummary, required=True, allow_none=True)


class TrackedParcelSchema(BaseSchema):
    """What one store sends."""

    storeId = Id(required=True, allow_none=True)
    status = fields.String(required=True, validate=STATUS)
    carrier = _text()
    trackingNumber = _text()
    trackingUrl = _text()
    shippedAt = Timestamp(required=True, allow_none=True)
    deliveredAt = Timestamp(required=True, allow_none=True)


class TrackedEventSchema(BaseSchema):
    """Something that happened on the way."""

    status = fields.String(required=True)
    timestamp = Timestamp(required=True)
    description = fields.String(required=True)
    location = _text()


class TrackingSchema(BaseSchema):
    """Where an order is; the latest event first."""

    orderId = Id(required=True)
    orderNumber = fields.String(required=True)
    status = fields.String(required=True, validate=STATUS)
    carrier = _text()
    trackingNumber = _text()
    trackingUrl = _text()
    currentLocation = _text()
    estimatedDelivery = Timestamp(required=True, allow_none=True)
    deliveredAt = Timestamp(required=True, allow_none=True)
    parcels = fields.List(fields.Nested(TrackedParcelSchema), required=True)
    events = fields.List(fields.Nested(TrackedEventSchema), required=True)
