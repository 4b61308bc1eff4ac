"""Addresses by which our media server's streams are watched: signed, for a while, as plain nginx checks them.

``<base>/<signature>/<expires>/<streamId>/index.m3u8``, where the signature is nginx's ``secure_link_md5`` of
``"<expires>/<streamId> <secret>"``. It is a part of the path, so that the names in a playlist, which are relative,
carry it along.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from mixillo.blueprints.live.models import ON_AIR, RTMP
from mixillo.blueprints.live.queries import sight
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.security import Viewer

Document = dict[str, Any]
PLAYLIST = "index.m3u8"
NOWHERE: Document = {"hlsExpiresAt": None}


def of(stream: Document, viewer: Viewer | None) -> Document:
    """Return the address of a stored stream that ``viewer`` sees, and until when it is good, as the API names them.

    There is none for whom the host has banned or kicked, and none while nothing is on the air.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if stream["provider"] != RTMP or stream["status"] not in ON_AIR:
        return NOWHERE
    if not (settings.media_playback_url and settings.media_secret) or not sight.is_welcome(stream, viewer):
        return NOWHERE
    until = (clock.now() + timedelta(minutes=settings.media_playback_minutes)).replace(microsecond=0)
    address = signed(settings, stream["streamId"], until)
    return {"hlsUrl": address, "streamUrl": address, "hlsExpiresAt": until}


def signed(settings: Settings, stream_id: str, until: datetime) -> str:
    """Return the address of a stream's playlist, good ``until`` then."""
    expires = int(until.timestamp())
    base = settings.media_playback_url.rstrip("/")
    return f"{base}/{signature(settings.media_secret, stream_id, expires)}/{expires}/{stream_id}/{PLAYLIST}"


def is_signed(settings: Settings, stream_id: str, expires: str, offered: str) -> bool:
    """Return whether ``offered`` is our signature for a stream, and ``expires`` (seconds) is still to come."""
    if not expires.isdecimal() or len(expires) > 11 or int(expires) < clock.now().timestamp():
        return False
    right = signature(settings.media_secret, stream_id, int(expires))
    return hmac.compare_digest(right.encode(), offered.encode("utf-8", "surrogatepass"))


def signature(secret: str, stream_id: str, expires: int) -> str:
    """Return what nginx's ``secure_link`` compares with: MD5 is the only digest that it has."""
    digest = hashlib.md5(f"{expires}/{stream_id} {secret}".encode(), usedforsecurity=False).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
