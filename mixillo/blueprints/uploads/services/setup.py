"""What files need of the application: a place to be, and looking after."""

from flask import Flask

from mixillo.blueprints.uploads.services import finishing, sweeping
from mixillo.blueprints.uploads.services.storage import open_storage
from mixillo.config import Settings
from mixillo.ops import upkeep


def init_app(app: Flask, settings: Settings) -> None:
    """Set it up for ``app``.

    :raises ConfigError: the place that ``settings`` name cannot be used.
    """
    app.extensions["media"] = open_storage(settings)
    upkeep.every(app, upkeep.MINUTE, "uploads.finishing", finishing.finish_forgotten)
    upkeep.every(app, upkeep.MINUTE, "uploads.sweeping", sweeping.sweep_when_due)
