"""Word of changes: which topics are out of date, told sparingly while somebody listens."""

import time
from collections.abc import Callable

from pymongo.database import Database

from mixillo.core.db import database_name
from mixillo.ops.watching import Change, Watch

# What can change. A page says which of these its cards show; a kind of job is a topic too (its last job has ended).
DATABASE, PROCESS, JOBS, ALERTS, SOCKETS = "database", "process", "jobs", "alerts", "sockets"
SECONDS_BETWEEN_TICKS = 2.0
# Memory, sockets and latency change without a write; their cards are refreshed this often.
SECONDS_BETWEEN_PROCESS_TICKS = 10.0
# Only that something happened matters: no document crosses the wire.
PIPELINE = [{"$project": {"operationType": 1}}]


class Ticks:
    """Which topics have changed and may be told: at most every ``SECONDS_BETWEEN_TICKS`` per topic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed: set[str] = set()
        self._told: dict[str, float] = {}

    def mark(self, topic: str) -> None:
        """Remember that ``topic`` has changed."""
        self._changed.add(topic)

    def due(self) -> list[str]:
        """Return the changed topics whose pause is over; they count as told from now on."""
        now = self._clock()
        if now - self._told.get(PROCESS, 0.0) >= SECONDS_BETWEEN_PROCESS_TICKS:
            self._changed.add(PROCESS)
        found = sorted(t for t in self._changed if now - self._told.get(t, -60.0) >= SECONDS_BETWEEN_TICKS)
        self._changed.difference_update(found)
        self._told.update(dict.fromkeys(found, now))
        return found


class ChangeWatch(Watch):
    """Calls ``tell(topic)`` when a topic has changed, as long as there are listeners.

    The loss of the database and its return are told of like any other change.
    """

    def __init__(self, uri: str, tell: Callable[[str], None]) -> None:
        super().__init__(uri, database_name(uri), PIPELINE)
        self._tell = tell
        self._ticks = Ticks()

    def mark(self, topic: str) -> None:
        """Tell of ``topic`` with the next ticks: for what changes without a write to the owner's database."""
        self._ticks.mark(topic)

    def opened(self) -> None:
        """Tell of whatever happened before the stream was open."""
        self._ticks.mark(DATABASE)

    def changed(self, change: Change) -> None:
        """Remember that there was a change."""
        self._ticks.mark(DATABASE)

    def beat(self, database: Database) -> None:
        """Tell what is due."""
        self._tell_due()

    def lost(self) -> None:
        """Let pages find out that there is nothing to be read."""
        self._ticks.mark(DATABASE)
        self._tell_due()

    def _tell_due(self) -> None:
        for topic in self._ticks.due():
            self._tell(topic)
