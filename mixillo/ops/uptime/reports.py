"""Uptime for a period: percentage, coverage, incidents, and bars for a row of heartbeats."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.uptime.checks import CHECKS
from mixillo.ops.uptime.masks import MINUTE, all_of, hour_of, minute_of, runs
from mixillo.ops.uptime.states import DEGRADED, DOWN, MAINTENANCE, UNKNOWN, UP, States, states

PERIODS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
BARS = 90
# The heartbeat of the minute that has just ended is stored within this time.
SETTLED_AFTER = timedelta(seconds=15)
# Unknown minutes between two failures belong to the incident, if they are that few.
GAP = 5
UNREACHABLE, CHECKS_FAILING, SERVER_ERRORS = "unreachable", "checks_failing", "server_errors"
WORST_FIRST = (DOWN, DEGRADED, MAINTENANCE, UP)


@dataclass(frozen=True)
class Incident:
    """A time of being down; ``end`` is ``None`` while it lasts.

    ``cause`` is ``unreachable`` (checks failed and no instance left a heartbeat), ``checks_failing`` (instances
    ran, but checks failed) or ``server_errors``. ``detail`` is what a checker said, where one did.
    """

    start: datetime
    end: datetime | None
    minutes: int
    cause: str
    detail: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields under the names that ``--json`` and CSV use."""
        return {
            "start": self.start,
            "end": self.end,
            "minutes": self.minutes,
            "cause": self.cause,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class Uptime:
    """A window's minutes by state, and the incidents in it, the latest first."""

    since: datetime
    until: datetime
    minutes: dict[str, int]
    incidents: tuple[Incident, ...]

    @property
    def share(self) -> float | None:
        """The share (0 to 1) of the known minutes in which the service answered, ``None`` when none is known.

        Degraded minutes count as answered; maintenance and unknown ones do not count at all.
        """
        answered = self.minutes[UP] + self.minutes[DEGRADED]
        known = answered + self.minutes[DOWN]
        return answered / known if known else None

    @property
    def coverage(self) -> float | None:
        """The share of the minutes outside maintenance that anything is known about."""
        expected = sum(self.minutes.values()) - self.minutes[MAINTENANCE]
        return (expected - self.minutes[UNKNOWN]) / expected if expected else None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under the names that ``--json`` and CSV use."""
        return {
            "since": self.since,
            "until": self.until,
            "uptime": self.share,
            "coverage": self.coverage,
            "minutes": self.minutes,
            "incidents": [incident.as_dict() for incident in self.incidents],
        }


@dataclass(frozen=True)
class Bar:
    """One bar of the heartbeat row: its worst state, and the minutes in each."""

    start: datetime
    end: datetime
    state: str
    minutes: dict[str, int]


def uptime(ops: Database, period: str, *, now: datetime | None = None) -> Uptime:
    """Return the uptime of ``24h``, ``7d`` or ``30d`` (or ``1h``) up to the last full minute."""
    found = _states(ops, period, now)
    return Uptime(found.start, found.end, found.counts(), tuple(reversed(_incidents(ops, found))))


def bars(ops: Database, period: str, *, count: int = BARS, now: datetime | None = None) -> list[Bar]:
    """Return ``count`` bars (fewer when the period has fewer minutes), oldest first."""
    found = _states(ops, period, now)
    count = min(count, found.minutes)
    edges = [found.minutes * number // count for number in range(count + 1)]
    rows = []
    for first, end in zip(edges, edges[1:], strict=False):
        minutes = found.counts(first, end)
        state = next((state for state in WORST_FIRST if minutes[state]), UNKNOWN)
        rows.append(Bar(found.start + first * MINUTE, found.start + end * MINUTE, state, minutes))
    return rows


def _states(ops: Database, period: str, now: datetime | None) -> States:
    end = minute_of((now or clock.now()) - SETTLED_AFTER)
    return states(ops, end - PERIODS[period], PERIODS[period] // MINUTE)


def _incidents(ops: Database, found: States) -> list[Incident]:
    """Return the incidents in order; what was down again after a few unknown minutes was down all along."""
    down = _closed(found.down, found.unknown)
    incidents = []
    for first, end in runs(down):
        part = all_of(end) & ~all_of(first)
        lasts = end == found.minutes
        start = found.start + first * MINUTE
        until = found.start + end * MINUTE
        detail = _detail(ops, start, until) if found.failing & part else None
        incidents.append(Incident(start, None if lasts else until, end - first, _cause(found, part), detail))
    return incidents


def _closed(down: int, unknown: int) -> int:
    for first, end in runs(unknown):
        before, after = down >> (first - 1) & 1 if first else 0, down >> end & 1
        if before and after and end - first <= GAP:
            down |= all_of(end) & ~all_of(first)
    return down


def _cause(found: States, part: int) -> str:
    if found.bad & part or not found.failing & part:
        return SERVER_ERRORS
    return CHECKS_FAILING if found.beating & part else UNREACHABLE


def _detail(ops: Database, start: datetime, end: datetime) -> str | None:
    """Return what the first failing check of an incident said."""
    hours = ops[CHECKS].find({"at": {"$gte": hour_of(start), "$lt": end}}, {"failures": 1}, sort=[("at", 1)])
    for hour in hours:
        for failure in hour.get("failures", []):
            if start <= failure["at"] < end:
                status = f"status {failure['status']}" if failure["status"] else None
                return ", ".join(filter(None, (status, failure["detail"]))) or None
    return None
