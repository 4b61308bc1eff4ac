"""Reading on: what is unread is counted anew from the messages, and those who wrote them are told."""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.messaging import events
from mixillo.blueprints.messaging.models import PRIVATE, Conversation, Message
from mixillo.blueprints.messaging.queries import shapes, talks
from mixillo.blueprints.messaging.queries.history import MessageNotFound
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.realtime import room_log, user_room
from mixillo.core.security import Viewer

Document = dict[str, Any]


def read(viewer: Viewer, conversation_id: ObjectId, message_id: ObjectId | None = None) -> Document:
    """Take note that somebody has read a conversation up to a message (the last one, unless it is named).

    Returns ``{conversationId, unreadCount, lastReadAt}``. Nobody reads back: what comes before stays read.

    :raises ConversationNotFound: the viewer is not in such a conversation.
    :raises MessageNotFound: there is no such message in it.
    """
    talk = talks.find(conversation_id, viewer)
    rooms = [events.room(conversation_id), *map(user_room, talk["participants"])]
    outcome, rows = transact(
        lambda session: _read(viewer, conversation_id, message_id, session),
        turns_of=[conversation_id, *room_log.turns_of(rooms)],
    )
    realtime.deliver(rows)
    return outcome


def _read(
    viewer: Viewer, conversation_id: ObjectId, message_id: ObjectId | None, session: ClientSession
) -> tuple[Document, list[room_log.Logged]]:
    talk = talks.find(conversation_id, viewer, session)
    message = _last_read(conversation_id, message_id, session)
    mine = shapes.standing(talk, viewer.id)
    before, until = mine.get("lastReadAt"), message["createdAt"] if message else None
    outcome = {"conversationId": conversation_id, "unreadCount": mine.get("unreadCount") or 0, "lastReadAt": before}
    if message is None or until is None or (before and before >= until and not outcome["unreadCount"]):
        return outcome, []
    until = max(until, before or until)
    now = clock.now()
    of_others = {"conversationId": conversation_id, "senderId": {"$ne": viewer.id}}
    new = {"$gt": before, "$lte": until} if before and before < until else {"$lte": until}
    seen = of_others | {"createdAt": new, "isRead": {"$ne": True}}
    Message.collection().update_many(seen, {"$set": {"isRead": True, "readAt": now}}, session=session)
    unread = of_others | {"createdAt": {"$gt": until}, "isDeleted": {"$ne": True}}
    outcome |= {"unreadCount": Message.collection().count_documents(unread, session=session), "lastReadAt": until}
    _set(conversation_id, viewer, outcome, session)
    if before and before >= until:
        return outcome, []
    return outcome, realtime.told(_told(talk, viewer, message["_id"], now), session)


def _last_read(conversation_id: ObjectId, message_id: ObjectId | None, session: ClientSession) -> Document | None:
    if message_id is None:
        return talks.latest(conversation_id, session)
    here = {"_id": message_id, "conversationId": conversation_id}
    found = Message.collection().find_one(here, {"createdAt": 1}, session=session)
    if found is None:
        raise MessageNotFound
    return found


def _set(conversation_id: ObjectId, viewer: Viewer, outcome: Document, session: ClientSession) -> None:
    """Set how far somebody has read; existing conversations may lack their standing."""
    mine = {"_id": conversation_id, "participantStatus.userId": viewer.id}
    changes = {f"participantStatus.$.{name}": outcome[name] for name in ("unreadCount", "lastReadAt")}
    Conversation.collection().update_one(mine, {"$set": changes}, session=session)


def _told(talk: Document, viewer: Viewer, message_id: ObjectId, at: datetime) -> list[room_log.Told]:
    payload = {"conversationId": talk["_id"], "messageId": message_id, "userId": viewer.id, "readAt": at}
    told: list[room_log.Told] = [(events.room(talk["_id"]), events.READ, payload)]
    if talk.get("type", PRIVATE) == PRIVATE:
        others = [each for each in talk["participants"] if each != viewer.id]
        told += [(user_room(each), events.READ_FOR, payload) for each in others]
    return told
