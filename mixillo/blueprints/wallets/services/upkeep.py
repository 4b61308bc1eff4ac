"""What is done about wallets by itself: holds whose time is over are given up, and the books are compared."""

from flask import Flask

from mixillo.blueprints.wallets.services import ledger, reconciling
from mixillo.core.db import ops_database
from mixillo.ops import upkeep


def init_app(app: Flask) -> None:
    """Look once a minute."""
    upkeep.every(app, upkeep.MINUTE, "wallets", look_after)


def look_after() -> None:
    """Give up the holds whose time is over, and reconcile if that is due."""
    for posted in ledger.expire():
        ledger.announce(posted)
    reconciling.reconcile_when_due(ops_database())
