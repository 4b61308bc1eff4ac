"""Who sees which stream, and who may be in it.

People stand above all, as with posts: nobody sees the streams of somebody who blocks them, or whom they block, or
whose account is closed; those of a private profile are for whom its owner follows, private ones for those who were
invited. The host decides besides who is kept out. Administrators see everything.
"""

from datetime import timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.queries import sight as people_in_sight
from mixillo.blueprints.content.queries.sight import Circle
from mixillo.blueprints.live.models import FAILED, ON_AIR, STARTING, LiveParticipant, Livestream
from mixillo.core import clock
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, Forbidden, NotFound

Document = dict[str, Any]
# Who was away when it ended may come back for what was said last.
OPEN_AFTER_THE_END = timedelta(minutes=15)
HOST, MODERATOR, ADMIN, VIEWER = "host", "moderator", "admin", "viewer"
LIGHT: Document = {"giftsReceived": 0, "participants": 0}


class StreamNotFound(NotFound):
    """There is no such stream, or none that the viewer may see."""

    code, title = "live_not_found", "There is no such stream"


class NotOnAir(Conflict):
    """It has not begun, or is over."""

    code, title = "live_not_on_air", "The stream is not on the air"


class Unwelcome(Forbidden):
    """The host does not want the viewer in there, for a while (``live_kicked``) or for good (``live_banned``)."""

    code, title = "live_banned", "You cannot join this stream"


class Kicked(Unwelcome):
    """For a while."""

    code = "live_kicked"


class NotTheTeam(Forbidden):
    """Only the host, moderators and administrators do that."""

    code, title = "live_not_moderator", "Only the host and moderators may do that"


def stored(stream_id: ObjectId) -> Document:
    """Return a stored stream without its long lists.

    :raises StreamNotFound: there is none.
    """
    found: Document | None = Livestream.collection().find_one({"_id": stream_id}, LIGHT)
    if found is None:
        raise StreamNotFound
    return found


def find(stream_id: ObjectId, viewer: Viewer | None) -> Document:
    """Return a stored stream that ``viewer`` may see.

    :raises StreamNotFound: there is none.
    """
    found = stored(stream_id)
    if not sees(found, people_in_sight.circle([found["hostId"]], viewer)):
        raise StreamNotFound
    return found


def sees(stream: Document, around: Circle) -> bool:
    """Return whether the viewer of ``around`` may see a stored stream."""
    host, viewer = stream["hostId"], around.viewer
    if host not in around.authors:
        return False
    if viewer and role(stream, viewer) != VIEWER:
        return True
    if stream["status"] == FAILED or (host in around.private and host not in around.followers):
        return False
    invited = viewer is not None and viewer.id in (stream.get("allowedUsers") or [])
    return invited or not stream.get("isPrivate")


def role(stream: Document, viewer: Viewer) -> str:
    """Return what ``viewer`` is in a stored stream."""
    if viewer.id == stream["hostId"]:
        return HOST
    if viewer.is_admin:
        return ADMIN
    return MODERATOR if viewer.id in (stream.get("moderators") or []) else VIEWER


def of_team(stream_id: ObjectId, viewer: Viewer) -> Document:
    """Return a stored stream whose host or moderator ``viewer`` is, or any to administrators.

    :raises StreamNotFound: there is none that the viewer may see.
    :raises NotTheTeam: the viewer only watches.
    """
    found = find(stream_id, viewer)
    if role(found, viewer) == VIEWER:
        raise NotTheTeam
    return found


def of_host(stream_id: ObjectId, viewer: Viewer) -> Document:
    """Return a stored stream of the viewer's own.

    :raises StreamNotFound: it is not.
    """
    found = stored(stream_id)
    if found["hostId"] != viewer.id:
        raise StreamNotFound
    return found


def may_enter(viewer: Viewer, stream_id: ObjectId) -> Document:
    """Return the stored stream whose room ``viewer`` may be in: on the air, or over for some minutes.

    :raises StreamNotFound: there is none that the viewer may see.
    :raises NotOnAir: it has not begun, or is over for longer; the host is in there from the start.
    :raises Unwelcome: the host has banned or kicked the viewer.
    """
    found = find(stream_id, viewer)
    early = found["status"] == STARTING and role(found, viewer) != VIEWER
    ended = found.get("endedAt")
    if not early and found["status"] not in ON_AIR and not (ended and ended > clock.now() - OPEN_AFTER_THE_END):
        raise NotOnAir
    check_welcome(found, viewer)
    return found


def check_welcome(stream: Document, viewer: Viewer) -> None:
    """Refuse whom the host does not want in a stored stream.

    :raises Unwelcome: banned, or kicked for a while.
    """
    if role(stream, viewer) in (HOST, ADMIN):
        return
    if any(each.get("userId") == viewer.id for each in stream.get("bannedUsers") or []):
        raise Unwelcome
    row = participant(stream["_id"], viewer.id)
    if row.get("kickedUntil") and row["kickedUntil"] > clock.now():
        raise Kicked(f"You may come back at {clock.timestamp(row['kickedUntil'])}.")


def is_welcome(stream: Document, viewer: Viewer | None) -> bool:
    """Return whether the host wants ``viewer``, who sees the stored stream, in there."""
    if viewer is not None:
        try:
            check_welcome(stream, viewer)
        except Unwelcome:
            return False
    return True


def participant(stream_id: ObjectId, user_id: ObjectId) -> Document:
    """Return the row of somebody in a stream; empty where they never were in there."""
    return LiveParticipant.collection().find_one({"livestreamId": stream_id, "userId": user_id}) or {}


def check_on_air(stream: Document) -> None:
    """Refuse where nothing is on the air.

    :raises NotOnAir:
    """
    if stream["status"] not in ON_AIR:
        raise NotOnAir
