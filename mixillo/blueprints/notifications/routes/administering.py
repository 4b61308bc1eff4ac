"""What administrators send to many."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.notifications.queries import broadcasts
from mixillo.blueprints.notifications.routes.blueprint import blueprint
from mixillo.blueprints.notifications.schemas.given import BroadcastsQuery, BroadcastToSchema
from mixillo.blueprints.notifications.schemas.shown import BroadcastSchema
from mixillo.blueprints.notifications.services import broadcasting
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

BROADCAST = fields.Nested(BroadcastSchema, required=True)
COUNT = fields.Integer(required=True)
MESSAGE = {
    "title": "Maintenance tonight",
    "message": "We will be back in ten minutes.",
    "type": "system",
    "recipientType": "specific",
    "userIds": ["64b7f3a2c9e77a0012ab34cd"],
    "link": "/news",
}


@blueprint.post("/admin/send")
@login_required(*ADMINS)
@rate_limited("broadcasts", "30/minute")
@idempotent
@blueprint.accepts(BroadcastToSchema, example=MESSAGE)
@blueprint.returns(
    201,
    broadcast=BROADCAST,
    sent=fields.Integer(required=True, metadata={"description": "How many it goes to."}),
    recipientType=fields.String(required=True),
    targetSegment=fields.String(required=True, allow_none=True),
)
def send_to_many(body: dict[str, Any]) -> Reply:
    """Send a message to all, to a segment or to some people

    In batches, in the background; it goes on where it stopped if a server ends. `GET
    /api/notifications/admin/{id}` says how far it is. Who does not want such messages is skipped.
    """
    made = broadcasting.send(current_viewer(), body, operation_id())
    data = {"broadcast": made, "sent": made["total"]} | {
        name: made[name] for name in ("recipientType", "targetSegment")
    }
    return Reply(data, "It is on its way", location=f"/api/notifications/admin/{made['_id']}")


@blueprint.get("/admin/history")
@login_required(*ADMINS)
@blueprint.takes(BroadcastsQuery)
@blueprint.returns(
    200,
    notifications=fields.List(fields.Nested(BroadcastSchema), required=True),
    pagination=fields.Nested(PaginationSchema, required=True),
)
def list_sent(query: dict[str, Any]) -> dict[str, Any]:
    """List what was sent to many

    The latest first.
    """
    found, pagination = broadcasts.page(query)
    return {"notifications": found, "pagination": pagination}


@blueprint.get("/admin/stats")
@login_required(*ADMINS)
@blueprint.returns(
    200, totalSent=COUNT, sentToday=COUNT, delivered=COUNT, failed=COUNT, skipped=COUNT, readCount=COUNT,
    readRate=fields.Float(required=True, metadata={"description": "0 to 1."}),
)  # fmt: skip
def show_statistics() -> dict[str, Any]:
    """Count what was sent to many

    In the last 90 days, and how much of it was read.
    """
    return broadcasts.statistics()


@blueprint.get("/admin/<id:broadcast_id>")
@login_required(*ADMINS)
@blueprint.returns(200, broadcast=BROADCAST)
@blueprint.refuses(404)
def show_sent(broadcast_id: ObjectId) -> dict[str, Any]:
    """Show a message to many, and how far it is

    `progress` goes from 0 to 1.
    """
    return {"broadcast": broadcasts.one(broadcast_id)}


@blueprint.delete("/admin/<id:broadcast_id>")
@login_required(*ADMINS)
@blueprint.returns(200, broadcast=BROADCAST)
@blueprint.refuses(404)
def withdraw(broadcast_id: ObjectId) -> Reply:
    """Take a message to many back

    It disappears from everybody's list, in the background; the history keeps that it was sent.
    """
    return Reply({"broadcast": broadcasting.withdraw(current_viewer(), broadcast_id)}, "Taken back")
