"""Word of changes in the database: one change stream per process, read only while somebody listens."""

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from pymongo import MongoClient
from pymongo.change_stream import ChangeStream
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from mixillo.core.db import database_name
from mixillo.extensions import socketio

log = structlog.get_logger(__name__)
# What can change. A page says which of these its cards show; a kind of job is a topic too (its last job has ended).
DATABASE, PROCESS, JOBS, ALERTS = "database", "process", "jobs", "alerts"
SECONDS_BETWEEN_TICKS = 2.0
# Memory, sockets and latency change without a write; their cards are refreshed this often.
SECONDS_BETWEEN_PROCESS_TICKS = 10.0
SECONDS_BETWEEN_RETRIES = 1.0
MILLISECONDS_TO_WAIT = 250
# A frozen server must not silence the stream: what waits 250 ms at most is given up after five seconds.
OPTIONS: dict[str, Any] = {
    "appname": "mixillo-changes",
    "serverSelectionTimeoutMS": 2_000,
    "connectTimeoutMS": 3_000,
    "socketTimeoutMS": 5_000,
    "heartbeatFrequencyMS": 3_000,
}
# Only that something happened matters: no document crosses the wire.
PIPELINE = [{"$project": {"operationType": 1}}]
CANNOT_RESUME = (136, 222, 260, 280, 286)  # the token is too old, or is not one of this server's


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


class ChangeWatch:
    """Calls ``tell(topic)`` when a topic has changed, as long as there are listeners.

    The stream has a client of its own: it waits for longer than a request may. It survives the database's
    restarts, and tells of its loss and its return like of any other change.
    """

    def __init__(self, uri: str, tell: Callable[[str], None]) -> None:
        self._uri = uri
        self._tell = tell
        self._ticks = Ticks()
        self._listeners: set[str] = set()
        self._lock = threading.Lock()
        self._running = False
        self._token: Any = None

    @property
    def running(self) -> bool:
        """Whether the stream is being read."""
        return self._running

    def join(self, listener: str) -> None:
        """Add a listener; the first one starts the stream."""
        with self._lock:
            self._listeners.add(listener)
            if self._running:
                return
            self._running = True
        socketio.start_background_task(self._run)

    def leave(self, listener: str) -> None:
        """Remove a listener; after the last one the stream ends within a moment."""
        with self._lock:
            self._listeners.discard(listener)

    def mark(self, topic: str) -> None:
        """Tell of ``topic`` with the next ticks: for what changes without a write to the owner's database."""
        self._ticks.mark(topic)

    def _wanted(self) -> bool:
        with self._lock:
            self._running = bool(self._listeners)
            return self._running

    def _run(self) -> None:
        client: MongoClient[dict[str, Any]]
        with MongoClient(self._uri, **OPTIONS) as client:
            database: Database[dict[str, Any]] = client[database_name(self._uri)]
            while self._wanted():
                try:
                    with database.watch(
                        PIPELINE, resume_after=self._token, max_await_time_ms=MILLISECONDS_TO_WAIT
                    ) as stream:
                        self._read(stream)
                except PyMongoError as error:
                    self._lost(error)
        self._token = None  # the next listener loads its page afresh and needs no old news

    def _read(self, stream: ChangeStream) -> None:
        self._ticks.mark(DATABASE)  # whatever happened before the stream was open
        while stream.alive and self._wanted():
            if stream.try_next() is not None:
                self._ticks.mark(DATABASE)
            self._token = stream.resume_token
            self._tell_due()
        if not stream.alive:  # the database was dropped: a token from before leads nowhere
            self._token = None

    def _lost(self, error: PyMongoError) -> None:
        log.warning("change_stream_lost", error=type(error).__name__)
        if isinstance(error, OperationFailure) and error.code in CANNOT_RESUME:
            self._token = None
        self._ticks.mark(DATABASE)
        self._tell_due()
        socketio.sleep(SECONDS_BETWEEN_RETRIES)

    def _tell_due(self) -> None:
        for topic in self._ticks.due():
            self._tell(topic)
