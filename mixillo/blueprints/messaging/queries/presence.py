"""Who of those one talks with is there, as far as they let others know.

That somebody is there is nobody's business but of those to whom they have written: a stranger learns nothing by writing
to them, and nobody learns anything across a block.
"""

from collections.abc import Iterable
from typing import Any

from bson import ObjectId

from mixillo.blueprints.messaging.models import OFFLINE, ONLINE, RECENT, Conversation
from mixillo.blueprints.users.models import ACTIVE, User
from mixillo.blueprints.users.queries import relations
from mixillo.core.db import hinted
from mixillo.core.realtime import presence as sockets
from mixillo.core.security import Viewer

Document = dict[str, Any]
FIELDS = {"privacySettings.showOnlineStatus": 1, "presenceStatus": 1, "lastActiveAt": 1}
# Those of the latest conversations are told; whoever else looks sees it.
MOST_TALKS = 100


def of(talks: list[Document], viewer: Viewer) -> dict[ObjectId, Document]:
    """Return ``{status, lastSeen}`` by id of those people in ``talks`` of ``viewer`` who let them know."""
    written = {user_id for talk in talks for user_id in _who_wrote(talk)} - {viewer.id}
    if not written:
        return {}
    return shown(written - set(relations.hidden_between(viewer.id)))


def shown(user_ids: Iterable[ObjectId]) -> dict[ObjectId, Document]:
    """Return ``{status, lastSeen}`` by id of those of ``user_ids`` who let others know."""
    wanted = list(user_ids)
    there = sockets.online(wanted)
    users = User.collection().find({"_id": {"$in": wanted}, "status": ACTIVE}, FIELDS)
    return {user["_id"]: state(user, user["_id"] in there) for user in users if is_shown(user)}


def state(user: Document, is_there: bool) -> Document:
    """Return ``{status, lastSeen}`` of a stored user; whoever calls themselves offline is taken at their word."""
    said = user.get("presenceStatus") or ONLINE
    return {"status": said if is_there else OFFLINE, "lastSeen": user.get("lastActiveAt")}


def is_shown(user: Document) -> bool:
    """Return whether a stored user lets others know."""
    return (user.get("privacySettings") or {}).get("showOnlineStatus") is not False


def audience(user_id: ObjectId) -> set[ObjectId]:
    """Return those who are there and to whom somebody has written, in their latest conversations."""
    fields = {"participants": 1, "participantStatus.userId": 1, "participantStatus.lastSentAt": 1}
    latest: Document = {"sort": RECENT, "limit": MOST_TALKS}
    found = hinted(
        lambda index: list(Conversation.collection().find({"participants": user_id}, fields, hint=index, **latest)),
        "participants_recent",
    )
    others = {each for talk in found if user_id in _who_wrote(talk) for each in talk["participants"]} - {user_id}
    if not others:
        return set()
    return sockets.online(others - set(relations.hidden_between(user_id)))


def _who_wrote(talk: Document) -> set[ObjectId]:
    here = set(talk.get("participants") or [])
    wrote = {each["userId"] for each in talk.get("participantStatus") or [] if each.get("lastSentAt")}
    return wrote & here
