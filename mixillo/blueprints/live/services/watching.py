"""Who watches: counted by people, not by sockets or requests, and right again after a crash.

Each process is told every two seconds who is in a room, all instances together. Visits are rows, so that minutes and
people add up: a visit lasts as long as somebody is seen, and ends when they were seen last.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from mixillo.blueprints.live import events
from mixillo.blueprints.live.models import ON_AIR, RUNNING, LiveParticipant, Livestream
from mixillo.blueprints.live.services import hosting, settling, timeouts
from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries import relations
from mixillo.core import clock, realtime
from mixillo.core.realtime import presence, rooms
from mixillo.core.security import ADMINS, Viewer

Document = dict[str, Any]
DUPLICATE = 11_000
SECONDS_BETWEEN_SIGNS = 5.0
MOST_ROOMS = 1_000


@dataclass
class _Seen:
    people: set[ObjectId] = field(default_factory=set)
    at: float = 0.0
    told: int | None = None


# What this process has said of its rooms; those that nobody of it is in any more are forgotten.
_seen: dict[ObjectId, _Seen] = {}


def counted(stream_id: ObjectId, people: set[ObjectId]) -> None:
    """Take note of who is in the room of a stream now, and tell this process's sockets when there are more or fewer."""
    running = {"_id": stream_id, "status": {"$in": RUNNING}}
    stream = Livestream.collection().find_one(running, {"hostId": 1, "currentViewers": 1, "publisher": 1})
    if stream is None:
        _seen.pop(stream_id, None)
        return
    # Here too, and not only with all the others that time runs out for: somebody waits for it.
    timeouts.end_if_gone(stream)
    viewers = people - {stream["hostId"]}
    seen = _seen.setdefault(stream_id, _Seen())
    if people != seen.people or time.monotonic() - seen.at > SECONDS_BETWEEN_SIGNS:
        see(stream_id, viewers)
        _show_out_blocked(stream_id, stream["hostId"], viewers)
        if stream["hostId"] in people:
            hosting.sign_of_life(stream_id)
        seen.people, seen.at = people, time.monotonic()
    if stream.get("currentViewers") != len(viewers):
        _store(stream_id, len(viewers))
    if seen.told != len(viewers):
        realtime.tell_here(events.VIEWERS, _told(stream_id, len(viewers)), room=events.room(stream_id))
        seen.told = len(viewers)
    if not people:
        _seen.pop(stream_id, None)


def forget() -> None:
    """Forget what this process has said."""
    _seen.clear()


def see(stream_id: ObjectId, viewers: Iterable[ObjectId]) -> None:
    """Note that people watch a stream: a visit begins, or goes on."""
    there = list(viewers)
    if not there:
        return
    rows, now = LiveParticipant.collection(), clock.now()
    lasting = {"livestreamId": stream_id, "userId": {"$in": there}, "isHere": True}
    known = {row["userId"] for row in rows.find(lasting, {"_id": 0, "userId": 1})}
    if known:
        rows.update_many(lasting, {"$max": {"lastSeenAt": now}})
    if new := [each for each in there if each not in known]:
        _begin_visits(stream_id, new)


def leave(stream_id: ObjectId, viewer: Viewer) -> None:
    """End a visit; also fine where there is none."""
    settling.close_visits({"livestreamId": stream_id, "userId": viewer.id, "isHere": True}, clock.now())


def sweep() -> int:
    """End the visits of people who are not seen any more, and recount streams that no instance has people of.

    Returns how many visits ended. Streams that something else put there (a dataset, the existing system) are left
    as they are: ``aliveAt`` is set by what runs here.
    """
    gone = clock.now() - settling.GONE_AFTER
    closed = settling.close_visits({"isHere": True, "lastSeenAt": {"$lt": gone}}, clock.now())
    watched = {"status": {"$in": ON_AIR}, "aliveAt": {"$type": "date"}, "currentViewers": {"$gt": 0}}
    streams = list(Livestream.collection().find(watched, {"hostId": 1, "currentViewers": 1}, limit=MOST_ROOMS))
    there = presence.there(events.room(stream["_id"]) for stream in streams)
    for stream in streams:
        people = there[events.room(stream["_id"])] - {stream["hostId"]}
        if len(people) != stream["currentViewers"]:
            _store(stream["_id"], len(people))
    return closed


def _show_out_blocked(stream_id: ObjectId, host_id: ObjectId, viewers: set[ObjectId]) -> None:
    """Take whom the host blocks by now, or who blocks the host, out of the room; administrators may stay."""
    blocked = list(viewers & set(relations.hidden_between(host_id)))
    if not blocked:
        return
    admins = set(User.collection().distinct("_id", {"_id": {"$in": blocked}, "role": {"$in": ADMINS}}))
    out = [rooms.out(each, events.ROOM, stream_id) for each in blocked if each not in admins]
    realtime.deliver(realtime.told(out))


def _begin_visits(stream_id: ObjectId, people: list[ObjectId]) -> None:
    """Give each of ``people`` a visit that lasts from now on; who has one by now, keeps it."""
    now = clock.now()
    LiveParticipant.ensure_collection()
    begun = {
        "$set": {"isHere": True, "visitSince": now, "lastSeenAt": now},
        "$inc": {"visits": 1},
        "$setOnInsert": {"joinedAt": now, "createdAt": now, "watchSeconds": 0},
    }
    steps = [
        UpdateOne({"livestreamId": stream_id, "userId": each, "isHere": {"$ne": True}}, begun, upsert=True)
        for each in people
    ]
    try:
        done: Any = LiveParticipant.collection().bulk_write(steps, ordered=False).bulk_api_result
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE for each in error.details["writeErrors"]):
            raise
        done = error.details
    new, again = done["nUpserted"], done["nModified"]
    if new or again:
        step = {"$inc": {"uniqueViewers": new, "totalViews": new + again}}
        Livestream.collection().update_one({"_id": stream_id}, step)


def _store(stream_id: ObjectId, number: int) -> None:
    step = {"$set": {"currentViewers": number}, "$max": {"peakViewers": number}}
    Livestream.collection().update_one({"_id": stream_id, "status": {"$in": RUNNING}}, step)


def _told(stream_id: ObjectId, number: int) -> Document:
    return {"livestreamId": stream_id, "viewerCount": number}
