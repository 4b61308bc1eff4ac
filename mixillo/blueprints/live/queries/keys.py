"""Stream keys: what an encoder shows the media server, once, when it begins to publish.

They are made from the stream's id and the application's secret whenever they are needed, so that none is stored; one
that the existing system has stored goes on working.
"""

import hashlib
import hmac
from typing import Any

from flask import current_app

from mixillo.blueprints.live.models import RTMP

Document = dict[str, Any]
# As in rtmp://media.example.com/live/stream_1?key=…, where all three media servers hand it over apart from the name.
PARAMETER = "key"


def key_of(stream: Document) -> str:
    """Return the key of a stored stream."""
    if kept := stream.get("streamKey"):
        return str(kept)
    digest = hmac.digest(current_app.config["CURSOR_KEY"], f"stream key {stream['_id']}".encode(), hashlib.sha256)
    return digest.hex()[:48]


def fits(stream: Document, offered: str) -> bool:
    """Return whether ``offered`` is the key of a stored stream; wrong ones all take equally long."""
    return hmac.compare_digest(key_of(stream).encode(), offered.encode("utf-8", "surrogatepass"))


def server(stream: Document) -> str | None:
    """Return where the host's encoder sends a stored stream, if anywhere."""
    own = current_app.config["SETTINGS"].media_ingest_url if stream["provider"] == RTMP else None
    return own or stream.get("rtmpUrl")


def shown(stream: Document) -> str:
    """Return what the host enters as the key: with ``rtmp`` the name of the stream is part of it."""
    key = key_of(stream)
    return f"{stream['streamId']}?{PARAMETER}={key}" if stream["provider"] == RTMP else key
