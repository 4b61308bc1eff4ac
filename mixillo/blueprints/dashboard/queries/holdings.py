"""What the two databases hold: measured seldom enough that an open dashboard does not burden them."""

from collections.abc import Callable

from flask import current_app, request

from mixillo.blueprints.dashboard.access import LIVE_HEADER
from mixillo.blueprints.dashboard.measuring import FRESH_ENOUGH, Kept, Measured
from mixillo.core import clock
from mixillo.core.db import database, ops_database
from mixillo.ops.database import statistics

EXTENSION = "dashboard_holdings"


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
        EXTENSION,
        {
            "owners": Kept(lambda: statistics(database())),
            "ours": Kept(lambda: statistics(ops_database())),
        },
    )
    return found
