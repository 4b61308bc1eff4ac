"""Figures with their time: a card never shows one without saying when it was measured, or why it was not."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from pymongo.errors import AutoReconnect, ExecutionTimeout, PyMongoError, WaitQueueTimeoutError

from mixillo.core import clock
from mixillo.core.db import seems_connected

log = structlog.get_logger(__name__)
SILENT = "The database does not answer"
SECONDS_BETWEEN_QUESTIONS = 3.0
UNREACHABLE = (AutoReconnect, ExecutionTimeout, WaitQueueTimeoutError)


@dataclass(frozen=True)
class Measured:
    """A figure and when it was measured; without one, ``problem`` is a sentence on why.

    ``since`` is when this process first found the database silent.
    """

    value: Any
    at: datetime
    problem: str | None = None
    since: datetime | None = None


class Outage:
    """Since when the database has been silent, as far as this process has noticed.

    ``failures`` counts the measurements without a figure.
    """

    def __init__(self) -> None:
        self.since: datetime | None = None
        self.failures = 0
        self._ask_again_at = 0.0

    @property
    def certain(self) -> bool:
        """Whether to take the database for down without asking: it was silent a moment ago, or has no server."""
        return self.since is not None and (time.monotonic() < self._ask_again_at or not seems_connected())

    def begin(self, at: datetime) -> None:
        """Remember that it was silent at ``at``; for a moment nobody need wait for it again."""
        self.since = self.since or at
        self._ask_again_at = time.monotonic() + SECONDS_BETWEEN_QUESTIONS

    def end(self) -> None:
        """Remember that it has answered."""
        self.since = None


outage = Outage()


def measure(work: Callable[[], Any]) -> Measured:
    """Return what ``work`` finds in the database, or why it finds nothing.

    While the database is known to be down it is not waited for again.
    """
    at = clock.now()
    if outage.certain:
        return _none(at, SILENT, outage.since)
    try:
        value = work()
    except UNREACHABLE as error:
        log.warning("database_unavailable", error=type(error).__name__)
        outage.begin(at)
        return _none(at, SILENT, outage.since)
    except PyMongoError as error:
        log.error("measurement_failed", exc_info=error)
        return _none(at, "The database refused the question; the log says why")
    outage.end()
    return Measured(value, at)


def _none(at: datetime, problem: str, since: datetime | None = None) -> Measured:
    outage.failures += 1
    return Measured(None, at, problem, since)


def once(work: Callable[[], Any]) -> Callable[[], Measured]:
    """Return ``work`` to be measured when a card asks for it, and once for all cards of a page."""
    return cache(lambda: measure(work))


class Kept:
    """A measurement that costs the database something, kept with its time and shared by all who look."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._last: Measured | None = None
        self._lock = threading.Lock()

    def since(self, moment: datetime) -> Measured:
        """Return a measurement that began at ``moment`` or later; whoever comes while one is made waits for it."""
        with self._lock:
            if self._last is None or self._last.problem or self._last.at < moment or outage.since:
                self._last = measure(self._work)
            return self._last


# A page opens with figures up to this old, and asks for new ones as soon as it is live.
FRESH_ENOUGH = timedelta(seconds=10)
