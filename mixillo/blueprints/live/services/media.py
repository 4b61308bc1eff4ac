"""Who carries pictures and sound, and what lets somebody in there."""

from collections.abc import Callable
from typing import Any

from mixillo.blueprints.live.models import LIVE, RTMP, STARTING, StreamProvider
from mixillo.core import clock
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Document = dict[str, Any]
# ticket(stream, viewer, role): what a provider wants to see before it lets somebody in.
Ticket = Callable[[Document, Viewer, str], str | None]
_tickets: dict[str, Ticket] = {}


class ProviderNotAvailable(Conflict):
    """It is switched off, or being repaired."""

    code, title = "live_provider_not_available", "This provider carries no streams now"


def issue(provider: str, ticket: Ticket) -> None:
    """Let ``ticket`` make what ``provider`` wants to see."""
    _tickets[provider] = ticket


def ticket_of(stream: Document, viewer: Viewer, role: str) -> str | None:
    """Return what lets ``viewer`` into the media of a stored stream; nothing where its provider wants nothing of us."""
    make = _tickets.get(stream["provider"])
    return make(stream, viewer, role) if make else None


def first_state(provider: str) -> str:
    """Return the state in which a stream of ``provider`` begins."""
    return STARTING if provider == RTMP else LIVE


def check_available(provider: str) -> None:
    """Refuse a provider that the owner has switched off; one that nothing is said of is fine.

    :raises ProviderNotAvailable:
    """
    said = StreamProvider.collection().find_one({"name": provider}, {"enabled": 1, "status": 1})
    if said and (said.get("enabled") is False or said.get("status") not in (None, "active")):
        raise ProviderNotAvailable


def names_of(key: str) -> Document:
    """Return the names under which a new stream is known to its provider; ``key`` is nobody else's."""
    return {
        "streamId": f"stream_{key}",
        "channelId": f"channel_{key}",
        "chatRoomId": f"chat_{key}",
        "streamKey": clock.random_token(24),
    }
