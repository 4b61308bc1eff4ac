"""What the stored figures of sockets say, all instances together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.core.realtime.figures import DELIVERED
from mixillo.ops.metrics.histograms import BUCKETS, percentile
from mixillo.ops.metrics.levels import PERIODS, floor
from mixillo.ops.metrics.sockets.sampling import COLLECTION

# Kept for two days, by the minute.
OFFERED = ("1h", "24h")
# Who has not been heard of for so long is not there any more: flushes come every ten seconds.
FRESH = timedelta(seconds=35)
Document = dict[str, Any]


@dataclass
class Sum:
    """What all instances did in a span: ``sockets`` is the most that were open at a time, as far as minutes tell."""

    counts: Counter[str] = field(default_factory=Counter)
    lags: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    by_minute: Counter[datetime] = field(default_factory=Counter)

    def add(self, document: Document) -> None:
        """Add the minute of an instance."""
        self.counts.update(document["counts"])
        self.by_minute[document["at"]] += document["mostSockets"]
        for bucket, count in document["lags"].items():
            self.lags[int(bucket)] += count

    @property
    def sockets(self) -> int:
        """The most sockets of a minute."""
        return max(self.by_minute.values(), default=0)

    @property
    def told(self) -> int:
        """How many deliveries were timed."""
        return sum(self.lags)

    def lag(self, share: float) -> float | None:
        """Return the milliseconds between writing down and telling that ``share`` of the deliveries stayed under."""
        return percentile(self.lags, share)


def instances(ops: Database) -> list[Document]:
    """Return the newest figures of every instance that is there, those with most sockets first."""
    now = clock.now()
    newest: dict[str, Document] = {}
    since = {"at": {"$gte": floor(now - FRESH, timedelta(minutes=1))}, "measuredAt": {"$gte": now - FRESH}}
    for document in ops[COLLECTION].find(since, sort=[("at", 1)]):
        newest[document["instance"]] = document
    return sorted(newest.values(), key=lambda each: (-each["sockets"], each["instance"]))


def over(ops: Database, length: timedelta, now: datetime) -> Sum:
    """Return what happened in the last ``length``."""
    return _added(ops[COLLECTION].find({"at": {"$gte": floor(now - length, timedelta(minutes=1))}}))


def timeline(ops: Database, period: str) -> list[tuple[datetime, Sum | None]]:
    """Return the points of a chart, at most 120: ``None`` where no instance told anything."""
    chosen, now = PERIODS[period], clock.now()
    at = floor(now - chosen.length, chosen.point)
    points: dict[datetime, Sum | None] = {}
    while at <= now:
        points[at] = None
        at += chosen.point
    for document in ops[COLLECTION].find({"at": {"$gte": min(points)}}):
        start = floor(document["at"], chosen.point)
        point = points.get(start) or Sum()
        point.add(document)
        points[start] = point
    return list(points.items())


def deliveries_per_second(point: Sum) -> float:
    """Return the mean over the minutes of a point that something is known of."""
    return point.counts[DELIVERED] / (60 * len(point.by_minute))


def _added(documents: Iterable[Document]) -> Sum:
    found = Sum()
    for document in documents:
        found.add(document)
    return found
