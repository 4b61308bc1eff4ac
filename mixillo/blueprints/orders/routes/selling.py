"""What sellers do with orders: their own part of them. Administrators do it with every part."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.orders.queries import orders
from mixillo.blueprints.orders.routes.blueprint import blueprint
from mixillo.blueprints.orders.schemas.asked import OrdersQuery
from mixillo.blueprints.orders.schemas.given import AcceptReturnSchema, DeclineReturnSchema, OrderStatusSchema
from mixillo.blueprints.orders.schemas.shown import AnyOrderSchema, SoldOrderSchema
from mixillo.blueprints.orders.services import moving, returning
from mixillo.blueprints.orders.services.moving import Step
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

SELLERS = ("seller", *ADMINS)
ORDER = fields.Nested(AnyOrderSchema, required=True)
SHIPPED = {"status": "shipped", "carrier": "DHL", "trackingNumber": "JD014600006228974610"}


@blueprint.get("/seller")
@login_required("seller")
@blueprint.takes(OrdersQuery)
@blueprint.returns(
    200, orders=fields.List(fields.Nested(SoldOrderSchema), required=True), pagination=fields.Nested(PaginationSchema)
)
def list_sold(query: dict[str, Any]) -> dict[str, Any]:
    """List the orders that one has a part in

    As a seller, the newest first; each as if one's own part was all of it.
    """
    found, pagination = orders.sold_by(current_viewer().id, query)
    return {"orders": found, "pagination": pagination}


@blueprint.put("/<id:order_id>/status")
@login_required(*SELLERS)
@rate_limited("order-status", "300/minute")
@blueprint.accepts(OrderStatusSchema, example=SHIPPED)
@blueprint.needs("order of the seller's that was paid")
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404, 409)
def set_order_status(body: dict[str, Any], order_id: ObjectId) -> Reply:
    """Move an order on

    A seller their part, an administrator every part or that of one store. Forward only; `delivered` pays the seller,
    `cancelled` (before it is sent) and `returned` (after) give goods and money back. 409 `order_not_paid`,
    `order_status_conflict`. The status that it has already changes nothing but what is said of the parcel.
    """
    return moved(body, order_id)


@blueprint.post("/<id:order_id>/return/accept")
@login_required(*SELLERS)
@rate_limited("order-status", "300/minute")
@idempotent
@blueprint.accepts(AcceptReturnSchema, example={"note": "It is back, thank you"}, required=False)
@blueprint.needs("order that is to be sent back")
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404, 409)
def accept_return(body: dict[str, Any], order_id: ObjectId) -> Reply:
    """Take something back

    That its buyer has asked to send back (409 `order_not_returnable`): the goods are on the shelf again, the money
    goes back to the buyer, and what the seller got for it is taken from their wallet.
    """
    viewer = current_viewer()
    order = returning.accept(viewer, order_id, body["note"], body["storeId"])
    return Reply({"order": orders.shown_to(viewer, order)}, "Taken back")


@blueprint.post("/<id:order_id>/return/decline")
@login_required(*SELLERS)
@rate_limited("order-status", "300/minute")
@idempotent
@blueprint.accepts(DeclineReturnSchema, example={"note": "It has been worn"})
@blueprint.needs("order that is to be sent back")
@blueprint.returns(200, order=ORDER)
@blueprint.refuses(404, 409)
def decline_return(body: dict[str, Any], order_id: ObjectId) -> Reply:
    """Refuse to take something back

    The buyer is told why, and may ask again.
    """
    viewer = current_viewer()
    order = returning.decline(viewer, order_id, body["note"], body["storeId"])
    return Reply({"order": orders.shown_to(viewer, order)}, "Not taken back")


def moved(body: dict[str, Any], order_id: ObjectId) -> Reply:
    viewer = current_viewer()
    parcel: dict[str, Any] = {name: body[name] for name in ("carrier", "trackingNumber", "trackingUrl") if name in body}
    order = moving.move(viewer, order_id, Step(body["status"], body["note"], body["storeId"], parcel))
    return Reply({"order": orders.shown_to(viewer, order)}, "Status updated")
