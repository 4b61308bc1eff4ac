"""What the sockets of this process did, by the minute, and what they do now.

A minute is one document that is written whole each time, so that a write that failed without telling may simply be
repeated: nothing counts twice. What the database does not take waits in memory.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from pymongo import ReplaceOne
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.core import clock
from mixillo.core.realtime import CLIENTS, OPERATORS, kinds
from mixillo.core.realtime.figures import ASKED, DELIVERED, figures, open_sockets
from mixillo.extensions import socketio
from mixillo.ops.metrics.histograms import BUCKETS, bucket_of
from mixillo.ops.metrics.storing import Instance

log = structlog.get_logger(__name__)
COLLECTION = "socketfigures"
# How many sockets a process takes, by its worker: a thread each, or the connections in `gunicorn.conf.py`.
CAPS = {"gthread": 100, "eventlet": 4_000, "gevent": 4_000}
# Rates are the mean of this long.
SECONDS_OF_RATE = 10.0
MINUTES_HELD = 120


@dataclass
class Counts:
    """What was counted, and how long deliveries took: ``lags`` by bucket of :mod:`..histograms`, ``ms`` their sum."""

    counts: Counter[str] = field(default_factory=Counter)
    lags: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    ms: float = 0.0

    def add(self, counts: Counter[str], lags: Sequence[float]) -> None:
        """Add what was taken."""
        self.counts.update(counts)
        self.ms += sum(lags)
        for lag in lags:
            self.lags[bucket_of(lag)] += 1


class Sampler:
    """Looks at the figures of this process; ``cap`` is how many sockets it takes."""

    def __init__(self, instance: Instance, cap: int) -> None:
        self.totals = Counts()
        self._instance = instance
        self._cap = cap
        self._held: dict[datetime, dict[str, Any]] = {}
        self._minute = Counts()
        self._recent: deque[tuple[float, int, int]] = deque()
        self._guard = threading.Lock()

    def sample(self) -> dict[str, Any]:
        """Take what is new, and return this process's figures as they are now."""
        with self._guard:
            counts, lags = figures.take()
            at = clock.now().replace(second=0, microsecond=0)
            if at not in self._held:
                self._minute = Counts()
            self._minute.add(counts, lags)
            self.totals.add(counts, lags)
            self._held[at] = self._document(at, self._rates(counts))
            return self._held[at]

    def store(self, ops: Database) -> None:
        """Write what has changed; what could not be written is written the next time."""
        self.sample()
        with self._guard:
            waiting = list(self._held.values())[-MINUTES_HELD:]
        try:
            ops[COLLECTION].bulk_write(
                [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in waiting], ordered=False
            )
        except PyMongoError as error:
            log.warning("socket_figures_not_stored", error=type(error).__name__, minutes=len(waiting))
            return
        with self._guard:
            stored = {each["at"] for each in waiting[:-1]}
            self._held = {at: each for at, each in self._held.items() if at not in stored}

    def _rates(self, counts: Counter[str]) -> dict[str, float]:
        now = time.monotonic()
        self._recent.append((now, counts[ASKED], counts[DELIVERED]))
        while self._recent[0][0] <= now - SECONDS_OF_RATE:
            self._recent.popleft()
        asked, delivered = (sum(each[place] for each in self._recent) for place in (1, 2))
        return {"askedPerSecond": asked / SECONDS_OF_RATE, "deliveredPerSecond": delivered / SECONDS_OF_RATE}

    def _document(self, at: datetime, rates: dict[str, float]) -> dict[str, Any]:
        clients = open_sockets(CLIENTS)
        return {
            "_id": {"instance": self._instance.id, "at": at},
            "at": at,
            "measuredAt": clock.now(),
            "instance": self._instance.id,
            "revision": self._instance.revision,
            "cap": self._cap,
            "sockets": clients,
            "mostSockets": max(clients, self._held.get(at, {}).get("mostSockets", 0)),
            "operators": open_sockets(OPERATORS),
            "rooms": _shared_rooms(),
            **rates,
            "counts": dict(self._minute.counts),
            "lags": {str(bucket): count for bucket, count in enumerate(self._minute.lags) if count},
        }


def _shared_rooms() -> int:
    """Return how many rooms this process holds that belong to things: not those of one person or session."""
    manager = getattr(socketio.server, "manager", None)
    return sum(1 for room in manager.deliveries.rooms if kinds.parsed(room)) if manager else 0
