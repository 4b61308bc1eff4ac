"""Messages of administrators to many: how far they are, what was sent before, and how much of it is read."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.notifications.models import BROADCASTS, NEWEST
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
SHOWN = (
    "type", "title", "recipientType", "targetSegment", "state", "total", "done", "sent", "skipped", "failed",
    "readCount", "createdAt", "finishedAt", "link", "imageUrl",
)  # fmt: skip


class BroadcastNotFound(NotFound):
    """There is no such message."""

    code, title = "broadcast_not_found", "There is no such message"


def page(query: Document) -> tuple[list[Document], Document]:
    """Return a page of the messages that were sent, the latest first; ``type`` narrows it down."""
    where = {"type": query["type"]} if "type" in query else {}
    hint = "newest_of_type" if where else "newest"
    found, pagination = paginate(ops_database()[BROADCASTS], where, query, sort=NEWEST, hint=hint)
    return [shown(stored) for stored in found], pagination


def one(broadcast_id: ObjectId) -> Document:
    """Return one of them.

    :raises BroadcastNotFound: there is none.
    """
    stored = ops_database()[BROADCASTS].find_one({"_id": broadcast_id})
    if stored is None:
        raise BroadcastNotFound
    return shown(stored)


def shown(stored: Document) -> Document:
    """Return a stored message as administrators see it."""
    total = stored["total"]
    return {name: stored.get(name) for name in SHOWN} | {
        "_id": stored["_id"],
        "id": stored["_id"],
        "message": stored["body"],
        "body": stored["body"],
        "progress": round(min(stored["done"] / total, 1.0), 4) if total else 1.0,
        "sentBy": stored["actor"].get("name"),
    }


def statistics() -> Document:
    """Return the totals of the last 90 days, as long as what was sent is kept.

    ``{totalSent, sentToday, delivered, failed, skipped, readCount, readRate}``; today began at midnight (UTC).
    """
    now = clock.now()
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
    kept: list[Document] = [{"$match": {"createdAt": {"$gte": now - timedelta(days=90)}}}]
    today = {"$cond": [{"$gte": ["$createdAt", midnight]}, "$sent", 0]}
    sums = {name: {"$sum": f"${name}"} for name in ("sent", "skipped", "failed", "readCount")}
    group = {"$group": {"_id": None, "sentToday": {"$sum": today}} | sums}
    found = list(ops_database()[BROADCASTS].aggregate([*kept, group], hint="newest"))
    totals = found[0] if found else dict.fromkeys([*sums, "sentToday"], 0)
    sent = totals["sent"]
    return {
        "totalSent": sent,
        "sentToday": totals["sentToday"],
        "delivered": sent,
        "failed": totals["failed"],
        "skipped": totals["skipped"],
        "readCount": totals["readCount"],
        "readRate": round(totals["readCount"] / sent, 4) if sent else 0.0,
    }
