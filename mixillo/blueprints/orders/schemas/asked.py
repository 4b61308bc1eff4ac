"""What lists of orders are asked for."""

from marshmallow import fields, validate

from mixillo.blueprints.orders.models import PAYMENT_STATUSES, STATUSES
from mixillo.core.schemas import PageQuery


class OrdersQuery(PageQuery):
    """Which of one's orders a list shows."""

    status = fields.String(validate=validate.OneOf(STATUSES))


class AllOrdersQuery(OrdersQuery):
    """Which orders an administrator's list shows."""

    paymentStatus = fields.String(validate=validate.OneOf(PAYMENT_STATUSES))
    search = fields.String(
        validate=validate.Length(min=1, max=100),
        metadata={
            "description": "An id, the beginning of a number, or a buyer: username or address.",
            "example": "ORD-",
        },
    )
