"""What notifications need of the application: a desk for news, and somebody who goes on with messages to many."""

from flask import Flask

from mixillo.blueprints.notifications.services import announcing, broadcasting, desk, hearing
from mixillo.ops import upkeep

# Importing them is what makes them listen.
LISTENERS = hearing.__all__


def init_app(app: Flask) -> None:
    """Set it up for ``app``."""
    desk.init_app(app)
    upkeep.every(app, upkeep.MINUTE, "notifications.broadcasts", broadcasting.start)
    upkeep.every(app, upkeep.MINUTE, "notifications.announcements", announcing.start)
