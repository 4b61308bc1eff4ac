"""Watching a stream, liking it, giving something; over sockets it is done with `live:join` and its like."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.gifts.schemas import GiftTransactionSchema
from mixillo.blueprints.live.queries import browsing, sight
from mixillo.blueprints.live.routes.blueprint import blueprint
from mixillo.blueprints.live.routes.browsing import OWN_LIVESTREAM
from mixillo.blueprints.live.schemas.asked import LiveGivingSchema, LiveJoinSchema, LiveLikeSchema
from mixillo.blueprints.live.services import giving, liking, media, watching
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required

TEXT = fields.String(required=True, allow_none=True)
GIFT = {"giftId": "64b7f3a2c9e77a0012ab34cd", "quantity": 1, "message": "Well done!"}


@blueprint.post("/<id:livestream_id>/join")
@login_required()
@blueprint.accepts(LiveJoinSchema, example={})
@blueprint.returns(200, livestream=OWN_LIVESTREAM, token=TEXT, serverUrl=TEXT)
@blueprint.refuses(404, 409)
def join_stream(body: dict[str, Any], livestream_id: ObjectId) -> dict[str, Any]:
    """Come to a stream

    With what its provider wants to see. Chat, likes and gifts come over the socket, after `live:join`, and who is
    there counts as a viewer. 403 for whom the host has kicked or banned, 409 where nothing is on the air.
    """
    viewer = current_viewer()
    stream = sight.find(livestream_id, viewer)
    sight.check_on_air(stream)
    sight.check_welcome(stream, viewer)
    role = sight.role(stream, viewer)
    if role != sight.HOST:
        watching.see(livestream_id, [viewer.id])
    token = media.ticket_of(stream, viewer, role)
    shown = browsing.one(livestream_id, viewer)
    return {"livestream": shown, "token": token, "serverUrl": media.server_of(stream)}


@blueprint.post("/<id:livestream_id>/token")
@login_required()
@rate_limited("live_token", "30/minute")
@blueprint.returns(
    200,
    provider=fields.String(required=True, metadata={"example": "livekit"}),
    token=TEXT,
    serverUrl=TEXT,
)
@blueprint.refuses(404, 409)
def renew_token(livestream_id: ObjectId) -> dict[str, Any]:
    """Get another token for a stream's provider

    As from starting or joining, for who comes back to the media: they are good for ten minutes. The host's lets one
    publish, everybody else's only watch; `null` where the provider wants nothing of us. 409
    `live_provider_not_configured` where it cannot be signed.
    """
    viewer = current_viewer()
    stream = sight.find(livestream_id, viewer)
    sight.check_on_air(stream)
    sight.check_welcome(stream, viewer)
    token = media.ticket_of(stream, viewer, sight.role(stream, viewer))
    return {"provider": stream["provider"], "token": token, "serverUrl": media.server_of(stream)}


@blueprint.post("/<id:livestream_id>/leave")
@login_required()
@blueprint.returns(200)
def leave_stream(livestream_id: ObjectId) -> Reply:
    """Leave a stream

    Also fine when one is not there.
    """
    watching.leave(livestream_id, current_viewer())
    return Reply({}, "Left")


@blueprint.post("/<id:livestream_id>/like")
@login_required()
@blueprint.accepts(LiveLikeSchema, example={"count": 3})
@blueprint.returns(200, likesCount=fields.Integer(required=True))
@blueprint.refuses(404, 409)
def like_stream(body: dict[str, Any], livestream_id: ObjectId) -> dict[str, Any]:
    """Like a stream

    As often as one likes: `count` are the taps since the last time. They are counted within a second, when the room
    hears `live:likes`.
    """
    return {"likesCount": liking.like(current_viewer(), livestream_id, body["count"])}


@blueprint.post("/<id:livestream_id>/gift")
@login_required()
@rate_limited("gifts", "120/minute")
@idempotent
@blueprint.accepts(LiveGivingSchema, example=GIFT)
@blueprint.returns(
    201,
    transaction=fields.Nested(GiftTransactionSchema, required=True),
    newBalance=fields.Integer(required=True),
    recipientEarnings=fields.Integer(required=True),
)
@blueprint.refuses(404, 409)
@blueprint.needs("a stream of somebody else's")
def give_to_stream(body: dict[str, Any], livestream_id: ObjectId) -> Reply:
    """Give the host something

    Like `POST /api/gifts/send`: the coins move, and the room hears `live:gift`, together or not at all.
    """
    outcome = giving.give(current_viewer(), livestream_id, body, operation_id())
    return Reply(outcome, "Gift sent", location=f"/api/gifts/transactions/{outcome['transaction']['_id']}")
