"""Live streams: who is on the air is told to those who follow them."""

from typing import Any

import structlog
from pymongo.errors import PyMongoError

from mixillo.blueprints.live.services import telling
from mixillo.blueprints.notifications.services import announcing

log = structlog.get_logger(__name__)
Document = dict[str, Any]


@telling.started.connect
def hear_start(_sender: Any, *, stream: Document, **_more: Any) -> None:
    """Somebody is on the air, whatever becomes of telling it."""
    try:
        announcing.announce(stream)
    except PyMongoError as error:
        log.warning("stream_not_announced", livestream_id=str(stream["_id"]), error=type(error).__name__)
