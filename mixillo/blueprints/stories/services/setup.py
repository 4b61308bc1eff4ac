"""What stories need of the application: somebody who removes what is over."""

from flask import Flask

from mixillo.blueprints.stories.services import sweeping
from mixillo.ops import upkeep


def init_app(app: Flask) -> None:
    """Set it up for ``app``."""
    upkeep.every(app, upkeep.MINUTE, "stories.sweeping", sweeping.sweep)
