"""What a media server tells: somebody wants to publish, still does, does no more.

A *publisher* is a connection to a media server, by a name that is nobody else's. A stream has one at a time: a second
one is refused, and what is told of it later changes nothing. Every call may come again.
"""

from datetime import timedelta
from typing import Any

import structlog
from bson import ObjectId
from flask import current_app
from pymongo import ReturnDocument

from mixillo.blueprints.live.models import LIVE, PAUSED, RTMP, RUNNING, Livestream
from mixillo.blueprints.live.queries import keys, sight
from mixillo.blueprints.live.services import hosting
from mixillo.blueprints.live.services.states import WrongState
from mixillo.blueprints.users.models import ACTIVE, User
from mixillo.core import clock
from mixillo.errors import Conflict, Forbidden

Document = dict[str, Any]
log = structlog.get_logger(__name__)
# A media server that is alive tells so several times in it.
SILENCE = timedelta(seconds=90)
NOBODY: Document = {"_id": ObjectId(b"\0" * 12), "streamId": "", "provider": RTMP}


class PublishingRefused(Forbidden):
    """There is no such stream, or that is not its key: which of them is not said."""

    code, title = "live_publishing_refused", "That is not the key of a stream"


class SecondPublisher(Conflict):
    """Somebody else publishes it."""

    code, title = "live_second_publisher", "Somebody publishes this stream already"


class NotPublishing(Conflict):
    """It is over, or somebody else publishes it by now; the media server is to cut the connection."""

    code, title = "live_not_publishing", "This is not published any more"


def begin(stream_id: str, key: str, publisher: str) -> None:
    """Let ``publisher`` bring the stream of this business id on the air; repeating it is harmless.

    :raises PublishingRefused: there is no such stream, or it has another key.
    :raises WrongState: it was not started, or is over.
    :raises SecondPublisher: somebody else publishes it, and was heard of within ``SILENCE``.
    """
    stream = _known(stream_id, key)
    now = clock.now()
    free: list[Document] = [
        {"publisher.name": {"$in": [None, publisher]}},
        {"publisher.endsAt": {"$type": "date"}},
        {"publisher.seenAt": {"$lt": now - SILENCE}},
    ]
    claimed = Livestream.collection().find_one_and_update(
        {"_id": stream["_id"], "status": {"$in": RUNNING}, "$or": free},
        {"$set": {"publisher": {"name": publisher, "seenAt": now}, "aliveAt": now}},
        projection={"status": 1},
        return_document=ReturnDocument.AFTER,
    )
    if claimed is None:
        state = sight.stored(stream["_id"])["status"]
        raise (
            SecondPublisher if state in RUNNING else WrongState(f"A stream that is {state} takes nothing.", state=state)
        )
    if claimed["status"] != LIVE:
        _go_live(stream["_id"])


def go_on(stream_id: str, publisher: str) -> None:
    """Note that ``publisher`` still publishes; a stream that was given up is on the air again.

    :raises NotPublishing: the stream is over, or not this publisher's.
    """
    now = clock.now()
    before = Livestream.collection().find_one_and_update(
        _published(stream_id, publisher),
        {"$set": {"publisher.seenAt": now}, "$unset": {"publisher.endsAt": ""}, "$max": {"aliveAt": now}},
        projection={"status": 1, "publisher": 1},
        return_document=ReturnDocument.BEFORE,
    )
    if before is None:
        raise NotPublishing
    if before["status"] == PAUSED and before["publisher"].get("endsAt"):
        _go_live(before["_id"])


def stop(stream_id: str, publisher: str) -> None:
    """Let a stream pause whose publisher is gone, so that it can come back; it ends when it does not.

    At once where ``MIXILLO_MEDIA_GRACE_SECONDS`` is 0. One that its host lets pause goes on pausing. What is told of a
    publisher that was refused, or for the second time, changes nothing.
    """
    published = _published(stream_id, publisher)
    stream = Livestream.collection().find_one(published, {"status": 1})
    if stream is None:
        return
    grace = timedelta(seconds=current_app.config["SETTINGS"].media_grace_seconds)
    still, gone = {"publisher.name": publisher}, {"publisher": {"endsAt": clock.now() + grace}}
    try:
        if not grace:
            hosting.end(stream["_id"], hosting.MEDIA_GONE, also=still)
        elif stream["status"] == LIVE:
            hosting.pause(stream["_id"], also=still, fields=gone)
        else:
            Livestream.collection().update_one(published, {"$unset": {"publisher": ""}})
    except WrongState:  # somebody was faster
        log.info("stream_over_already", livestream_id=str(stream["_id"]))


def _known(stream_id: str, key: str) -> Document:
    """Return the stored stream of this business id and key, whose host may be on the air."""
    fields = {"streamKey": 1, "streamId": 1, "provider": 1, "hostId": 1}
    stream = Livestream.collection().find_one({"streamId": stream_id, "provider": RTMP}, fields)
    # Also compared where there is none, which takes as long then.
    is_right = keys.fits(stream or NOBODY, key)
    if stream is None or not is_right:
        raise PublishingRefused
    if not User.collection().find_one({"_id": stream["hostId"], "status": ACTIVE}, {"_id": 1}):
        raise PublishingRefused
    return stream


def _published(stream_id: str, publisher: str) -> Document:
    return {"streamId": stream_id, "provider": RTMP, "publisher.name": publisher, "status": {"$in": RUNNING}}


def _go_live(stream_id: ObjectId) -> None:
    try:
        hosting.go_live(stream_id)
    except WrongState:
        if sight.stored(stream_id)["status"] != LIVE:  # else the same call, told twice at once
            raise
