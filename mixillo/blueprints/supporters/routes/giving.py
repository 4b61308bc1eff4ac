"""Gifts among supporters: giving, rankings, thanks."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.gifts.queries import rankings, records
from mixillo.blueprints.gifts.queries.rankings import SENDERS
from mixillo.blueprints.gifts.schemas import GiftTransactionSchema, RankSchema
from mixillo.blueprints.gifts.services import sending, thanking
from mixillo.blueprints.gifts.services.sending import Wish
from mixillo.blueprints.supporters.queries import spenders
from mixillo.blueprints.supporters.routes.blueprints import supporter_pages
from mixillo.blueprints.supporters.schemas import (
    GiftsSentQuery,
    SpenderSchema,
    SupporterSendSchema,
    SupportersQuery,
    ThanksSchema,
)
from mixillo.blueprints.users.queries import people
from mixillo.core.api import Reply, revalidated
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema, Timestamp
from mixillo.core.security import current_viewer, login_required, public

GIFT_ID, PERSON_ID = "64b7f3a2c9e77a0012ab34cd", "64b7f3a2c9e77a0012ab34ce"
SEND = {"giftId": GIFT_ID, "receiverId": PERSON_ID, "quantity": 1, "anonymous": False}
GIVEN = fields.Nested(GiftTransactionSchema, required=True)


@supporter_pages.post("/gifts/send")
@login_required()
@rate_limited("gifts", "120/minute")
@idempotent
@supporter_pages.accepts(SupporterSendSchema, example=SEND)
@supporter_pages.returns(
    201,
    transaction=GIVEN,
    newBalance=fields.Integer(required=True),
    recipientEarnings=fields.Integer(required=True),
)
@supporter_pages.refuses(404, 409)
def send(body: dict[str, Any]) -> Reply:
    """Send a gift

    The same as `POST /api/gifts/send`, with `receiverId` and `anonymous` for `recipientId` and `isAnonymous`.
    """
    outcome = sending.send(current_viewer(), Wish(**body), operation_id())
    return Reply(outcome, "Gift sent", location=f"/api/gifts/transactions/{outcome['transaction']['_id']}")


@supporter_pages.get("/gifts/transactions")
@login_required()
@supporter_pages.takes(GiftsSentQuery)
@supporter_pages.returns(
    200, transactions=fields.List(GIVEN, required=True), pagination=fields.Nested(PaginationSchema)
)
def list_gifts(query: dict[str, Any]) -> dict[str, Any]:
    """List one's gifts

    Those one has sent or, with `type=received`, received; the latest first.
    """
    read = records.sent if query["type"] == "sent" else records.received
    transactions, pagination = read(current_viewer().id, query)
    return {"transactions": transactions, "pagination": pagination}


@supporter_pages.post("/gifts/thankyou/<id:transaction_id>")
@login_required()
@rate_limited("thanks", "60/minute")
@supporter_pages.accepts(ThanksSchema, example={"message": "Thank you, that made my day!"})
@supporter_pages.returns(201, message=fields.String(required=True), at=Timestamp(required=True))
@supporter_pages.refuses(404, 409)
def thank(body: dict[str, Any], transaction_id: ObjectId) -> dict[str, Any]:
    """Thank for a gift

    Once for each gift one has received; its sender hears `gift:thankyou`, also when it was anonymous.
    """
    return thanking.thank(current_viewer(), transaction_id, body["message"])


@supporter_pages.get("/gifts/top-gifters/<id:user_id>")
@public
@revalidated
@supporter_pages.takes(SupportersQuery)
@supporter_pages.returns(200, supporters=fields.List(fields.Nested(RankSchema), required=True))
@supporter_pages.refuses(404)
def list_top_gifters(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """Rank who gave one creator most

    By coins; anonymous gifts do not count.
    """
    people.check_is_there(user_id)
    return {"supporters": rankings.senders_to(user_id, query["timeframe"], query["limit"])}


@supporter_pages.get("/leaderboard/gifting")
@public
@revalidated
@supporter_pages.takes(SupportersQuery)
@supporter_pages.returns(200, leaderboard=fields.List(fields.Nested(RankSchema), required=True))
def show_gifting(query: dict[str, Any]) -> dict[str, Any]:
    """Rank who gives most

    By coins given in gifts; anonymous ones do not count. It may be half a minute old, of all time five.
    """
    return {"leaderboard": rankings.leaderboard(SENDERS, query["timeframe"], query["limit"])}


@supporter_pages.get("/leaderboard/spenders")
@public
@revalidated
@supporter_pages.takes(SupportersQuery)
@supporter_pages.returns(200, leaderboard=fields.List(fields.Nested(SpenderSchema), required=True))
def show_spenders(query: dict[str, Any]) -> dict[str, Any]:
    """Rank who buys most credits

    Without what was refunded. It may be half a minute old, of all time five.
    """
    return {"leaderboard": spenders.leaderboard(query["timeframe"], query["limit"])}
