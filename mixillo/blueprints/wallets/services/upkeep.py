"""What is done about wallets by itself: holds whose time is over are given up, and the books are compared."""

import time

import structlog
from flask import Flask

from mixillo.blueprints.wallets.services import ledger, reconciling
from mixillo.core.db import ops_database
from mixillo.ops import metrics

log = structlog.get_logger(__name__)
SECONDS_BETWEEN_LOOKS = 60.0


def init_app(app: Flask) -> None:
    """Look once a minute, after a flush of the metrics of ``app``."""
    due_at = 0.0

    def look() -> None:
        nonlocal due_at
        if time.monotonic() >= due_at:
            due_at = time.monotonic() + SECONDS_BETWEEN_LOOKS
            look_after()

    metrics.flusher_of(app).afterwards.append(look)


def look_after() -> None:
    """Give up the holds whose time is over, and reconcile if that is due. Never raises."""
    try:
        for posted in ledger.expire():
            ledger.announce(posted)
        reconciling.reconcile_when_due(ops_database())
    except Exception as error:  # it is tried again in a minute
        log.warning("wallets_not_looked_after", exc_info=error)
