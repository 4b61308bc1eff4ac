"""Who carries pictures and sound, and what lets somebody in there."""

from collections.abc import Callable
from typing import Any

from flask import current_app

from mixillo.blueprints.live.models import LIVE, LIVEKIT, RTMP, STARTING, StreamProvider
from mixillo.config import Settings
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Document = dict[str, Any]
# ticket(stream, viewer, role): what a provider wants to see before it lets somebody in.
Ticket = Callable[[Document, Viewer, str], str | None]
_tickets: dict[str, Ticket] = {}


class ProviderNotAvailable(Conflict):
    """It is switched off, or being repaired."""

    code, title = "live_provider_not_available", "This provider carries no streams now"


class ProviderNotConfigured(Conflict):
    """This server does not know where it is, or has no secret of it."""

    code, title = "live_provider_not_configured", "This provider is not configured here"


def issue(provider: str, ticket: Ticket) -> None:
    """Let ``ticket`` make what ``provider`` wants to see."""
    _tickets[provider] = ticket


def ticket_of(stream: Document, viewer: Viewer, role: str) -> str | None:
    """Return what lets ``viewer`` into the media of a stored stream; nothing where its provider wants nothing of us.

    :raises ProviderNotConfigured: it does, and there is nothing to sign it with.
    """
    make = _tickets.get(stream["provider"])
    if make is None:
        return None
    check_configured(stream["provider"])
    return make(stream, viewer, role)


def server_of(stream: Document) -> str | None:
    """Return where the media of a stored stream are, for clients whose provider has no fixed address."""
    settings: Settings = current_app.config["SETTINGS"]
    return (settings.livekit_url or None) if stream["provider"] == LIVEKIT else None


def first_state(provider: str) -> str:
    """Return the state in which a stream of ``provider`` begins."""
    return STARTING if provider == RTMP else LIVE


def check_available(provider: str) -> None:
    """Refuse a provider that the owner has switched off; one that nothing is said of is fine.

    :raises ProviderNotAvailable:
    :raises ProviderNotConfigured: it is one that this server must know more of.
    """
    said = StreamProvider.collection().find_one({"name": provider}, {"enabled": 1, "status": 1})
    if said and (said.get("enabled") is False or said.get("status") not in (None, "active")):
        raise ProviderNotAvailable
    check_configured(provider)


def check_configured(provider: str) -> None:
    """Refuse a provider that needs settings that are not made.

    :raises ProviderNotConfigured:
    """
    settings: Settings = current_app.config["SETTINGS"]
    needed = {
        RTMP: (settings.media_secret, settings.media_ingest_url),
        LIVEKIT: (settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret),
    }
    if not all(needed.get(provider, ())):
        raise ProviderNotConfigured(f"{provider} carries no streams here: it is not configured.")


def names_of(key: str) -> Document:
    """Return the names under which a new stream is known to its provider; ``key`` is nobody else's."""
    return {"streamId": f"stream_{key}", "channelId": f"channel_{key}", "chatRoomId": f"chat_{key}"}
