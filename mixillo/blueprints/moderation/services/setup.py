"""What moderation needs of the application: suspensions end in time, old strikes count no longer, people
are told what was decided."""

from flask import Flask

from mixillo.blueprints.moderation.services import standing, striking, telling
from mixillo.core import clock
from mixillo.ops import upkeep


def init_app(app: Flask) -> None:
    """Set it up for ``app``."""
    telling.connect()
    upkeep.every(app, upkeep.MINUTE, "moderation.suspensions", lambda: standing.end_suspensions(clock.now()))
    upkeep.every(app, upkeep.MINUTE, "moderation.strikes", lambda: striking.forget_old_ones(clock.now()))
