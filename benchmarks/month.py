"""A month of a busy service, written straight into the databases: what pages must be fast on."""

import itertools
import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection
from pymongo.database import Database

from mixillo.core import audit_log
from mixillo.ops import metrics
from mixillo.ops.metrics.levels import LEVELS
from mixillo.ops.metrics.storing import SLOW_REQUESTS
from mixillo.ops.uptime.pulse import HEARTBEATS

ROUTES = 200
REVISIONS = 8
EVENTS = 1_000_000
AUDITED = 50_000
SLOW_PER_HOUR = 200
MONTH, WEEK, HOUR = timedelta(days=30), timedelta(days=7), timedelta(hours=1)
COUNTS = {"203": 40, "204": 900, "205": 310, "206": 120, "207": 30, "209": 8, "402": 21, "403": 9, "512": 1}
ALL_BEATS = (1 << 60) - 1
BATCH = 10_000

Document = dict[str, Any]


def counts(ops: Database, now: datetime) -> None:
    """Store what was counted of every route and group at every level that is kept for so long."""
    series = ["all", *(f"group:{group.name}" for group in metrics.GROUPS), *(_route(n) for n in range(ROUTES))]
    for level in LEVELS:
        periods = int(min(level.kept, MONTH) / level.step)
        starts = (level.floor(now) - number * level.step for number in range(periods))
        _insert(
            ops[level.collection],
            (
                {"series": name, "at": at, "revision": _revision(at, now), "counts": COUNTS, "ms": 4_421.0}
                for at in starts
                for name in series
            ),
        )


def surroundings(ops: Database, now: datetime) -> None:
    """Store revisions, heartbeats, slow requests and an audit log that belong to such a month."""
    _insert(ops["revisions"], (_deployment(number, now) for number in range(REVISIONS)))
    _insert(ops[HEARTBEATS], (_beats(now - number * HOUR, now) for number in range(MONTH // HOUR)))
    _insert(ops[SLOW_REQUESTS], (_slow(number, now) for number in range(SLOW_PER_HOUR * (WEEK // HOUR))))
    _insert(ops[audit_log.COLLECTION], (_entry(number, now) for number in range(AUDITED)))


def events(database: Database, now: datetime) -> None:
    """Store ``EVENTS`` tracked events of 100 days in the owner's shape."""
    people = [ObjectId() for _ in range(1_000)]
    _insert(
        database["eventtrackings"],
        (
            {
                "eventType": "product_view",
                "user": people[number % len(people)],
                "sessionId": f"session-{number // 20}",
                "device": {"type": "mobile", "os": "Android"},
                "timestamp": now - timedelta(seconds=8 * number),
                "metadata": {"path": f"/products/{number % 5_000}"},
            }
            for number in range(EVENTS)
        ),
    )


def _insert(collection: Collection[Document], documents: Iterable[Document]) -> None:
    left: Iterator[Document] = iter(documents)
    while batch := list(itertools.islice(left, BATCH)):
        collection.insert_many(batch, ordered=False)


def _route(number: int) -> str:
    return f"GET /api/things{number}"


def _revision(at: datetime, now: datetime) -> str:
    """Return the revision of that moment: the month is shared out evenly."""
    return f"bench-{REVISIONS - 1 - min(REVISIONS - 1, int((now - at) / MONTH * REVISIONS))}"


def _deployment(number: int, now: datetime) -> Document:
    first = now - MONTH * (REVISIONS - number) / REVISIONS
    return {
        "_id": f"bench-{number}",
        "firstSeenAt": first,
        "lastSeenAt": first + MONTH / REVISIONS,
        "version": f"0.{number}.0",
        "changes": "- Show the seller's name.\n- Count views once.",
        "migrations": [],
        "source": "running",
    }


def _beats(at: datetime, now: datetime) -> Document:
    hour = at.replace(minute=0, second=0, microsecond=0)
    masks = {"beats": ALL_BEATS, "poor": 0, "bad": 0}
    return {"_id": f"bench:{hour:%Y%m%dT%H}", "at": hour, "instance": "bench", "revision": _revision(at, now)} | masks


def _slow(number: int, now: datetime) -> Document:
    return {
        "at": now - number * HOUR / SLOW_PER_HOUR,
        "route": f"/api/things{number % ROUTES}",
        "method": "GET",
        "status": 200,
        "ms": random.randint(800, 4_000),
        "requestId": f"{number:012}",
        "revision": f"bench-{REVISIONS - 1}",
    }


def _entry(number: int, now: datetime) -> Document:
    return {
        "action": ("operator.signed_in", "probes.run", "alert.silenced", "integrity.scan")[number % 4],
        "actor": {"kind": "operator", "name": f"operator{number % 7}"},
        "target": "operator",
        "targetId": ObjectId(),
        "changes": {"before": {"role": "viewer"}, "after": {"role": "operator"}} if number % 10 == 0 else None,
        "result": "ok",
        "createdAt": now - number * MONTH / AUDITED,
        "requestId": f"{number:012}",
        "address": "198.51.100.7",
    }
