"""What the two databases hold: measured seldom enough that an open dashboard does not burden them."""

import time
from collections.abc import Callable

import structlog
from flask import current_app, request
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.blueprints.dashboard.access import LIVE_HEADER
from mixillo.blueprints.dashboard.measuring import FRESH_ENOUGH, Kept, Measured
from mixillo.core import clock
from mixillo.core.db import database, ops_database
from mixillo.extensions import socketio
from mixillo.ops.database import DatabaseStats, recount, statistics

log = structlog.get_logger(__name__)
EXTENSION = "dashboard_holdings"
SECONDS_BETWEEN_SURVEYS = 60.0
# A survey that takes long is made less often: it may cost half a per cent of the server's time.
REST = 200


class Holdings:
    """The statistics of one database: surveyed now and then in the background, recounted whenever somebody asks.

    Nobody waits for a survey but who asks first.
    """

    def __init__(self, which: Callable[[], Database]) -> None:
        self._which = which
        self._stats: DatabaseStats | None = None
        self._due_at = 0.0

    def now(self) -> DatabaseStats:
        """Return the documents of now with sizes from the last survey.

        :raises PyMongoError: the database does not answer.
        """
        if self._stats is None:
            return self._survey()
        if time.monotonic() >= self._due_at:
            self._due_at = time.monotonic() + SECONDS_BETWEEN_SURVEYS
            socketio.start_background_task(self._survey_quietly)
        return recount(self._which(), self._stats)

    def _survey(self) -> DatabaseStats:
        began = time.monotonic()
        self._stats = statistics(self._which())
        ended = time.monotonic()
        self._due_at = ended + max(SECONDS_BETWEEN_SURVEYS, REST * (ended - began))
        return self._stats

    def _survey_quietly(self) -> None:
        try:
            self._survey()
        except PyMongoError as error:  # tried again in a minute; whoever asks meanwhile is told
            log.warning("database_not_surveyed", error=type(error).__name__)


def owners() -> Callable[[], Measured]:
    """Return the question for the statistics of the owner's database."""
    return _question("owners")


def ours() -> Callable[[], Measured]:
    """Return the question for the statistics of our own database."""
    return _question("ours")


def _question(name: str) -> Callable[[], Measured]:
    """Return a function for a template; a card that was told of a change never gets figures from before it."""
    asked_at = clock.now()
    moment = asked_at if LIVE_HEADER in request.headers else asked_at - FRESH_ENOUGH
    kept: Kept = _all()[name]
    return lambda: kept.since(moment)


def _all() -> dict[str, Kept]:
    found: dict[str, Kept] = current_app.extensions.setdefault(
        EXTENSION, {"owners": Kept(Holdings(database).now), "ours": Kept(Holdings(ops_database).now)}
    )
    return found
