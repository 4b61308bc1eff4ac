"""Streams as operators watch them: who is on the air, how many watch, how much is said."""

from datetime import timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.live.models import ENDED, FAILED, NEWEST, RUNNING, SCHEDULED, LiveMessage, Livestream
from mixillo.blueprints.live.queries import shapes
from mixillo.blueprints.users.queries import people
from mixillo.core import clock

Document = dict[str, Any]
NOW, ANNOUNCED, OVER = "now", "announced", "over"
GROUPS: dict[str, list[str]] = {NOW: RUNNING, ANNOUNCED: [SCHEDULED], OVER: [ENDED, FAILED]}
MOST = 200
# What is said per second is the mean of so long.
SAID_OVER = timedelta(seconds=10)
FIELDS = dict.fromkeys(
    [
        "hostId", "title", "status", "provider", "isFeatured", "isPrivate", "currentViewers", "peakViewers",
        "uniqueViewers", "totalViews", "likesCount", "giftsCount", "totalGiftsValue", "messagesCount", "startedAt",
        "endedAt", "scheduledFor", "createdAt", "duration", "failureReason", "streamId",
    ],
    1,
)  # fmt: skip
NUMBERS = ("currentViewers", "peakViewers", "uniqueViewers", "totalViews", "likesCount", "giftsCount", "messagesCount")


def streams(group: str) -> list[Document]:
    """Return the streams of a group, the latest ``MOST`` of them, each with ``host`` and ``messagesPerSecond``."""
    where = {"status": {"$in": GROUPS[group]}}
    return _shown(list(Livestream.collection().find(where, FIELDS, sort=NEWEST, limit=MOST)))


def counts() -> dict[str, int]:
    """Return how many streams each group has."""
    return {
        group: Livestream.collection().count_documents({"status": {"$in": states}}) for group, states in GROUPS.items()
    }


def one(stream: Document) -> Document:
    """Return a stored stream like those of :func:`streams`."""
    return _shown([stream])[0]


def _shown(found: list[Document]) -> list[Document]:
    hosts = people.summaries([stream["hostId"] for stream in found])
    said = _said([stream["_id"] for stream in found if stream["status"] in RUNNING])
    for stream in found:
        stream |= {name: max(int(stream.get(name) or 0), 0) for name in NUMBERS}
        stream["coins"] = shapes.coins(stream.get("totalGiftsValue"))
        stream["host"] = hosts.get(stream["hostId"])
        stream["messagesPerSecond"] = said.get(stream["_id"], 0) / SAID_OVER.total_seconds()
    return found


def _said(stream_ids: list[ObjectId]) -> dict[ObjectId, int]:
    """Return how many lines were said in each stream just now."""
    if not stream_ids:
        return {}
    lately = {"livestreamId": {"$in": stream_ids}, "createdAt": {"$gte": clock.now() - SAID_OVER}}
    rows = LiveMessage.collection().aggregate(
        [{"$match": lately}, {"$group": {"_id": "$livestreamId", "lines": {"$sum": 1}}}]
    )
    return {row["_id"]: row["lines"] for row in rows}
