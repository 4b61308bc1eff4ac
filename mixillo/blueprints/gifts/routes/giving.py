"""What people do with gifts, and what they see of their own."""

from dataclasses import asdict
from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.gifts.queries import records, totals
from mixillo.blueprints.gifts.routes.blueprint import blueprint
from mixillo.blueprints.gifts.schemas import (
    AffordabilitySchema,
    GiftTransactionSchema,
    GivenSchema,
    HeldSchema,
    ReceivedSchema,
    SendSchema,
)
from mixillo.blueprints.gifts.services import affording, sending
from mixillo.blueprints.gifts.services.sending import Wish
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required

GIFT_ID, PERSON_ID = "64b7f3a2c9e77a0012ab34cd", "64b7f3a2c9e77a0012ab34ce"
SEND = {"giftId": GIFT_ID, "recipientId": PERSON_ID, "quantity": 1, "context": "profile", "message": "Well done!"}
RECORD = fields.Nested(GiftTransactionSchema, required=True)
RECORDS = fields.List(fields.Nested(GiftTransactionSchema), required=True)


@blueprint.post("/send")
@login_required()
@rate_limited("gifts", "120/minute")
@idempotent
@blueprint.accepts(SendSchema, example=SEND)
@blueprint.returns(
    201,
    transaction=RECORD,
    newBalance=fields.Integer(required=True),
    recipientEarnings=fields.Integer(required=True),
)
@blueprint.refuses(404, 409)
def send(body: dict[str, Any]) -> Reply:
    """Send a gift

    Takes the price from the sender's coins and gives the recipient their share, at once or not at all; then both
    are told by `wallet:updated`, `gift:sent` and `gift:received`. The context `livestream` needs a `livestreamId`,
    `video` a `contentId`, both of the recipient. Of an anonymous gift nobody else learns who sent it. 409
    `insufficient_funds` (with `required` and `available`), `wallet_frozen` or `gift_not_available`. Send an
    `Idempotency-Key`, so that repeating a lost request does not send twice.
    """
    outcome = sending.send(current_viewer(), Wish(**body), operation_id())
    location = f"/api/gifts/transactions/{outcome['transaction']['_id']}"
    return Reply(outcome, "Gift sent", location=location)


@blueprint.post("/check-affordability")
@login_required()
@blueprint.accepts(AffordabilitySchema, example={"giftId": GIFT_ID, "quantity": 3})
@blueprint.returns(
    200,
    canAfford=fields.Boolean(required=True),
    balance=fields.Integer(required=True),
    available=fields.Integer(required=True),
    cost=fields.Integer(required=True),
)
@blueprint.refuses(404, 409)
def check_affordability(body: dict[str, Any]) -> dict[str, Any]:
    """Tell whether one can afford a gift

    `available` is the part of the balance that no withdrawal or order has set aside; from a frozen wallet nothing
    can be paid.
    """
    return affording.check(current_viewer().id, ObjectId(body["giftId"]), body["quantity"])


@blueprint.get("/sent")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, transactions=RECORDS, pagination=fields.Nested(PaginationSchema))
def list_sent(query: dict[str, Any]) -> dict[str, Any]:
    """List the gifts one has sent

    The latest first.
    """
    transactions, pagination = records.sent(current_viewer().id, query)
    return {"transactions": transactions, "pagination": pagination}


@blueprint.get("/received")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, transactions=RECORDS, pagination=fields.Nested(PaginationSchema))
def list_received(query: dict[str, Any]) -> dict[str, Any]:
    """List the gifts one has received

    The latest first.
    """
    transactions, pagination = records.received(current_viewer().id, query)
    return {"transactions": transactions, "pagination": pagination}


@blueprint.get("/transactions/<id:transaction_id>")
@login_required()
@blueprint.returns(200, transaction=RECORD)
@blueprint.refuses(404)
def show_transaction(transaction_id: ObjectId) -> dict[str, Any]:
    """Show a gift that was sent

    To its sender and its recipient; to everybody else it is not there.
    """
    return {"transaction": records.one(transaction_id, current_viewer().id)}


@blueprint.get("/inventory")
@login_required()
@blueprint.returns(200, inventory=fields.List(fields.Nested(HeldSchema), required=True))
def show_inventory() -> dict[str, Any]:
    """List what one has received, gift by gift

    How many of each and what they earned, the latest first.
    """
    return {"inventory": records.inventory(current_viewer().id)}


@blueprint.get("/stats")
@login_required()
@blueprint.returns(
    200, sent=fields.Nested(GivenSchema, required=True), received=fields.Nested(ReceivedSchema, required=True)
)
def show_stats() -> dict[str, Any]:
    """Add up what one has sent and received

    Since the beginning.
    """
    viewer = current_viewer()
    return {"sent": asdict(totals.given(viewer.id)), "received": asdict(totals.received(viewer.id))}
