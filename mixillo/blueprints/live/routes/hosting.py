"""Announcing and holding a stream."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.live.queries import browsing, sight
from mixillo.blueprints.live.queries.sight import HOST
from mixillo.blueprints.live.routes.blueprint import blueprint
from mixillo.blueprints.live.routes.browsing import OWN_LIVESTREAM
from mixillo.blueprints.live.schemas.asked import LiveScheduleSchema, LiveStreamSchema
from mixillo.blueprints.live.services import hosting, media
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import Viewer, current_viewer, login_required

STREAM = {"title": "Opening the kiln", "description": "What came of it?", "provider": "webrtc", "type": "solo"}
TEXT = fields.String(required=True, allow_none=True)
NEW_MEMBERS: dict[str, fields.Field] = {
    "livestream": OWN_LIVESTREAM,
    "streamId": TEXT,
    "channelId": TEXT,
    "chatRoomId": TEXT,
    "token": fields.String(
        required=True, allow_none=True, metadata={"description": "For the provider, where it wants one of us."}
    ),
    "config": fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True),
}


@blueprint.post("/start")
@login_required()
@rate_limited("live_start", "10/minute")
@idempotent
@blueprint.accepts(LiveStreamSchema, example=STREAM)
@blueprint.returns(201, **NEW_MEMBERS)
@blueprint.refuses(409)
@blueprint.needs("a host who is not on the air")
def start_stream(body: dict[str, Any]) -> Reply:
    """Go on the air

    At once; with the provider `rtmp` it is `starting` until our media server receives something, which it waits for
    ten minutes; `config` is what an encoder needs for it. 409 `live_already_running`, with its `livestreamId`, while
    another stream of the host's runs.
    """
    host = current_viewer()
    return _begun(hosting.start(host, body, operation_id()), host)


@blueprint.post("/schedule")
@login_required()
@rate_limited("live_schedule", "30/minute")
@idempotent
@blueprint.accepts(LiveScheduleSchema, example=STREAM | {"scheduledFor": "2030-01-31T12:00:00.000Z"})
@blueprint.returns(201, livestream=OWN_LIVESTREAM)
@blueprint.refuses(409)
def schedule_stream(body: dict[str, Any]) -> Reply:
    """Announce a stream

    It is called off by itself when nobody has started it a day later.
    """
    host = current_viewer()
    made = hosting.schedule(host, body, operation_id())
    return Reply({"livestream": browsing.shown(made, host)}, "Announced", location=f"/api/live/scheduled/{made['_id']}")


@blueprint.delete("/scheduled/<id:livestream_id>")
@login_required()
@blueprint.returns(200, livestream=OWN_LIVESTREAM)
@blueprint.refuses(404, 409)
def cancel_stream(livestream_id: ObjectId) -> Reply:
    """Call off what one has announced

    It stays in one's own list, as one that did not take place.
    """
    host = current_viewer()
    return Reply({"livestream": browsing.shown(hosting.cancel(host, livestream_id), host)}, "Called off")


@blueprint.post("/<id:livestream_id>/start")
@login_required()
@blueprint.returns(200, **NEW_MEMBERS)
@blueprint.refuses(404, 409)
@blueprint.needs("a stream that one has announced, while one is not on the air")
def start_scheduled_stream(livestream_id: ObjectId) -> Reply:
    """Go on the air with what one has announced

    As with `POST /api/live/start`.
    """
    host = current_viewer()
    reply = _begun(hosting.start_scheduled(host, livestream_id), host)
    reply.location = None
    return reply


@blueprint.post("/<id:livestream_id>/pause")
@login_required()
@blueprint.returns(200, livestream=OWN_LIVESTREAM)
@blueprint.refuses(404, 409)
def pause_stream(livestream_id: ObjectId) -> dict[str, Any]:
    """Pause one's stream

    Everybody stays in the room; after 15 minutes it ends by itself.
    """
    host = current_viewer()
    sight.of_host(livestream_id, host)
    return {"livestream": browsing.shown(hosting.pause(livestream_id), host)}


@blueprint.post("/<id:livestream_id>/resume")
@login_required()
@blueprint.returns(200, livestream=OWN_LIVESTREAM)
@blueprint.refuses(404, 409)
def resume_stream(livestream_id: ObjectId) -> dict[str, Any]:
    """Go on after a pause

    409 where it does not pause.
    """
    host = current_viewer()
    sight.of_host(livestream_id, host)
    return {"livestream": browsing.shown(hosting.resume(livestream_id), host)}


def _begun(stream: dict[str, Any], host: Viewer) -> Reply:
    names = {name: stream.get(name) for name in ("streamId", "channelId", "chatRoomId")}
    livestream = browsing.shown(stream, host)
    config = {name: livestream[name] for name in ("provider", "rtmpUrl", "streamKey")}
    config["serverUrl"] = media.server_of(stream)
    made = {"livestream": livestream, "token": media.ticket_of(stream, host, HOST), "config": config}
    return Reply(made | names, "On the air", location=f"/api/live/{stream['_id']}")
