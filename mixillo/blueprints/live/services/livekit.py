"""Tickets for LiveKit: who may come into which room, and what they may do there, signed with the API secret."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from flask import current_app

from mixillo.blueprints.live.queries.sight import HOST
from mixillo.config import Settings
from mixillo.core.security import Viewer

Document = dict[str, Any]
# To come in by; LiveKit itself gives those who are in the room new ones.
VALID = timedelta(minutes=10)


def ticket(stream: Document, viewer: Viewer, role: str) -> str:
    """Return a token that lets ``viewer`` into the room of a stored stream: the host publishes, all others watch."""
    settings: Settings = current_app.config["SETTINGS"]
    # Imported with the first ticket: it costs 0.3 s and 38 MB, which who does not use it shall not pay.
    livekit = import_module("livekit.api")
    is_host = role == HOST
    grants = livekit.VideoGrants(
        room_join=True,
        room=room_of(stream),
        can_publish=is_host,
        can_publish_data=is_host,
        can_subscribe=True,
    )
    token = livekit.AccessToken(settings.livekit_api_key, settings.livekit_api_secret)
    made: str = (
        token.with_identity(str(viewer.id)).with_name(viewer.username).with_ttl(VALID).with_grants(grants).to_jwt()
    )
    return made


def room_of(stream: Document) -> str:
    """Return LiveKit's name of a stored stream's room."""
    return str(stream.get("channelId") or stream["streamId"])
