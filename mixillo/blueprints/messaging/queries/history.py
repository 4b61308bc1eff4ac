"""What was said in a conversation."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.messaging.models import NEWEST, Message
from mixillo.blueprints.messaging.queries import shapes, talks
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]


class MessageNotFound(NotFound):
    """There is no such message, or none in a conversation of the viewer's."""

    code, title = "message_not_found", "There is no such message"


def page(conversation_id: ObjectId, viewer: Viewer, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the messages of a conversation that ``viewer`` is in, the latest first.

    :raises ConversationNotFound: there is no such conversation.
    """
    talks.find(conversation_id, viewer)
    where = {"conversationId": conversation_id}
    found, pagination = paginate(Message.collection(), where, query, sort=NEWEST, hint="talk_newest")
    return shapes.messages(found), pagination


def one(message_id: ObjectId, viewer: Viewer) -> Document:
    """Return a message as it is shown.

    :raises MessageNotFound: there is none in a conversation that ``viewer`` is in.
    """
    return shapes.messages([find(message_id, viewer)])[0]


def find(message_id: ObjectId, viewer: Viewer) -> Document:
    """Return a stored message.

    :raises MessageNotFound: there is none in a conversation that ``viewer`` is in.
    """
    found = Message.collection().find_one({"_id": message_id})
    if found is None:
        raise MessageNotFound
    try:
        talks.find(found["conversationId"], viewer)
    except talks.ConversationNotFound:
        raise MessageNotFound from None
    return found
