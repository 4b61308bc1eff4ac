"""Shapes of payments, in and out."""

from marshmallow import fields, validate

from mixillo.blueprints.payments.models import METHODS, STATUSES, TYPES
from mixillo.core.money import FIAT
from mixillo.core.schemas import Amount, BaseSchema, Id, PageQuery, Text, Timestamp, UserSummary

NAMES = validate.Length(max=255)


class PaymentsQuery(PageQuery):
    """Which of one's payments a list shows."""

    status = fields.String(validate=validate.OneOf(STATUSES))
    type = fields.String(validate=validate.OneOf(TYPES))


class AllPaymentsQuery(PaymentsQuery):
    """Which payments an administrator's list shows."""

    userId = Id(metadata={"description": "Whose."})


class RefundSchema(BaseSchema):
    """How much is given back, and why."""

    amount = Amount(metadata={"description": "In units of the payment's currency; all that is left unless given."})
    reason = Text(required=True, min_length=3, max_length=300, metadata={"example": "Bought by mistake"})


class DeclineSchema(BaseSchema):
    """Why a sandbox payment is declined."""

    reason = Text(max_length=200, load_default="Your card was declined")


class PaymentSchema(BaseSchema):
    """A payment as its payer sees it."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    orderId = Id(required=True, allow_none=True)
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    amount = fields.Float(required=True, metadata={"example": 9.99})
    refundAmount = fields.Float(required=True, metadata={"example": 0.0})
    currency = fields.String(required=True, validate=validate.OneOf(FIAT))
    paymentMethod = fields.String(required=True, allow_none=True, validate=validate.OneOf(METHODS))
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    description = fields.String(required=True, allow_none=True)
    provider = fields.String(required=True, allow_none=True)
    failureReason = fields.String(required=True, allow_none=True)
    metadata = fields.Dict(required=True, metadata={"description": "What is bought."})
    expiresAt = Timestamp(required=True, allow_none=True)
    completedAt = Timestamp(required=True, allow_none=True)
    failedAt = Timestamp(required=True, allow_none=True)
    refundedAt = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class PaymentOfSchema(PaymentSchema):
    """A payment as an administrator sees it; ``user`` is null where the account is closed."""

    user = fields.Nested(UserSummary, required=True, allow_none=True)


class CheckoutSchema(BaseSchema):
    """Where the payer goes on."""

    provider = fields.String(required=True, metadata={"example": "sandbox"})
    reference = fields.String(required=True, metadata={"description": "The provider's name for the payment."})
    clientSecret = fields.String(
        required=True, allow_none=True, metadata={"description": "What Stripe's library confirms the payment with."}
    )
    url = fields.String(
        required=True, allow_none=True, metadata={"description": "In the sandbox: `POST` here completes the payment."}
    )
