"""What events and figures need of the application."""

from flask import Flask

from mixillo.blueprints.analytics.services import recording
from mixillo.blueprints.analytics.services.rollups import running
from mixillo.ops import upkeep


def init_app(app: Flask) -> None:
    """Set it up for ``app``."""
    recording.init_app(app)
    upkeep.every(app, upkeep.MINUTE, "analytics.rollup", running.roll_up_when_due)
