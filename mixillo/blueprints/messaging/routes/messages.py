"""Messages: write one to somebody, react, take back; and how many are unread."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.messaging.queries import history, talks
from mixillo.blueprints.messaging.routes.blueprints import written as blueprint
from mixillo.blueprints.messaging.routes.conversations import MESSAGE, written_into
from mixillo.blueprints.messaging.schemas.given import AddressedMessageSchema, ReactionInSchema
from mixillo.blueprints.messaging.services import deleting, reacting, sending, starting
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required

SENT = {"conversationId": "64b7f3a2c9e77a0012ab34cd", "type": "text", "text": "The kiln is open"}
COUNT = fields.Integer(required=True)


@blueprint.get("/unread-count")
@login_required()
@blueprint.returns(200, unreadCount=COUNT, count=COUNT, conversations=COUNT)
def count_unread() -> dict[str, Any]:
    """Count unread messages

    And in how many conversations they are; without what one has muted or put away.
    """
    return talks.unread(current_viewer())


@blueprint.post("/send")
@login_required()
@rate_limited(sending.RATE.name, sending.RATE_TEXT)
@idempotent
@blueprint.accepts(AddressedMessageSchema, example=SENT)
@blueprint.returns(201, message=MESSAGE)
@blueprint.refuses(404, 409)
def send_message(body: dict[str, Any]) -> Reply:
    """Write to somebody

    Into a conversation (`conversationId`), or to a person (`userId`, also `recipientId`), with whom one is begun
    where there is none. 403 where they take no messages from strangers.
    """
    conversation_id, user_id = body.pop("conversationId", None), body.pop("userId", None)
    if user_id:
        conversation_id = starting.with_one(current_viewer(), user_id)["_id"]
    return written_into(conversation_id, body)


@blueprint.get("/messages/<id:message_id>")
@login_required()
@blueprint.returns(200, message=MESSAGE)
@blueprint.refuses(404)
def show_message(message_id: ObjectId) -> dict[str, Any]:
    """Show a message

    Of a conversation that one is in.
    """
    return {"message": history.one(message_id, current_viewer())}


@blueprint.delete("/messages/<id:message_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def delete_message(message_id: ObjectId) -> Reply:
    """Take a message back

    For all: one's own, or as the administrator of a group anybody's. Its place stays, as `isDeleted`.
    """
    deleting.delete(current_viewer(), message_id)
    return Reply({}, "Message deleted")


@blueprint.post("/messages/<id:message_id>/reactions")
@login_required()
@blueprint.accepts(ReactionInSchema, example={"emoji": "👍"})
@blueprint.returns(200, message=MESSAGE)
@blueprint.refuses(404, 409)
def react_to_message(body: dict[str, Any], message_id: ObjectId) -> dict[str, Any]:
    """React to a message

    One reaction per person: the last one.
    """
    reacting.react(current_viewer(), message_id, body["emoji"])
    return {"message": history.one(message_id, current_viewer())}


@blueprint.delete("/messages/<id:message_id>/reactions")
@login_required()
@blueprint.returns(200, message=MESSAGE)
@blueprint.refuses(404, 409)
def take_reaction_back(message_id: ObjectId) -> dict[str, Any]:
    """Take one's reaction back

    Also fine when there is none.
    """
    reacting.react(current_viewer(), message_id, None)
    return {"message": history.one(message_id, current_viewer())}
