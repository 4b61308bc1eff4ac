"""What people feel about a message: one thing each, the last one."""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.messaging import events
from mixillo.blueprints.messaging.models import Message
from mixillo.blueprints.messaging.queries import history, shapes, talks
from mixillo.blueprints.messaging.queries.history import MessageNotFound
from mixillo.blueprints.messaging.services import admission
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.realtime import room_log
from mixillo.core.security import Viewer

Document = dict[str, Any]


def react(viewer: Viewer, message_id: ObjectId, emoji: str | None) -> None:
    """Let somebody feel something about a message, or with ``None`` nothing any more.

    :raises MessageNotFound: there is no such message in a conversation of the viewer's, or it was taken back.
    :raises UserNotFound: the other one of two is gone, or blocks the viewer.
    :raises Blocking: the viewer blocks them.
    """
    message = history.find(message_id, viewer)
    conversation_id = message["conversationId"]
    admission.check_reach(viewer, talks.find(conversation_id, viewer))

    def work(session: ClientSession) -> list[room_log.Logged]:
        before, after = _replace(viewer, message_id, emoji, session)
        if shapes.reactions(before) == shapes.reactions(after):
            return []
        told = {"conversationId": conversation_id, "messageId": message_id, "userId": viewer.id, "emoji": emoji,
                "reactions": shapes.reactions(after)}  # fmt: skip
        return realtime.told([(events.room(conversation_id), events.REACTED, told)], session)

    rows = transact(work, turns_of=[message_id, *room_log.turns_of([events.room(conversation_id)])])
    realtime.deliver(rows)


def _replace(
    viewer: Viewer, message_id: ObjectId, emoji: str | None, session: ClientSession
) -> tuple[Document, Document]:
    """Replace somebody's reaction; the same one again changes nothing. Return the message before and after."""
    rows, there = Message.collection(), {"_id": message_id, "isDeleted": {"$ne": True}}
    before = rows.find_one(there, session=session)
    if before is None:
        raise MessageNotFound
    mine = next((each for each in shapes.reactions(before) if each["userId"] == viewer.id), None)
    if (mine or {}).get("emoji") == emoji:
        return before, before
    others = [each for each in before.get("reactions") or [] if each.get("userId") != viewer.id]
    new = [{"userId": viewer.id, "emoji": emoji, "createdAt": clock.now()}] if emoji else []
    after: Any = rows.find_one_and_update(
        there, {"$set": {"reactions": [*others, *new]}}, return_document=ReturnDocument.AFTER, session=session
    )
    return before, after
