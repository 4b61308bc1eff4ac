"""What a stream was: viewers, minutes, lines. Reckoned from the rows when it is over."""

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.live.models import ENDED, LiveMessage, LiveParticipant, Livestream
from mixillo.blueprints.live.services.tally import tally
from mixillo.core import clock

Document = dict[str, Any]
# A socket that is gone, or an instance, is not seen any more; who comes back earlier never left.
GONE_AFTER = timedelta(seconds=20)
MOST_SETTLED = 100


def settle(stream_id: ObjectId) -> None:
    """End the visits of a stream that is over, and write down what it was; done again it says the same."""
    tally.write()
    stream = Livestream.collection().find_one({"_id": stream_id, "status": ENDED}, {"endedAt": 1})
    if stream is None:
        return
    close_visits({"livestreamId": stream_id, "isHere": True}, stream["endedAt"])
    now = clock.now()
    found = watched(stream_id) | {"currentViewers": 0, "isSettled": True, "updatedAt": now}
    found["messagesCount"] = LiveMessage.collection().count_documents({"livestreamId": stream_id})
    Livestream.collection().update_one({"_id": stream_id}, {"$set": found})


def settle_forgotten() -> int:
    """Settle what ended in a process that died before it did so; return how many streams that were."""
    forgotten = {"isSettled": False, "statusAt": {"$lt": clock.now() - GONE_AFTER}}
    found = list(Livestream.collection().find(forgotten, {"_id": 1}, limit=MOST_SETTLED))
    for stream in found:
        settle(stream["_id"])
    return len(found)


def watched(stream_id: ObjectId) -> Document:
    """Return who has watched a stream, and for how long, from the visits that are over."""
    group = {
        "_id": None,
        "uniqueViewers": {"$sum": 1},
        "totalViews": {"$sum": "$visits"},
        "totalWatchTime": {"$sum": "$watchSeconds"},
        "returningViewers": {"$sum": {"$cond": [{"$gt": ["$visits", 1]}, 1, 0]}},
    }
    rows = LiveParticipant.collection().aggregate(
        [{"$match": {"livestreamId": stream_id, "visits": {"$gt": 0}}}, {"$group": group}]
    )
    nothing = {"uniqueViewers": 0, "totalViews": 0, "totalWatchTime": 0, "returningViewers": 0}
    found = next(iter(rows), nothing) | {}
    found.pop("_id", None)
    people = found["uniqueViewers"]
    return found | {"avgWatchTime": round(found["totalWatchTime"] / people) if people else 0}


def close_visits(where: Document, at: datetime) -> int:
    """End visits that last, at the moment ``at`` or, where somebody was not seen any more, when they last were."""
    gone = {"$lt": ["$lastSeenAt", at - GONE_AFTER]}
    until = {"$cond": [gone, "$lastSeenAt", at]}
    lasted = {"$max": [0, {"$subtract": [until, {"$ifNull": ["$visitSince", until]}]}]}
    seconds = {"$toInt": {"$round": {"$divide": [lasted, 1000]}}}
    step = {
        "watchSeconds": {"$add": [{"$ifNull": ["$watchSeconds", 0]}, seconds]},
        "isHere": False,
        "visitSince": None,
        "lastSeenAt": until,
    }
    return LiveParticipant.collection().update_many(where, [{"$set": step}]).modified_count
