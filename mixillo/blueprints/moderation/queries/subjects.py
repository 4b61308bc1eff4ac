"""What can be reported: where it is stored, whose it is, who sees it, and how it is named in a list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from mixillo.blueprints.comments.queries import sight as comments
from mixillo.blueprints.content.queries import browsing
from mixillo.blueprints.moderation.models import COMMENT, CONTENT, LIVESTREAM, MESSAGE, PRODUCT, STORE, USER
from mixillo.blueprints.products.queries import catalogue
from mixillo.blueprints.stores.queries import pages
from mixillo.blueprints.users.queries import people
from mixillo.core.db import database
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]


class SubjectNotFound(NotFound):
    """There is no such thing, or none that the viewer may see."""

    code, title = "subject_not_found", "There is no such thing"


@dataclass(frozen=True)
class Kind:
    """Things of one kind: their collection, the fields that say whose they are and what they say.

    ``check`` raises where a viewer may not see one.
    """

    collection: str
    owner: str
    text: str
    check: Callable[[Document, Viewer], Any]


def _check_stream(stream: Document, viewer: Viewer) -> None:
    if stream.get("isPrivate") and viewer.id not in [stream["hostId"], *(stream.get("allowedUsers") or [])]:
        raise SubjectNotFound


def _check_message(message: Document, viewer: Viewer) -> None:
    talk = {"_id": message["conversationId"], "participants": viewer.id}
    if database()["conversations"].find_one(talk, {"_id": 1}) is None:
        raise SubjectNotFound


KINDS = {
    CONTENT: Kind("contents", "userId", "caption", lambda post, viewer: browsing.find(post["_id"], viewer)),
    COMMENT: Kind("comments", "userId", "text", lambda comment, viewer: comments.find(comment["_id"], viewer)),
    USER: Kind("users", "_id", "username", lambda user, viewer: people.profile(user["_id"], viewer)),
    PRODUCT: Kind("products", "sellerId", "name", lambda product, _viewer: catalogue.find(str(product["_id"]), {})),
    STORE: Kind("stores", "sellerId", "name", lambda store, _viewer: pages.find(str(store["_id"]))),
    LIVESTREAM: Kind("livestreams", "hostId", "title", _check_stream),
    MESSAGE: Kind("messages", "senderId", "text", _check_message),
}


def find(kind: str, thing_id: ObjectId, viewer: Viewer) -> Document:
    """Return ``{_id, ownerId, text}`` of a thing that ``viewer`` may see.

    :raises NotFound: there is none.
    """
    known = KINDS[kind]
    stored = database()[known.collection].find_one({"_id": thing_id})
    if stored is None:
        raise SubjectNotFound
    known.check(stored, viewer)
    return _named(known, stored)


def owner(kind: str, thing_id: ObjectId) -> ObjectId | None:
    """Return whose a thing is; nobody's where it is gone."""
    known = KINDS[kind]
    stored = database()[known.collection].find_one({"_id": thing_id}, {known.owner: 1}) or {}
    return stored.get(known.owner)


def named(things: Iterable[tuple[str, ObjectId]]) -> dict[tuple[str, ObjectId], Document]:
    """Return ``{_id, ownerId, text}`` of each of ``things`` that is still there."""
    wanted: dict[str, list[ObjectId]] = {}
    for kind, thing_id in things:
        wanted.setdefault(kind, []).append(thing_id)
    found = {}
    for kind, ids in wanted.items():
        if known := KINDS.get(kind):
            fields = {known.owner: 1, known.text: 1}
            for stored in database()[known.collection].find({"_id": {"$in": ids}}, fields):
                found[kind, stored["_id"]] = _named(known, stored)
    return found


def _named(known: Kind, stored: Document) -> Document:
    return {"_id": stored["_id"], "ownerId": stored.get(known.owner), "text": stored.get(known.text)}
