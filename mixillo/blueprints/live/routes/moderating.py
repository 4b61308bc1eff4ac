"""What the host and moderators decide."""

from typing import Any

from bson import ObjectId
from marshmallow import fields, validate

from mixillo.blueprints.live.models import STATUSES
from mixillo.blueprints.live.routes.blueprint import blueprint
from mixillo.blueprints.live.schemas.asked import (
    LiveBanBodySchema,
    LivePersonSchema,
    LivePinSchema,
    LiveRulesSchema,
    LiveSomeMinutesSchema,
)
from mixillo.blueprints.live.schemas.shown import LiveBanSchema, LiveLineSchema, LiveModeratorSchema, LiveUntilSchema
from mixillo.blueprints.live.services import chatting, moderating
from mixillo.core.api import Reply
from mixillo.core.schemas import BaseSchema, Id
from mixillo.core.security import current_viewer, login_required

PERSON = {"userId": "64b7f3a2c9e77a0012ab34cd"}
UNTIL = fields.Nested(LiveUntilSchema, required=True)


class LiveRulesShownSchema(BaseSchema):
    """What holds in a stream, as `live:settings` says it."""

    livestreamId = Id(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    slowModeSeconds = fields.Integer(required=True)
    allowComments = fields.Boolean(required=True)
    allowGifts = fields.Boolean(required=True)


@blueprint.patch("/<id:livestream_id>/settings")
@login_required()
@blueprint.accepts(LiveRulesSchema, example={"slowModeSeconds": 5})
@blueprint.returns(200, settings=fields.Nested(LiveRulesShownSchema, required=True))
@blueprint.refuses(404)
def change_settings(body: dict[str, Any], livestream_id: ObjectId) -> dict[str, Any]:
    """Change what holds in a stream

    Its host and moderators do; the room hears `live:settings`.
    """
    return {"settings": moderating.settle_rules(current_viewer(), livestream_id, body)}


@blueprint.put("/<id:livestream_id>/pin")
@login_required()
@blueprint.accepts(LivePinSchema, example={"messageId": None})
@blueprint.returns(200, message=fields.Nested(LiveLineSchema, required=True, allow_none=True))
@blueprint.refuses(404)
def pin_message(body: dict[str, Any], livestream_id: ObjectId) -> dict[str, Any]:
    """Let a line stand above the others

    Or, with `null`, none; the room hears `live:pinned`.
    """
    wanted = ObjectId(body["messageId"]) if body["messageId"] else None
    return {"message": chatting.pin(current_viewer(), livestream_id, wanted)}


@blueprint.delete("/<id:livestream_id>/messages/<id:message_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
@blueprint.needs("a line, which is said over a socket")
def delete_message(livestream_id: ObjectId, message_id: ObjectId) -> Reply:
    """Remove a line

    One's own; the host and moderators remove anybody's. The room hears `live:message_deleted`.
    """
    chatting.remove(current_viewer(), livestream_id, message_id)
    return Reply({}, "Removed")


@blueprint.post("/<id:livestream_id>/moderators")
@login_required()
@blueprint.accepts(LivePersonSchema, example=PERSON)
@blueprint.returns(201, moderator=fields.Nested(LiveModeratorSchema, required=True))
@blueprint.refuses(404, 409)
def add_moderator(body: dict[str, Any], livestream_id: ObjectId) -> Reply:
    """Let somebody decide about the others

    Only the host does; moderators mute, kick, ban, pin, remove lines and change the settings.
    """
    made = moderating.appoint(current_viewer(), livestream_id, ObjectId(body["userId"]))
    return _made("moderators", livestream_id, {"moderator": made})


@blueprint.delete("/<id:livestream_id>/moderators/<id:moderator_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def remove_moderator(livestream_id: ObjectId, moderator_id: ObjectId) -> Reply:
    """Take that back

    Also fine when they are no moderator.
    """
    moderating.dismiss(current_viewer(), livestream_id, moderator_id)
    return Reply({}, "No moderator any more")


@blueprint.post("/<id:livestream_id>/mutes")
@login_required()
@blueprint.accepts(LiveSomeMinutesSchema, example=PERSON | {"minutes": 10})
@blueprint.returns(201, mute=UNTIL)
@blueprint.refuses(404)
def mute_viewer(body: dict[str, Any], livestream_id: ObjectId) -> Reply:
    """Let somebody not write for some minutes

    The room hears `live:muted`.
    """
    made = moderating.mute(current_viewer(), livestream_id, ObjectId(body["userId"]), body["minutes"])
    return _made("mutes", livestream_id, {"mute": made})


@blueprint.delete("/<id:livestream_id>/mutes/<id:mute_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def unmute_viewer(livestream_id: ObjectId, mute_id: ObjectId) -> Reply:
    """Let somebody write again

    The id is the person's. Also fine when they may.
    """
    moderating.unmute(current_viewer(), livestream_id, mute_id)
    return Reply({}, "May write again")


@blueprint.post("/<id:livestream_id>/kicks")
@login_required()
@blueprint.accepts(LiveSomeMinutesSchema, example=PERSON | {"minutes": 5})
@blueprint.returns(201, kick=UNTIL)
@blueprint.refuses(404)
def kick_viewer(body: dict[str, Any], livestream_id: ObjectId) -> Reply:
    """Let somebody leave for some minutes

    Their sockets leave the room at once, and hear `live:kicked`.
    """
    made = moderating.kick(current_viewer(), livestream_id, ObjectId(body["userId"]), body["minutes"])
    return _made("kicks", livestream_id, {"kick": made})


@blueprint.get("/<id:livestream_id>/bans")
@login_required()
@blueprint.returns(200, bans=fields.List(fields.Nested(LiveBanSchema), required=True))
@blueprint.refuses(404)
@blueprint.needs("a stream of one's own")
def list_bans(livestream_id: ObjectId) -> dict[str, Any]:
    """List who is not to come in

    To the host and moderators.
    """
    return {"bans": moderating.banned(current_viewer(), livestream_id)}


@blueprint.post("/<id:livestream_id>/bans")
@login_required()
@blueprint.accepts(LiveBanBodySchema, example=PERSON | {"reason": "Advertising"})
@blueprint.returns(201, ban=fields.Nested(LiveBanSchema, required=True))
@blueprint.refuses(404, 409)
def ban_viewer(body: dict[str, Any], livestream_id: ObjectId) -> Reply:
    """Let somebody leave for good

    Their sockets leave the room at once, and hear `live:kicked`.
    """
    made = moderating.ban(current_viewer(), livestream_id, ObjectId(body["userId"]), body.get("reason"))
    return _made("bans", livestream_id, {"ban": made})


@blueprint.delete("/<id:livestream_id>/bans/<id:ban_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def unban_viewer(livestream_id: ObjectId, ban_id: ObjectId) -> Reply:
    """Let somebody in again

    The id is the person's; it ends a kick too. Also fine when they may come.
    """
    moderating.unban(current_viewer(), livestream_id, ban_id)
    return Reply({}, "May come again")


def _made(what: str, livestream_id: ObjectId, data: dict[str, Any]) -> Reply:
    (made,) = data.values()
    return Reply(data, location=f"/api/live/{livestream_id}/{what}/{made['_id']}")
