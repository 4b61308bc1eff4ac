"""What live streams need of the application: somebody who counts, ends and settles what nobody looks after."""

from flask import Flask

from mixillo.blueprints.live.models import LIVEKIT
from mixillo.blueprints.live.services import giving, livekit, media, selling, settling, timeouts, watching
from mixillo.ops import upkeep

SECONDS = 10.0
# Importing it is what makes it listen.
LISTENER = selling.hear_order


def init_app(app: Flask) -> None:
    """Set it up for ``app``."""
    giving.connect()
    media.issue(LIVEKIT, livekit.ticket)
    upkeep.every(app, SECONDS, "live.watching", watching.sweep)
    upkeep.every(app, SECONDS, "live.timeouts", timeouts.look_after)
    upkeep.every(app, SECONDS, "live.settling", settling.settle_forgotten)
