"""Who is told that a stream has begun, changed or ended.

The room is told in the transaction that changes the stream; followers one by one, beside the request, as far as they
are online: who comes later sees the list.
"""

from collections.abc import Iterator
from typing import Any

import structlog
from blinker import Signal
from bson import ObjectId

from mixillo.blueprints.live import events
from mixillo.blueprints.users.models import Follow, User
from mixillo.blueprints.users.queries import people
from mixillo.core import realtime
from mixillo.core.realtime import presence
from mixillo.core.realtime.room_log import Told
from mixillo.extensions import socketio

Document = dict[str, Any]
log = structlog.get_logger(__name__)
# Sent after the commit with ``stream``, as it is stored then: once when it is on the air for the first time, and once
# when it is over.
started, ended = Signal(), Signal()
AT_ONCE = 500


def settings(stream: Document) -> Told:
    """Return what the room is told of a stored stream's state and rules."""
    payload = {
        "livestreamId": stream["_id"],
        "status": stream["status"],
        "slowModeSeconds": int(stream.get("slowModeSeconds") or 0),
        "allowComments": stream.get("allowComments") is not False,
        "allowGifts": stream.get("allowGifts") is not False,
    }
    return events.room(stream["_id"]), events.SETTINGS, payload


def over(stream: Document, reason: str) -> Told:
    """Return what the room is told of a stored stream that has ended."""
    payload = {
        "livestreamId": stream["_id"],
        "streamId": stream.get("streamId") or "",
        "status": stream["status"],
        "reason": reason,
        "duration": int(stream.get("duration") or 0),
    }
    return events.room(stream["_id"]), events.ENDED, payload


def on_air(stream: Document) -> None:
    """After the commit: tell the features above, and, beside the request, those who follow the host."""
    started.send(stream=stream)
    socketio.start_background_task(_tell_followers, stream)


def _tell_followers(stream: Document) -> None:
    try:
        host = people.summaries([stream["hostId"]]).get(stream["hostId"])
        if host is None:
            return
        told = {
            "livestreamId": stream["_id"], "streamId": stream["streamId"], "hostId": stream["hostId"], "host": host,
            "title": stream["title"], "thumbnailUrl": stream.get("thumbnailUrl"),
        }  # fmt: skip
        for some in audience(stream):
            for user_id in presence.online(some):
                realtime.emit_to_user(user_id, events.STARTED, told)
    except Exception:
        log.exception("followers_not_told", livestream_id=str(stream["_id"]))


def audience(stream: Document) -> Iterator[list[ObjectId]]:
    """Yield those who may hear of a stored stream, some hundreds at a time."""
    if stream.get("isPrivate"):
        yield list(stream.get("allowedUsers") or [])
        return
    host = User.collection().find_one({"_id": stream["hostId"]}, {"privacySettings.isPrivate": 1}) or {}
    pairs = Follow.collection().find({"followingId": stream["hostId"]}, {"_id": 0, "followerId": 1})
    batch: list[ObjectId] = []
    for pair in pairs.batch_size(AT_ONCE):
        batch.append(pair["followerId"])
        if len(batch) == AT_ONCE:
            yield _let_in(stream["hostId"], batch, host)
            batch = []
    yield _let_in(stream["hostId"], batch, host)


def _let_in(host_id: ObjectId, followers: list[ObjectId], host: Document) -> list[ObjectId]:
    """Return those of ``followers`` who see what a private profile shows: whom its owner follows."""
    if not people.is_private(host):
        return followers
    pairs = Follow.collection().find(
        {"followerId": host_id, "followingId": {"$in": followers}}, {"_id": 0, "followingId": 1}
    )
    return [pair["followingId"] for pair in pairs]
