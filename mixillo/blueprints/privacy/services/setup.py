"""What privacy needs of the application: deletions in time, exports that are not left behind."""

from flask import Flask

from mixillo.blueprints.privacy.services import exporting, scheduling
from mixillo.core import clock
from mixillo.ops import upkeep


def init_app(app: Flask) -> None:
    """Set it up for ``app``."""
    upkeep.every(app, upkeep.MINUTE, "privacy.exports", exporting.look_after)
    upkeep.every(app, upkeep.MINUTE, "privacy.deletion", lambda: scheduling.erase_when_due(clock.now()))
