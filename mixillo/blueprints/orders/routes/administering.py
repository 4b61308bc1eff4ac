"""What administrators do with orders."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.orders.models import STATUSES
from mixillo.blueprints.orders.queries import figures, orders
from mixillo.blueprints.orders.routes import selling
from mixillo.blueprints.orders.routes.blueprint import blueprint
from mixillo.blueprints.orders.schemas.asked import AllOrdersQuery
from mixillo.blueprints.orders.schemas.given import GiveBackSchema, OrderStatusSchema
from mixillo.blueprints.orders.schemas.shown import OrderOfSchema
from mixillo.blueprints.orders.services import refunding
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

ORDER = fields.Nested(OrderOfSchema, required=True)
COUNT = fields.Integer(required=True)
COUNTS = dict.fromkeys(STATUSES, COUNT)


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(AllOrdersQuery)
@blueprint.returns(
    200, orders=fields.List(fields.Nested(OrderOfSchema), required=True), pagination=fields.Nested(PaginationSchema)
)
def list_all_orders(query: dict[str, Any]) -> dict[str, Any]:
    """List all orders

    The newest first, with who bought beside each.
    """
    found, pagination = orders.everything(query)
    return {"orders": found, "pagination": pagination}


@blueprint.get("/admin/stats")
@login_required(*ADMINS)
@blueprint.returns(
    200,
    total=COUNT,
    **COUNTS,
    today=COUNT,
    revenue=fields.Float(required=True),
    currency=fields.String(required=True),
    revenueByCurrency=fields.Dict(keys=fields.String(), values=fields.Float(), required=True),
)
def show_order_stats() -> dict[str, Any]:
    """Count orders

    In all, by status, and those of the last 24 hours. `revenue` is what was paid and not given back in `currency`, the
    one with most.
    """
    return figures.statistics()


@blueprint.get("/admin/<id:order_id>")
@login_required(*ADMINS)
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404)
def show_any_order(order_id: ObjectId) -> dict[str, Any]:
    """Show anybody's order

    With who bought beside it, and what its sellers got.
    """
    return {"order": orders.one(current_viewer(), str(order_id))}


@blueprint.put("/admin/<id:order_id>/status")
@login_required(*ADMINS)
@rate_limited("order-status", "300/minute")
@blueprint.accepts(OrderStatusSchema, example=selling.SHIPPED)
@blueprint.needs("order that was paid")
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404, 409)
def set_any_order_status(body: dict[str, Any], order_id: ObjectId) -> Reply:
    """Move anybody's order on

    Every part of it, or that of one store; otherwise like a seller.
    """
    return selling.moved(body, order_id)


@blueprint.post("/admin/<id:order_id>/refund")
@login_required(*ADMINS)
@rate_limited("refund", "60/minute")
@idempotent
@blueprint.accepts(GiveBackSchema, example={"amount": 5.0, "reason": "Arrived with a scratch"})
@blueprint.needs("order that was paid")
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404, 409)
def refund_order(body: dict[str, Any], order_id: ObjectId) -> Reply:
    """Give money of an order back

    All that is left, or `amount`; of every part in turn, or that of one store. It goes to where it came from; where a
    seller was paid, their share of it is taken from their wallet. The goods stay where they are. 409
    `order_not_refundable`.
    """
    viewer = current_viewer()
    order = refunding.give_back(viewer, order_id, body.get("amount"), body["reason"], body["storeId"])
    return Reply({"order": orders.shown_to(viewer, order)}, "Given back")
