"""What people did in their clients, by the events that these told of: sessions, and what was in them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from bson import ObjectId

from mixillo.blueprints.analytics.models import DESKTOP, MOBILE, TABLET, EventTracking
from mixillo.blueprints.analytics.queries.days.day import Day, PersonsFigures

PAGES = ("page_view", "product_view")
CLICKS = ("product_view", "banner_click")
INTERACTIONS = (
    "product_search", "user_profile_update", "theme_change", "product_add_to_cart", "follow", "unfollow", "post_create",
    "comment_create", "like", "gift_send", "stream_gift",
)  # fmt: skip
# Between two batches others are answered: what is read at once is reckoned at once.
AT_ONCE = 500
DEVICES = (MOBILE, TABLET, DESKTOP)
COUNTS = {
    "activity.pageViews": PAGES, "activity.searches": ("product_search",), "activity.clicks": CLICKS,
    "activity.interactions": INTERACTIONS, "shopping.productsViewed": ("product_view",),
    "shopping.addedToCart": ("product_add_to_cart",), "livestreams.watched": ("stream_join",),
    "livestreams.giftsInStreams": ("stream_gift",),
}  # fmt: skip


@dataclass
class Visit:
    """The events of one session; those without a session are one of their user. ``user`` may be nobody."""

    user: ObjectId | None
    started: datetime
    ended: datetime
    kinds: Counter[str] = field(default_factory=Counter)
    watched: float = 0.0
    device: str | None = None
    country: str | None = None
    city: str | None = None

    @property
    def seconds(self) -> int:
        """How long it took from its first event to its last."""
        return int((self.ended - self.started).total_seconds())

    def count(self, kinds: tuple[str, ...]) -> int:
        """Return how many events are of one of ``kinds``."""
        return sum(self.kinds[kind] for kind in kinds)


def visits(day: Day) -> Iterator[Visit]:
    """Yield the sessions of ``day``, those of one person after the other."""
    key = {"user": "$user", "session": "$sessionId"}
    stages: list[dict[str, Any]] = [
        {"$match": {"timestamp": day.bounds}},
        {"$group": {
            "_id": key | {"kind": "$eventType"}, "count": {"$sum": 1},
            "started": {"$min": "$timestamp"}, "ended": {"$max": "$timestamp"}, "duration": {"$sum": "$duration"},
            "device": {"$max": "$device.type"}, "country": {"$max": "$location.country"},
            "city": {"$max": "$location.city"},
        }},
        {"$sort": {"_id.user": 1, "_id.session": 1}},
    ]  # fmt: skip
    found = EventTracking.collection().aggregate(stages, allowDiskUse=True, batchSize=AT_ONCE)
    for _, rows in groupby(found, lambda row: (row["_id"].get("user"), row["_id"].get("session"))):
        yield _visit(list(rows))


def _visit(rows: list[dict[str, Any]]) -> Visit:
    visit = Visit(rows[0]["_id"].get("user"), min(r["started"] for r in rows), max(r["ended"] for r in rows))
    for row in rows:
        visit.kinds[row["_id"]["kind"]] += row["count"]
        if row["_id"]["kind"] == "stream_leave":
            visit.watched += row["duration"]
    for name in ("device", "country", "city"):
        setattr(visit, name, max((row[name] for row in rows if row[name]), default=None))
    return visit


def of_persons(day: Day) -> PersonsFigures:
    """Yield what each person did in their clients."""
    for user, theirs in groupby(visits(day), lambda visit: visit.user):
        if user is not None:
            yield user, _of_person(list(theirs))
    yield from _pages(day)


def _of_person(theirs: list[Visit]) -> dict[str, Any]:
    seconds = sum(visit.seconds for visit in theirs)
    used = Counter(visit.device for visit in theirs)
    return {
        "sessions.count": len(theirs),
        "sessions.totalDuration": seconds,
        "sessions.avgDuration": round(seconds / len(theirs), 1),
        "sessions.lastSession": max(visit.started for visit in theirs),
        **{name: sum(visit.count(kinds) for visit in theirs) for name, kinds in COUNTS.items()},
        "livestreams.totalWatchTime": round(sum(visit.watched for visit in theirs)),
        **{f"devices.{kind}": used[kind] for kind in DEVICES},
    }


def _pages(day: Day) -> PersonsFigures:
    """Yield how many different pages each person saw."""
    stages: list[dict[str, Any]] = [
        {"$match": {"eventType": {"$in": PAGES}, "timestamp": day.bounds, "user": {"$type": "objectId"}}},
        {"$group": {"_id": {"user": "$user", "path": "$metadata.path"}}},
        {"$group": {"_id": "$_id.user", "pages": {"$sum": 1}}},
    ]
    for row in EventTracking.collection().aggregate(stages, allowDiskUse=True, batchSize=AT_ONCE):
        yield row["_id"], {"activity.uniquePages": row["pages"]}
