"""Taking messages back: they stay in their place, without what they said."""

from datetime import datetime
from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.messaging import events
from mixillo.blueprints.messaging.models import GROUP, Conversation, Message
from mixillo.blueprints.messaging.queries import history, talks
from mixillo.blueprints.messaging.queries.history import MessageNotFound
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.realtime import room_log
from mixillo.core.security import Viewer

Document = dict[str, Any]
# Sent after the commit with ``message``, as it was stored before it was taken back.
deleted = Signal()


def delete(viewer: Viewer, message_id: ObjectId) -> None:
    """Take a message back for all: one's own, or as the administrator of a group anybody's in it. Once is enough.

    :raises MessageNotFound: there is no such message that the viewer may take back.
    """
    message = history.find(message_id, viewer)
    talk = talks.find(message["conversationId"], viewer)
    may = message["senderId"] == viewer.id or (talk.get("type") == GROUP and talk.get("adminId") == viewer.id)
    if not may:
        raise MessageNotFound
    rows = transact(lambda session: put(viewer.id, message_id, session), turns_of=turns(message))
    tell(message, rows)


def tell(message: Document, rows: list[room_log.Logged]) -> None:
    """After the commit of :func:`put`: deliver, and tell the features above that a stored message was taken back."""
    realtime.deliver(rows)
    if rows:
        deleted.send(message=message)


def stored(message_id: ObjectId, session: ClientSession) -> Document:
    """Return a message as it is stored; empty where it is gone."""
    return Message.collection().find_one({"_id": message_id}, session=session) or {}


def turns(message: Document) -> list[Any]:
    """Return the turns to take for :func:`put`."""
    conversation_id = message["conversationId"]
    return [conversation_id, *room_log.turns_of([events.room(conversation_id)])]


def put(by: ObjectId, message_id: ObjectId, session: ClientSession) -> list[room_log.Logged]:
    """Within a transaction, take a message back; return what has to be delivered after the commit.

    Whoever had not read it has one less to read.
    """
    fields = {"isDeleted": True, "deletedAt": clock.now(), "deletedBy": by}
    message = Message.collection().find_one_and_update(
        {"_id": message_id, "isDeleted": {"$ne": True}}, {"$set": fields}, session=session
    )
    if message is None:
        return []
    _uncount(message, session)
    told = {"conversationId": message["conversationId"], "messageId": message_id, "deletedBy": by}
    return realtime.told([(events.room(message["conversationId"]), events.DELETED, told)], session)


def _uncount(message: Document, session: ClientSession) -> None:
    Conversation.collection().update_one(
        {"_id": message["conversationId"]},
        {"$inc": {"participantStatus.$[waiting].unreadCount": -1}},
        array_filters=[_has_not_read(message["senderId"], message["createdAt"])],
        session=session,
    )


def _has_not_read(sender_id: ObjectId, at: datetime) -> Document:
    return {
        "waiting.userId": {"$ne": sender_id},
        "waiting.unreadCount": {"$gt": 0},
        "$or": [{"waiting.lastReadAt": {"$lt": at}}, {"waiting.lastReadAt": None}],
    }
