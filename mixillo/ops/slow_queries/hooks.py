"""Slow queries in the application: what the listener remembers is stored soon after, beside the requests."""

import time

import structlog
from flask import Flask, Response
from pymongo.errors import PyMongoError

from mixillo.config import Settings
from mixillo.core.db import ops_database
from mixillo.extensions import socketio
from mixillo.ops.slow_queries.listener import SlowQueries
from mixillo.ops.slow_queries.store import store

log = structlog.get_logger(__name__)
EXTENSION = "slow_queries"
SECONDS_BETWEEN_FLUSHES = 10.0


def init_app(app: Flask, settings: Settings) -> list[SlowQueries]:
    """Return the listeners for the database's client: one, or none when slow queries are not wanted.

    What it remembers is stored at most every ten seconds, after a request that finds something. Tests flush by
    themselves.
    """
    if not settings.slow_query_ms:
        return []
    listener = SlowQueries(settings.slow_query_ms)
    app.extensions[EXTENSION] = listener
    if not app.config["TESTING"]:
        _flush_after_requests(app, listener)
    return [listener]


def _flush_after_requests(app: Flask, listener: SlowQueries) -> None:
    due_at = 0.0

    @app.after_request
    def flush_soon(response: Response) -> Response:
        nonlocal due_at
        if listener.waiting and time.monotonic() >= due_at:
            due_at = time.monotonic() + SECONDS_BETWEEN_FLUSHES
            socketio.start_background_task(flush, listener)
        return response


def flush(listener: SlowQueries) -> bool:
    """Store what is remembered and return whether that worked; if not, it is remembered again."""
    seen = listener.take()
    if not seen:
        return True
    try:
        store(ops_database(), seen)
    except PyMongoError as error:
        listener.give_back(seen)
        log.warning("slow_queries_not_stored", error=type(error).__name__, shapes=len(seen))
        return False
    return True
