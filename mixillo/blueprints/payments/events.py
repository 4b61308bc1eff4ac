"""Live events of payments."""

from marshmallow import fields

from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id


class PaymentUpdatedSchema(BaseSchema):
    """Where a payment stands; what it brought is told by events of its own (``wallet:updated``)."""

    paymentId = Id(required=True)
    type = fields.String(required=True, metadata={"example": "coin_purchase"})
    status = fields.String(required=True, metadata={"example": "completed"})


PAYMENT_UPDATED = events.declare(
    "payment:updated", PaymentUpdatedSchema, hearers="who pays", when="it was paid, declined or given back"
)
