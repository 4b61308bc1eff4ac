"""Conversations: list, begin, open, settle, leave, and what is in them."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.messaging.queries import history, talks
from mixillo.blueprints.messaging.routes.blueprints import PATH
from mixillo.blueprints.messaging.routes.blueprints import talks as blueprint
from mixillo.blueprints.messaging.schemas.given import (
    ConversationChangesSchema,
    ConversationsQuery,
    MessageInSchema,
    NewConversationSchema,
    ReadUntilSchema,
)
from mixillo.blueprints.messaging.schemas.shown import ConversationSchema, MessageSchema
from mixillo.blueprints.messaging.services import reading, sending, settling, starting
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PageQuery, PaginationSchema, Timestamp
from mixillo.core.security import current_viewer, login_required

CONVERSATION = fields.Nested(ConversationSchema, required=True)
CONVERSATIONS = fields.List(fields.Nested(ConversationSchema), required=True)
MESSAGE = fields.Nested(MessageSchema, required=True)
MESSAGES = fields.List(fields.Nested(MessageSchema), required=True)
PAGINATION = fields.Nested(PaginationSchema, required=True)
WRITTEN = {"text": "The kiln is open", "clientId": "a1b2c3"}


@blueprint.get("")
@login_required()
@blueprint.takes(ConversationsQuery)
@blueprint.returns(200, conversations=CONVERSATIONS, pagination=PAGINATION)
def list_conversations(query: dict[str, Any]) -> dict[str, Any]:
    """List one's conversations

    Those with the latest message first, each with it, with what is unread, and who is there.
    """
    found, pagination = talks.page(current_viewer(), query)
    return {"conversations": found, "pagination": pagination}


@blueprint.post("")
@login_required()
@rate_limited("conversations", "60/hour")
@idempotent
@blueprint.accepts(NewConversationSchema, example={"userId": "64b7f3a2c9e77a0012ab34cd"})
@blueprint.returns(201, conversation=CONVERSATION)
@blueprint.refuses(404, 409)
def start_conversation(body: dict[str, Any]) -> Reply:
    """Begin a conversation

    With one person (`userId`; two people have one conversation, which is answered where it is there already), or a
    group: `participants` and a `groupName`. 403 where somebody takes no messages from strangers.
    """
    viewer = current_viewer()
    if "userId" in body:
        made = starting.with_one(viewer, body["userId"])
    else:
        names = {name: body[name] for name in settling.NAMES if name in body}
        made = starting.with_many(viewer, body["participants"], names, operation_id())
    shown = talks.one(made["_id"], viewer)
    return Reply({"conversation": shown}, location=f"{PATH}/conversations/{made['_id']}")


@blueprint.get("/<id:conversation_id>")
@login_required()
@blueprint.returns(200, conversation=CONVERSATION)
@blueprint.refuses(404)
def show_conversation(conversation_id: ObjectId) -> dict[str, Any]:
    """Show a conversation of one's own

    With its last message.
    """
    return {"conversation": talks.one(conversation_id, current_viewer())}


@blueprint.put("/<id:conversation_id>")
@blueprint.patch("/<id:conversation_id>")
@login_required()
@blueprint.accepts(ConversationChangesSchema, example={"isMuted": True})
@blueprint.returns(200, conversation=CONVERSATION)
@blueprint.refuses(404, 409)
def change_conversation(body: dict[str, Any], conversation_id: ObjectId) -> Reply:
    """Mute a conversation, put it away, name a group

    What is not sent stays as it is. Only the administrator of a group names it.
    """
    changed = settling.change(current_viewer(), conversation_id, body)
    return Reply({"conversation": changed}, "Conversation updated")


@blueprint.post("/<id:conversation_id>/leave")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def leave_conversation(conversation_id: ObjectId) -> Reply:
    """Leave a group

    For good; what one has written there stays. A conversation of two is put away until something is written in it.
    """
    settling.leave(current_viewer(), conversation_id)
    return Reply({}, "You have left the conversation")


@blueprint.get("/<id:conversation_id>/messages")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, messages=MESSAGES, pagination=PAGINATION)
@blueprint.refuses(404)
def list_messages(query: dict[str, Any], conversation_id: ObjectId) -> dict[str, Any]:
    """List what was said in a conversation

    The latest first; go on by `cursor`, which new messages do not shift.
    """
    found, pagination = history.page(conversation_id, current_viewer(), query)
    return {"messages": found, "pagination": pagination}


@blueprint.post("/<id:conversation_id>/messages")
@login_required()
@rate_limited(sending.RATE.name, sending.RATE_TEXT)
@idempotent
@blueprint.accepts(MessageInSchema, example=WRITTEN)
@blueprint.returns(201, message=MESSAGE)
@blueprint.refuses(404, 409)
def write_message(body: dict[str, Any], conversation_id: ObjectId) -> Reply:
    """Write into a conversation

    The same `clientId`, or `Idempotency-Key`, again is the same message. 403 where the other one takes no messages
    from strangers.
    """
    return written_into(conversation_id, body)


@blueprint.post("/<id:conversation_id>/read")
@login_required()
@blueprint.accepts(ReadUntilSchema, example={}, required=False)
@blueprint.returns(
    200, conversationId=fields.String(required=True), unreadCount=fields.Integer(required=True),
    lastReadAt=Timestamp(required=True, allow_none=True),
)  # fmt: skip
@blueprint.refuses(404)
def read_conversation(body: dict[str, Any], conversation_id: ObjectId) -> dict[str, Any]:
    """Say how far one has read

    Up to `messageId`, or all. Nobody reads back.
    """
    return reading.read(current_viewer(), conversation_id, body.get("messageId"))


def written_into(conversation_id: ObjectId, draft: dict[str, Any]) -> Reply:
    """Write ``draft`` into a conversation and answer with the message."""
    viewer = current_viewer()
    client_id = draft.get("clientId")
    message_id = talks.message_id(viewer.id, conversation_id, client_id) if client_id else operation_id()
    message = sending.send(viewer, conversation_id, draft, message_id)
    return Reply({"message": message}, location=f"{PATH}/messages/{message['_id']}")
