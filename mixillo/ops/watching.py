"""Reading the changes of a database as they happen, while somebody listens."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import structlog
from pymongo import MongoClient
from pymongo.change_stream import ChangeStream
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from mixillo.extensions import socketio

log = structlog.get_logger(__name__)
SECONDS_BETWEEN_RETRIES = 1.0
MILLISECONDS_TO_WAIT = 250
# A frozen server must not silence the stream: what waits 250 ms at most is given up after five seconds.
OPTIONS: dict[str, Any] = {
    "appname": "mixillo-changes",
    "serverSelectionTimeoutMS": 2_000,
    "connectTimeoutMS": 3_000,
    "socketTimeoutMS": 5_000,
    "heartbeatFrequencyMS": 3_000,
    "tz_aware": True,
}
CANNOT_RESUME = (136, 222, 260, 280, 286)  # the token is too old, or is not one of this server's

Change = dict[str, Any]


class Watch:
    """Reads a change stream of the database ``name`` as long as there are listeners.

    It has a client of its own: it waits for longer than a request may. It survives the database's restarts and
    goes on where it was. What subclasses do with it: :meth:`opened`, :meth:`changed`, :meth:`beat`, :meth:`lost`.
    """

    def __init__(self, uri: str, name: str, pipeline: Sequence[dict[str, Any]]) -> None:
        self._uri = uri
        self._name = name
        self._pipeline = list(pipeline)
        self._listeners: set[str] = set()
        self._kept_until = 0.0
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
        self._start()

    def leave(self, listener: str) -> None:
        """Remove a listener; after the last one the stream ends within a moment."""
        with self._lock:
            self._listeners.discard(listener)

    def keep(self, seconds: float) -> None:
        """Read for so long without a listener: for those who come and ask."""
        self._kept_until = time.monotonic() + seconds
        self._start()

    def opened(self) -> None:
        """Do what is to be done when the stream is open, again or for the first time."""

    def changed(self, change: Change) -> None:
        """Take note of one change."""

    def beat(self, database: Database) -> None:
        """Do what is to be done now and then, at least every ``MILLISECONDS_TO_WAIT`` while the stream is open."""

    def lost(self) -> None:
        """Do what is to be done when the database cannot be read; it is tried again in a moment."""

    def _start(self) -> None:
        with self._lock:
            if self._running:
                return
            self._running = True
            self._token = None  # the new listener loads its page afresh and needs no old news
        socketio.start_background_task(self._run)

    def _wanted(self) -> bool:
        with self._lock:
            self._running = bool(self._listeners) or time.monotonic() < self._kept_until
            return self._running

    def _run(self) -> None:
        client: MongoClient[dict[str, Any]]
        with MongoClient(self._uri, **OPTIONS) as client:
            database: Database[dict[str, Any]] = client[self._name]
            while self._wanted():
                try:
                    with database.watch(
                        self._pipeline, resume_after=self._token, max_await_time_ms=MILLISECONDS_TO_WAIT
                    ) as stream:
                        self._read(stream, database)
                except PyMongoError as error:
                    self._lose(error)

    def _read(self, stream: ChangeStream, database: Database) -> None:
        self.opened()
        while stream.alive and self._wanted():
            change = stream.try_next()
            if change is not None:
                self.changed(dict(change))
            self._token = stream.resume_token
            self.beat(database)
        if not stream.alive:  # the database was dropped: a token from before leads nowhere
            self._token = None

    def _lose(self, error: PyMongoError) -> None:
        log.warning("change_stream_lost", database=self._name, error=type(error).__name__)
        if isinstance(error, OperationFailure) and error.code in CANNOT_RESUME:
            self._token = None
        self.lost()
        socketio.sleep(SECONDS_BETWEEN_RETRIES)
