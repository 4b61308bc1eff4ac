"""Messages: whoever is in the conversation is told, unless they have muted it."""

from typing import Any

from mixillo.blueprints.messaging.models import GROUP, TEXT
from mixillo.blueprints.messaging.queries.shapes import standing
from mixillo.blueprints.messaging.services import sending
from mixillo.blueprints.notifications.models import MESSAGE
from mixillo.blueprints.notifications.services import desk
from mixillo.blueprints.notifications.services.news import News, quoted

Document = dict[str, Any]


@sending.sent.connect
def hear_message(_sender: Any, *, message: Document, conversation: Document, **_more: Any) -> None:
    """There is a message: what is written in one conversation before it is looked at is one notification."""
    to = "to you"
    if conversation.get("type") == GROUP:
        to = f"in {quoted(conversation.get('groupName'))}"
    said = quoted(message.get("text"))
    alone = f"wrote {to}: {said}" if message["type"] == TEXT and said else f"sent something {to}"
    desk.take(
        *(
            News(
                MESSAGE, user_id, f"message:{conversation['_id']}", "New messages", f"wrote {to}", alone=alone,
                actor_id=message["senderId"], event=message["_id"], related_id=message["_id"], related_type=MESSAGE,
                action_url=f"/messages/{conversation['_id']}", data={"conversationId": str(conversation["_id"])},
            )
            for user_id in conversation["participants"]
            if user_id != message["senderId"] and not standing(conversation, user_id).get("isMuted")
        )
    )  # fmt: skip
