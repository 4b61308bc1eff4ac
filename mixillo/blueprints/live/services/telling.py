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
from mixillo.blueprints.live.models import NEWEST
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
    people_now, after = some_of_audience(stream, None)
    yield people_now
    while after:
        people_now, after = some_of_audience(stream, after)
        yield people_now


def some_of_audience(stream: Document, after: Document | None) -> tuple[list[ObjectId], Document | None]:
    """Return some hundreds of those who may hear of a stored stream, and what comes ``after``: ``None`` at the end.

    Of a private stream they are those who were invited, else those who follow its host and want to hear of them, the
    latest first.
    """
    if stream.get("isPrivate"):
        return list(stream.get("allowedUsers") or []), None
    host_id = stream["hostId"]
    where: Document = {"followingId": host_id, "notificationsEnabled": {"$ne": False}} | _behind(after)
    pairs = list(Follow.collection().find(where, {"followerId": 1, "createdAt": 1}, sort=NEWEST, limit=AT_ONCE))
    host = User.collection().find_one({"_id": host_id}, {"privacySettings.isPrivate": 1}) or {}
    let_in = _let_in(host_id, [pair["followerId"] for pair in pairs], host)
    last = {"_id": pairs[-1]["_id"], "createdAt": pairs[-1].get("createdAt")} if len(pairs) == AT_ONCE else None
    return let_in, last


def _behind(after: Document | None) -> Document:
    """Return the filter of what is older; pairs of the existing system without a date are the oldest."""
    if after is None:
        return {}
    same = {"createdAt": after["createdAt"], "_id": {"$lt": after["_id"]}}
    if after["createdAt"] is None:
        return same
    return {"$or": [{"createdAt": {"$lt": after["createdAt"]}}, same, {"createdAt": None}]}


def _let_in(host_id: ObjectId, followers: list[ObjectId], host: Document) -> list[ObjectId]:
    """Return those of ``followers`` who see what a private profile shows: whom its owner follows."""
    if not people.is_private(host):
        return followers
    pairs = Follow.collection().find(
        {"followerId": host_id, "followingId": {"$in": followers}}, {"_id": 0, "followingId": 1}
    )
    return [pair["followingId"] for pair in pairs]
