"""What is happening now, and what clients told of: counted in the indexes of the events, without reading these."""

from datetime import timedelta
from typing import Any

from mixillo.blueprints.analytics.models import EventTracking
from mixillo.blueprints.analytics.queries.periods import Period
from mixillo.blueprints.gifts.models import COMPLETED, GiftTransaction
from mixillo.blueprints.orders.models import Order
from mixillo.core import clock
from mixillo.core.db import hinted
from mixillo.core.kept import kept

Document = dict[str, Any]
WINDOW = timedelta(minutes=15)
SECONDS_KEPT = 5.0
LATEST = 10


def now() -> Document:
    """Return what happened in the last 15 minutes; some seconds old."""
    return kept("analytics.realtime", SECONDS_KEPT, _now)


def _now() -> Document:
    moment = clock.now()
    since = moment - WINDOW
    group = {"_id": {"type": "$eventType", "user": "$user"}, "count": {"$sum": 1}}
    stages: list[Document] = [{"$match": {"timestamp": {"$gte": since, "$lte": moment}}}, {"$group": group}]
    found = _counted(stages, "latest")
    kinds: dict[str, int] = {}
    for row in found:
        kinds[row["_id"]["type"]] = kinds.get(row["_id"]["type"], 0) + row["count"]
    return {
        "activeUsers": len({row["_id"].get("user") for row in found} - {None}),
        "recentEvents": [{"_id": kind, "count": count} for kind, count in sorted(kinds.items(), key=_by_count)],
        "recentPurchases": Order.collection().count_documents({"createdAt": {"$gte": since}}),
        "recentGifts": GiftTransaction.collection().count_documents(
            {"status": COMPLETED, "createdAt": {"$gte": since}}
        ),
        "timestamp": moment,
    }


def _by_count(kind: tuple[str, int]) -> tuple[int, str]:
    return -kind[1], kind[0]


def by_day(period: Period, event_type: str | None) -> list[Document]:
    """Return ``{date, count, uniqueUsers}`` for each day of ``period`` on which there were events."""
    where: Document = {"timestamp": period.bounds} | ({"eventType": event_type} if event_type else {})
    day = {"$dateTrunc": {"date": "$timestamp", "unit": "day"}}
    stages: list[Document] = [
        {"$match": where},
        {"$group": {"_id": {"date": day, "user": "$user"}, "count": {"$sum": 1}}},
        {"$group": {
            "_id": "$_id.date", "count": {"$sum": "$count"},
            "uniqueUsers": {"$sum": {"$cond": [{"$gt": ["$_id.user", None]}, 1, 0]}},
        }},
    ]  # fmt: skip
    hint = "latest_of_type" if event_type else "latest"
    rows = [
        {"date": row["_id"], "count": row["count"], "uniqueUsers": row["uniqueUsers"]} for row in _counted(stages, hint)
    ]
    return sorted(rows, key=lambda row: row["date"])


def _counted(stages: list[Document], hint: str) -> list[Document]:
    def read(index: str | None) -> list[Document]:
        options: Document = {"hint": index} if index else {}
        return list(EventTracking.collection().aggregate(stages, allowDiskUse=True, **options))

    return hinted(read, hint)
