"""The live events of orders."""

from marshmallow import fields, validate

from mixillo.blueprints.orders.models import PAYMENT_STATUSES, STATUSES
from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id


class OrderToldSchema(BaseSchema):
    """Where an order stands; for a seller ``status`` is that of their part."""

    orderId = Id(required=True)
    orderNumber = fields.String(required=True, metadata={"example": "ORD-MJ0A1B2C-9ZK4QF"})
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    paymentStatus = fields.String(required=True, validate=validate.OneOf(PAYMENT_STATUSES))


ORDER_UPDATED = events.declare(
    "order:updated",
    OrderToldSchema,
    hearers="who bought it and who sells it",
    when="it was placed, paid, sent, delivered, cancelled, given back, or somebody asked for the latter",
)
