"""What live streams need of the application: somebody who counts, ends and settles what nobody looks after."""

from importlib.util import find_spec

from flask import Flask

from mixillo.blueprints.live.models import LIVEKIT
from mixillo.blueprints.live.services import giving, livekit, media, selling, settling, timeouts, watching
from mixillo.config import ConfigError
from mixillo.ops import upkeep

SECONDS = 10.0
# Importing it is what makes it listen.
LISTENER = selling.hear_order


def init_app(app: Flask) -> None:
    """Set it up for ``app``.

    :raises ConfigError: LiveKit is configured, and its library is not installed.
    """
    if app.config["SETTINGS"].livekit_url and find_spec("livekit") is None:
        raise ConfigError(["LIVEKIT_URL needs the extra `livekit`: pip install 'mixillo[livekit]'."])
    giving.connect()
    media.issue(LIVEKIT, livekit.ticket)
    upkeep.every(app, SECONDS, "live.watching", watching.sweep)
    upkeep.every(app, SECONDS, "live.timeouts", timeouts.look_after)
    upkeep.every(app, SECONDS, "live.settling", settling.settle_forgotten)
