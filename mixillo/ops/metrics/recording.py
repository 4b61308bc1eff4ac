"""Counting in memory: a few list increments per request, kept by minute until they are stored."""

import heapq
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mixillo.core import clock
from mixillo.ops.metrics.groups import TARGETED, slow_after
from mixillo.ops.metrics.histograms import BUCKETS, bucket_of

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
OTHER_METHOD = "OTHER"
SUM = BUCKETS  # a row is its buckets, then the sum of the milliseconds
MINUTE = timedelta(minutes=1)
SAMPLES_PER_MINUTE = 20
# During a long outage of the database older minutes are merged by the hour: nothing is lost, memory stays bounded.
MINUTES_HELD = 120
FASTEST_TARGET = min(group.target or 0 for group in TARGETED)

Key = tuple[str, str, int]  # the route's template, the method, the status class (1 to 5)
Row = list[float]


@dataclass
class Minute:
    """What was counted in one minute and is not stored yet."""

    at: datetime
    rows: dict[Key, Row] = field(default_factory=dict)
    slow: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many requests were counted."""
        return sum(requests_of(row) for row in self.rows.values())

    @property
    def errors(self) -> int:
        """How many of them were answered with a 5xx."""
        return sum(requests_of(row) for key, row in self.rows.items() if key[2] == 5)

    def add(self, other: "Minute") -> None:
        """Take over the counts and samples of ``other``."""
        for key, row in other.rows.items():
            mine = self.rows.setdefault(key, new_row())
            for place, count in enumerate(row):
                mine[place] += count
        for sample in other.slow:
            self.keep(sample)

    def keep(self, sample: tuple[float, str, dict[str, Any]]) -> None:
        """Keep a slow sample when it is among the slowest of the minute."""
        if len(self.slow) < SAMPLES_PER_MINUTE:
            heapq.heappush(self.slow, sample)
        else:
            heapq.heappushpop(self.slow, sample)


class Recorder:
    """Counts requests; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current = Minute(_minute(clock.now()))
        self._ends = self._current.at + MINUTE
        self._held: dict[datetime, Minute] = {self._current.at: self._current}
        self._since_start = Minute(self._current.at)

    def count(self, rule: str, method: str, status: int, milliseconds: float) -> bool:
        """Count one request; return whether it was slow enough to be worth a sample.

        ``rule`` is the route's template or ``unmatched``: never a path, of which clients could make up any number.
        """
        now = clock.now()
        key = (rule, method if method in METHODS else OTHER_METHOD, status // 100)
        with self._lock:
            current = self._current
            if not current.at <= now < self._ends:
                current = self._turn(now)
            row = current.rows.get(key)
            if row is None:
                row = current.rows[key] = new_row()
            row[bucket_of(milliseconds)] += 1
            row[SUM] += milliseconds
        return milliseconds >= FASTEST_TARGET and milliseconds >= slow_after(rule)

    def sample(self, rule: str, method: str, status: int, milliseconds: float, request_id: str) -> None:
        """Keep one slow request, so that its line can be found in the log."""
        document = {
            "at": clock.now(),
            "route": rule,
            "method": method if method in METHODS else OTHER_METHOD,
            "status": status,
            "ms": round(milliseconds, 1),
            "requestId": request_id,
        }
        with self._lock:
            self._current.keep((milliseconds, clock.random_token(6), document))

    def take(self) -> Minute | None:
        """Return the oldest counts that are not stored yet, which are the caller's from now on."""
        with self._lock:
            at = min((minute.at for minute in self._held.values() if minute.rows), default=None)
            if at is None:
                return None
            taken = self._held.pop(at)
            if taken is self._current:
                self._current = self._held[at] = Minute(at)
            self._since_start.add(Minute(at, taken.rows))
        return taken

    def pending(self) -> int:
        """Return how many counted requests have not been taken yet."""
        with self._lock:
            return sum(minute.requests for minute in self._held.values())

    def totals(self) -> dict[Key, Row]:
        """Return a copy of everything that was counted since the start of the process."""
        with self._lock:
            everything = Minute(self._since_start.at)
            for minute in (self._since_start, *self._held.values()):
                everything.add(Minute(minute.at, minute.rows))
        return everything.rows

    def _turn(self, now: datetime) -> Minute:
        """Begin another minute, a later one or, after the clock was set back, an earlier one."""
        at = _minute(now)
        if len(self._held) > MINUTES_HELD:
            self._merge_by_hour()
        self._held = {held: minute for held, minute in self._held.items() if minute.rows}
        self._current = self._held.setdefault(at, Minute(at))
        self._ends = at + MINUTE
        return self._current

    def _merge_by_hour(self) -> None:
        merged: dict[datetime, Minute] = {}
        for at, minute in self._held.items():
            hour = at.replace(minute=0)
            merged.setdefault(hour, Minute(hour)).add(minute)
        self._held = merged


def new_row() -> Row:
    """Return an empty histogram with its sum."""
    return [0] * BUCKETS + [0.0]


def requests_of(row: Row) -> int:
    """Return how many requests a row has counted."""
    return int(sum(row[:BUCKETS]))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
