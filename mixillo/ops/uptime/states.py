"""What every minute of a window was: up, degraded, down, maintenance or unknown.

Heartbeats and checks are evidence; a minute without any is unknown and never counts as up. In this order:

- *maintenance*: it was announced.
- *down*: every checker that looked failed, or at least half of the requests (of five or more) were server errors on
  every instance.
- *degraded*: a checker failed and another did not, an instance had 10 % server errors or more, or it had half of
  them while a checker or another instance was well.
- *up*: anything else that left evidence.

A check stands for the minutes until the checker's next one, at most ``CHECK_HOLDS``.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.ops.uptime import maintenance
from mixillo.ops.uptime.checks import CHECKS
from mixillo.ops.uptime.masks import MINUTE, all_of, between, held, hour_of, placed
from mixillo.ops.uptime.pulse import HEARTBEATS

UP, DEGRADED, DOWN, MAINTENANCE, UNKNOWN = "up", "degraded", "down", "maintenance", "unknown"
CHECK_HOLDS = 5


@dataclass(frozen=True)
class States:
    """One mask per state; each of the ``minutes`` from ``start`` on is in exactly one of them.

    ``beating`` and ``failing`` tell the causes of incidents: who was there, and what the checkers saw.
    """

    start: datetime
    minutes: int
    up: int
    degraded: int
    down: int
    maintenance: int
    beating: int
    failing: int
    bad: int

    @property
    def unknown(self) -> int:
        """The minutes without any evidence."""
        return all_of(self.minutes) & ~(self.up | self.degraded | self.down | self.maintenance)

    @property
    def end(self) -> datetime:
        """The end of the last minute."""
        return self.start + self.minutes * MINUTE

    def counts(self, first: int = 0, end: int | None = None) -> dict[str, int]:
        """Return the minutes in each state, of all or of a part of the window."""
        part = all_of(self.minutes if end is None else end) & ~all_of(first)
        masks = {
            UP: self.up, DEGRADED: self.degraded, DOWN: self.down,
            MAINTENANCE: self.maintenance, UNKNOWN: self.unknown,
        }  # fmt: skip
        return {state: (mask & part).bit_count() for state, mask in masks.items()}


def states(ops: Database, start: datetime, minutes: int) -> States:
    """Return what the ``minutes`` from ``start`` (a full minute) on were."""
    end = start + minutes * MINUTE
    # A check before the window may still hold at its start.
    since = hour_of(start - timedelta(minutes=CHECK_HOLDS))
    checks = _masks(ops, CHECKS, "checker", since, end, lambda: _Placed(start, minutes, CHECK_HOLDS))
    beats = _masks(ops, HEARTBEATS, "instance", since, end, lambda: _Placed(start, minutes, 0))
    passing, failing = _outside(list(checks.values()))
    beating, fine, poor, bad = _inside(list(beats.values()))
    announced = 0
    for window in maintenance.windows(ops, start, end):
        announced |= between(window.start, window.end, start, minutes)
    well = fine | passing
    down = (failing & ~passing) | (bad & ~well)
    degraded = (failing | poor | bad) & ~down
    known = beating | passing | failing
    return States(
        start=start,
        minutes=minutes,
        up=known & ~degraded & ~down & ~announced,
        degraded=degraded & ~announced,
        down=down & ~announced,
        maintenance=announced,
        beating=beating,
        failing=failing,
        bad=bad,
    )


class _Placed:
    """The hours of one instance or checker, as masks of the window."""

    def __init__(self, start: datetime, minutes: int, hold: int) -> None:
        self._start, self._minutes, self._hold = start, minutes, hold
        self._hours: dict[str, list[tuple[datetime, int]]] = defaultdict(list)

    def add(self, document: dict[str, Any]) -> None:
        for name in ("beats", "poor", "bad", "passed", "failed"):
            if bits := document.get(name):
                self._hours[name].append((document["at"], bits))

    def mask(self, name: str) -> int:
        """Return the mask called ``name``; what began before the window is held into it."""
        begin = self._start - self._hold * MINUTE
        return placed(self._hours[name], begin, self._minutes + self._hold)

    def cut(self, mask: int) -> int:
        """Return ``mask`` without the minutes before and after the window."""
        return mask >> self._hold & all_of(self._minutes)


def _masks(
    ops: Database, collection: str, by: str, since: datetime, end: datetime, new: Callable[[], _Placed]
) -> dict[str, _Placed]:
    found: dict[str, _Placed] = defaultdict(new)
    for document in ops[collection].find({"at": {"$gte": since, "$lt": end}}, {"failures": 0}, batch_size=10_000):
        found[document[by]].add(document)
    return found


def _outside(checkers: list[_Placed]) -> tuple[int, int]:
    """Return when a checker saw us well, and when one did not."""
    passing = failing = 0
    for checker in checkers:
        passed, failed = checker.mask("passed"), checker.mask("failed")
        passing |= checker.cut(held(passed, passed | failed, CHECK_HOLDS))
        failing |= checker.cut(held(failed, passed | failed, CHECK_HOLDS))
    return passing, failing


def _inside(instances: list[_Placed]) -> tuple[int, int, int, int]:
    """Return when an instance was there at all, well, with some server errors, with many."""
    beating = fine = poor = bad = 0
    for instance in instances:
        beats = instance.mask("beats")
        beating |= beats
        fine |= beats & ~instance.mask("bad")
        poor |= instance.mask("poor")
        bad |= instance.mask("bad")
    return beating, fine, poor, bad
