"""Conversations: of whom one is in, and only these."""

from hashlib import blake2b
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.messaging.models import NEWEST, PRIVATE, RECENT, Conversation, Message
from mixillo.blueprints.messaging.queries import shapes
from mixillo.core.db import hinted
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]
ID_BYTES = 12


class ConversationNotFound(NotFound):
    """There is no such conversation, or the viewer is not in it."""

    code, title = "conversation_not_found", "There is no such conversation"


def find(conversation_id: ObjectId, viewer: Viewer, session: ClientSession | None = None) -> Document:
    """Return a stored conversation that ``viewer`` is in.

    :raises ConversationNotFound: there is none.
    """
    mine = {"_id": conversation_id, "participants": viewer.id}
    found = Conversation.collection().find_one(mine, session=session)
    if found is None:
        raise ConversationNotFound
    return found


def page(viewer: Viewer, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the conversations that ``viewer`` is in, those with the latest message first.

    With ``archived`` those that they have put away. One that somebody has opened and not written in yet is among the
    latter for the other, who is not shown it.
    """
    where: Document = {
        "participantStatus": {
            "$elemMatch": {"userId": viewer.id, "isArchived": query["archived"], "leftAt": None},
        }
    }
    if query["archived"]:
        where["messagesCount"] = {"$gt": 0}
    found, pagination = paginate(Conversation.collection(), where, query, sort=RECENT, hint="standing_recent")
    return shapes.talks(found, viewer), pagination


def one(conversation_id: ObjectId, viewer: Viewer) -> Document:
    """Return a conversation as ``viewer``, who is in it, is shown it.

    :raises ConversationNotFound: there is none.
    """
    return shapes.talks([find(conversation_id, viewer)], viewer)[0]


def unread(viewer: Viewer) -> Document:
    """Return ``{unreadCount, conversations}``: how many messages are unread, and in how many conversations.

    What is muted or put away counts too where it is looked at, and not here.
    """
    mine: Document = {
        "userId": viewer.id, "isArchived": False, "leftAt": None, "isMuted": {"$ne": True}, "unreadCount": {"$gt": 0},
    }  # fmt: skip
    found = Conversation.collection().find(
        {"participantStatus": {"$elemMatch": mine}}, {"participantStatus.userId": 1, "participantStatus.unreadCount": 1}
    )
    counts = [shapes.standing(talk, viewer.id).get("unreadCount") or 0 for talk in found]
    return {"unreadCount": sum(counts), "count": sum(counts), "conversations": len(counts)}


def between(one_id: ObjectId, other_id: ObjectId) -> Document | None:
    """Return the stored conversation of two people; the latest where the existing system has let them begin two."""
    known = Conversation.collection().find_one({"_id": pair_id(one_id, other_id)})
    if known:
        return known
    both = {"participants": {"$all": [one_id, other_id], "$size": 2}, "type": PRIVATE}
    return hinted(
        lambda index: Conversation.collection().find_one(both, sort=RECENT, hint=index), "participants_recent"
    )


def pair_id(one_id: ObjectId, other_id: ObjectId) -> ObjectId:
    """Return the id of the conversation of two people: always the same, so that it cannot be begun twice."""
    first, second = sorted((one_id, other_id))
    return ObjectId(blake2b(first.binary + second.binary, digest_size=ID_BYTES, person=b"pair").digest())


def message_id(sender_id: ObjectId, conversation_id: ObjectId, client_id: str) -> ObjectId:
    """Return the id of the message that its sender's client calls ``client_id``: sent again, it is there already."""
    said = sender_id.binary + conversation_id.binary + client_id.encode()
    return ObjectId(blake2b(said, digest_size=ID_BYTES, person=b"message").digest())


def latest(conversation_id: ObjectId, session: ClientSession | None = None) -> Document | None:
    """Return the last stored message of a conversation."""
    return Message.collection().find_one(
        {"conversationId": conversation_id}, {"createdAt": 1}, sort=NEWEST, session=session
    )
