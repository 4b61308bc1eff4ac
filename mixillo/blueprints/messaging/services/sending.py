"""Writing to each other: message, conversation and what its people are told change in one transaction."""

from datetime import timedelta
from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.messaging import events
from mixillo.blueprints.messaging.models import TEXT, Conversation, Message
from mixillo.blueprints.messaging.queries import shapes, talks
from mixillo.blueprints.messaging.services import admission, attaching
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.ratelimits import Rate
from mixillo.core.realtime import room_log, user_room
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Document = dict[str, Any]
# Sent after the commit with the stored ``message`` and ``conversation``.
sent = Signal()
# Over HTTP and sockets together.
RATE_TEXT = "120/minute"
RATE = Rate.parse("messages", RATE_TEXT)
TICK = timedelta(milliseconds=1)


class IdTaken(Conflict):
    """The client has called another message so."""

    code, title = "message_id_taken", "Another message has this id"


def send(sender: Viewer, conversation_id: ObjectId, draft: Document, message_id: ObjectId) -> Document:
    """Write into a conversation and return the message as it is shown; ``message_id`` makes repeating this harmless.

    ``draft`` holds the stored fields: ``type``, and what goes with it.

    :raises ConversationNotFound: the sender is not in such a conversation.
    :raises UserNotFound: the other one of two is gone, or blocks the sender.
    :raises Blocking: the sender blocks them.
    :raises NotWelcome: the sender is a stranger to them, and may not write.
    :raises ValidationFailed: something that it names is not there to be shown.
    :raises GiftShown: the gift is in another message.
    :raises IdTaken: ``message_id`` is that of a message elsewhere.
    """
    talk = talks.find(conversation_id, sender)
    if known := Message.collection().find_one({"_id": message_id}):
        return _again(known, sender, conversation_id)
    admission.check_may_write(sender, talk)
    message = _new(message_id, conversation_id, sender, attaching.check(sender, talk, draft))
    # Everybody is shown the same, so that it can be told as it is.
    (shown,) = shapes.messages([message])
    rooms = [events.room(conversation_id), *map(user_room, talk["participants"])]
    try:
        talk, rows = transact(
            lambda session: _store(message, shown, sender, session),
            turns_of=[conversation_id, *room_log.turns_of(rooms)],
        )
    except DuplicateKeyError:  # the same request, at the same time
        return _again(Message.collection().find_one({"_id": message_id}) or {}, sender, conversation_id)
    realtime.deliver(rows)
    sent.send(message=message, conversation=talk)
    return shown


def _store(
    message: Document, shown: Document, sender: Viewer, session: ClientSession
) -> tuple[Document, list[room_log.Logged]]:
    """Store a message behind all others of its conversation; run again, it finds its place again."""
    talk = talks.find(message["conversationId"], sender, session)
    message["createdAt"] = shown["createdAt"] = _moment(talk)
    attaching.take(message, session)
    Message.collection().insert_one(message, session=session)
    after: Any = Conversation.collection().find_one_and_update(
        {"_id": talk["_id"]},
        {
            "$set": {
                "updatedAt": message["createdAt"],
                "participantStatus.$[mine].lastSentAt": message["createdAt"],
                "participantStatus.$[back].isArchived": False,
            },
            "$inc": {"messagesCount": 1, "participantStatus.$[others].unreadCount": 1},
        },
        array_filters=[
            {"mine.userId": sender.id},
            {"others.userId": {"$ne": sender.id}, "others.leftAt": None},
            # What was put away comes back with something new, unless nothing of it is to be heard.
            {"back.isMuted": {"$ne": True}, "back.leftAt": None},
        ],
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    told = [(events.room(talk["_id"]), events.NEW, shown)]
    told += [(user_room(user_id), events.NEW_FOR, shown) for user_id in after["participants"]]
    return after, realtime.told(told, session)


def _moment(talk: Document) -> Any:
    """Return when the next message of a conversation is written: later than all before it, whatever clocks say."""
    now, last = clock.now(), talk.get("updatedAt")
    return max(now, last + TICK) if last else now


def _new(message_id: ObjectId, conversation_id: ObjectId, sender: Viewer, draft: Document) -> Document:
    made = Message(id=message_id, conversationId=conversation_id, senderId=sender.id, type=draft.get("type", TEXT))
    return made.to_mongo().to_dict() | draft


def _again(known: Document, sender: Viewer, conversation_id: ObjectId) -> Document:
    """Return what was sent before under the same id.

    :raises IdTaken: that was somewhere else.
    """
    if known.get("senderId") != sender.id or known.get("conversationId") != conversation_id:
        raise IdTaken
    return shapes.messages([known])[0]
