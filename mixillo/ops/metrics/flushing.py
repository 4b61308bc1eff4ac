"""When counts go to the database: every ten seconds, inside requests when nothing else runs, and at the end.

Cloud Run may give no CPU between requests, so a request that finds the buffer old starts a flush in the
background, beside its own answer; where there is CPU, a ticker does so too, and keeps the heart beating. On SIGTERM
``gunicorn.conf.py`` closes the flusher when the last request is answered. While the database is away counts wait
in memory.
"""

import threading
import time
from collections.abc import Callable

import structlog
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.core import clock
from mixillo.extensions import socketio
from mixillo.ops import revisions
from mixillo.ops.metrics.recording import Minute, Recorder
from mixillo.ops.metrics.storing import Instance, store
from mixillo.ops.uptime import Pulse

log = structlog.get_logger(__name__)
SECONDS_BETWEEN_FLUSHES = 10.0
SECONDS_TO_WAIT_FOR_ANOTHER = 6.0


class Flusher:
    """Moves what ``recorder`` counts into the database that ``ops()`` returns.

    Together with the first counts the revision records itself; with every flush goes a heartbeat.
    """

    def __init__(
        self, recorder: Recorder, ops: Callable[[], Database], instance: Instance, introduction: revisions.Revision
    ) -> None:
        self.instance = instance
        self._recorder = recorder
        self._ops = ops
        self._introduction = introduction
        self._introduced = False
        self._pulse = Pulse(instance.id, instance.revision)
        self._turn = threading.Lock()
        self._sending: Minute | None = None
        self._number = 0
        self._due_at = time.monotonic() + SECONDS_BETWEEN_FLUSHES
        self._ticking = False
        # What else is done about every ten seconds, whether the database took the counts or not.
        self.afterwards: list[Callable[[], None]] = []
        # What else is stored before the process ends, if the database took the counts.
        self.at_the_end: list[Callable[[], object]] = []

    def nudge(self) -> None:
        """Start a flush in the background when the last one is long ago; called by every request."""
        if time.monotonic() >= self._due_at:
            self._due_at = time.monotonic() + SECONDS_BETWEEN_FLUSHES
            socketio.start_background_task(self.run)
        if not self._ticking:
            self._ticking = True
            socketio.start_background_task(self._tick)

    def flush(self, *, wait: bool = False) -> bool:
        """Store everything that was counted so far; return whether nothing is left to store.

        One flush runs at a time: another returns at once, or waits for its turn with ``wait``. Failures are
        logged, and what could not be stored is kept for the next time.
        """
        if not self._turn.acquire(timeout=SECONDS_TO_WAIT_FOR_ANOTHER if wait else 0.001):
            return False
        try:
            self._store_all()
        except PyMongoError as error:
            log.warning("metrics_not_stored", error=type(error).__name__, waiting=self.waiting())
            return False
        finally:
            self._turn.release()
        return True

    def run(self) -> None:
        """Flush, and then start what is to be done afterwards, each beside the next flush."""
        self.flush()
        for follow in self.afterwards:
            socketio.start_background_task(follow)

    def close(self) -> None:
        """Store what is left before the process ends; what is lost because the database is away is logged."""
        if self.waiting() and not self.flush(wait=True):
            log.error("metrics_lost", requests=self.waiting())
            return  # nor is there time to wait for the database once more
        for last in self.at_the_end:
            last()

    def waiting(self) -> int:
        """Return how many counted requests are not in the database yet."""
        return self._recorder.pending() + (self._sending.requests if self._sending else 0)

    def _store_all(self) -> None:
        ops = self._ops()
        if not self._introduced:
            revisions.record(ops, self._introduction)
            self._introduced = True
        while minute := self._next():
            store(ops, self.instance, self._number, minute)
            self._pulse.note(minute.at, minute.requests, minute.errors)
            self._sending = None
        self._pulse.beat(clock.now())
        self._pulse.store(ops)
        revisions.seen(ops, self.instance.revision)

    def _next(self) -> Minute | None:
        """Return what to store next: first what may or may not have been stored the last time."""
        if self._sending is None:
            self._sending = self._recorder.take()
            self._number += self._sending is not None
        return self._sending

    def _tick(self) -> None:
        while True:
            socketio.sleep(SECONDS_BETWEEN_FLUSHES)
            if time.monotonic() >= self._due_at:
                self._due_at = time.monotonic() + SECONDS_BETWEEN_FLUSHES
                self.run()
