"""Messages: whoever is in the conversation is told, unless they have muted it."""

from typing import Any

import structlog
from bson import ObjectId
from pymongo.errors import PyMongoError

from mixillo.blueprints.messaging.models import GROUP, TEXT, Conversation
from mixillo.blueprints.messaging.queries.shapes import standing
from mixillo.blueprints.messaging.services import deleting, sending
from mixillo.blueprints.notifications.models import MESSAGE
from mixillo.blueprints.notifications.services import desk, unquoting
from mixillo.blueprints.notifications.services.news import News, quoted

log = structlog.get_logger(__name__)
Document = dict[str, Any]


@sending.sent.connect
def hear_message(_sender: Any, *, message: Document, conversation: Document, **_more: Any) -> None:
    """There is a message: what is written in one conversation before it is looked at is one notification."""
    wrote = _wrote(conversation)
    said = quoted(message.get("text"))
    alone = f"{wrote}: {said}" if message["type"] == TEXT and said else f"sent something {wrote.removeprefix('wrote ')}"
    desk.take(
        *(
            News(
                MESSAGE, user_id, _key(conversation["_id"]), "New messages", wrote, alone=alone,
                actor_id=message["senderId"], event=message["_id"], related_id=message["_id"], related_type=MESSAGE,
                action_url=f"/messages/{conversation['_id']}", data={"conversationId": str(conversation["_id"])},
            )
            for user_id in conversation["participants"]
            if user_id != message["senderId"] and not standing(conversation, user_id).get("isMuted")
        )
    )  # fmt: skip


@deleting.deleted.connect
def hear_deleting(_sender: Any, *, message: Document, **_more: Any) -> None:
    """A message was taken back, whatever becomes of this: no notification says any more what it said."""
    desk.take_back(message["_id"])
    said = quoted(message.get("text"))
    try:
        conversation = Conversation.collection().find_one({"_id": message["conversationId"]})
        if conversation and said:
            # Who has left was told too.
            everybody = {each["userId"] for each in conversation.get("participantStatus") or []}
            told = list(everybody | set(conversation["participants"]))
            unquoting.clear(told, MESSAGE, _key(conversation["_id"]), message["senderId"], f": {said}")
    except PyMongoError as error:
        log.warning("quote_not_cleared", message_id=str(message["_id"]), error=type(error).__name__)


def _key(conversation_id: ObjectId) -> str:
    return f"message:{conversation_id}"


def _wrote(conversation: Document) -> str:
    """Return what somebody did who wrote there."""
    if conversation.get("type") == GROUP:
        return f"wrote in {quoted(conversation.get('groupName'))}"
    return "wrote to you"
