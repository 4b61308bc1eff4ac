"""The stream: two change streams and the emits of this process become events, told sparingly and kept in a ring."""

import time
from collections.abc import Callable

from pymongo.database import Database

from mixillo.core import clock, realtime
from mixillo.core.db import database_name
from mixillo.ops.events import recorded, tally
from mixillo.ops.events.model import STREAM, Event, Ring
from mixillo.ops.events.tally import Tally
from mixillo.ops.watching import Change, Watch

SECONDS_BETWEEN_TALLIES = 1.0
# More than this in one second are counted, not told.
MOST_PER_SECOND = 50
# Who polls comes again within it.
SECONDS_FOR_POLLING = 30.0

Tell = Callable[[Event], None]


class LiveEvents:
    """Tells of events while there are listeners, or while somebody asked lately; the last ones are in ``ring``."""

    def __init__(self, uri: str, tell: Tell) -> None:
        self.ring = Ring()
        self._tell = tell
        self._tally = Tally()
        self._data = _DataWatch(uri, self._tally)
        self._records = _RecordsWatch(uri, self._take_note, self._take_tally)
        self._second, self._told, self._untold = 0, 0, 0
        self._tally_at = 0.0
        realtime.emitted.connect(self._on_emit)

    @property
    def running(self) -> bool:
        """Whether the streams are being read."""
        return self._data.running or self._records.running

    def join(self, listener: str) -> None:
        """Add a listener."""
        self._data.join(listener)
        self._records.join(listener)

    def leave(self, listener: str) -> None:
        """Remove a listener, if it is one."""
        self._data.leave(listener)
        self._records.leave(listener)

    def keep(self) -> None:
        """Go on for a while without a listener, for a page that polls."""
        self._data.keep(SECONDS_FOR_POLLING)
        self._records.keep(SECONDS_FOR_POLLING)

    def _on_emit(self, event: str, *, room: str) -> None:
        if self.running:
            self._tally.note_emit(event, room)

    def _take_tally(self) -> None:
        now = time.monotonic()
        if now < self._tally_at:
            return
        self._tally_at = now + SECONDS_BETWEEN_TALLIES
        for event in self._tally.take():
            self._take_note(event)
        self._confess()

    def _take_note(self, event: Event) -> None:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._told = second, 0
        if self._told >= MOST_PER_SECOND:
            self._untold += 1
        elif self.ring.add(event):
            self._told += 1
            self._tell(event)

    def _confess(self) -> None:
        """Say how many events were too many to be told."""
        if self._untold and int(time.monotonic()) != self._second:
            count, self._untold = self._untold, 0
            now = clock.now()
            self._take_note(Event(f"stream:{now.timestamp()}", now, STREAM, "too many", f"{count:,} more events"))


class _DataWatch(Watch):
    """Counts the changes of the owner's database."""

    def __init__(self, uri: str, counts: Tally) -> None:
        super().__init__(uri, database_name(uri), tally.PIPELINE)
        self._counts = counts

    def changed(self, change: Change) -> None:
        self._counts.note_change(change)


class _RecordsWatch(Watch):
    """Turns what is written to the technical database into events, and lets the tally be taken."""

    def __init__(self, uri: str, tell: Tell, take_tally: Callable[[], None]) -> None:
        super().__init__(uri, f"{database_name(uri)}_ops", recorded.PIPELINE)
        self._tell = tell
        self._take_tally = take_tally
        self._written: list[Change] = []
        self._lost = False

    def opened(self) -> None:
        if self._lost:
            self._say("database", "answers again")
        self._lost = False

    def changed(self, change: Change) -> None:
        self._written.append(change)

    def beat(self, database: Database) -> None:
        while self._written:
            event = recorded.event_of(self._written[0], database)
            self._written.pop(0)
            if event:
                self._tell(event)
        self._take_tally()

    def lost(self) -> None:
        if not self._lost:
            self._say("database", "does not answer")
        self._lost = True

    def _say(self, name: str, summary: str) -> None:
        now = clock.now()
        self._tell(Event(f"stream:{now.timestamp()}", now, STREAM, name, summary))
