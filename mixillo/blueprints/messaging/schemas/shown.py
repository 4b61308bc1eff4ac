"""Conversations as the API shows them; messages are shown as they are told."""

from marshmallow import fields

from mixillo.blueprints.messaging.events import MessageSchema
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary

__all__ = ["ConversationSchema", "JoinedSchema", "MessageSchema", "ReadOutcomeSchema", "SentAnswerSchema"]


class SeenSchema(BaseSchema):
    """Whether somebody is there."""

    status = fields.String(required=True, metadata={"example": "online"})
    lastSeen = Timestamp(required=True, allow_none=True)


class MemberSchema(UserSummary):
    """Somebody in a conversation; `presence` as far as they let the viewer know.

    ``isBlocked``: the viewer blocks them. In a group both still read each other; clients may fold away what they write.
    Who blocks the viewer is not said.
    """

    presence = fields.Nested(SeenSchema, required=True, allow_none=True)
    isBlocked = fields.Boolean(required=True)


class ConversationSchema(BaseSchema):
    """A conversation as one of those in it sees it."""

    _id = Id(required=True)
    id = Id(required=True)
    type = fields.String(required=True, metadata={"example": "private"})
    participants = fields.List(Id(), required=True)
    members = fields.List(fields.Nested(MemberSchema), required=True)
    otherUser = fields.Nested(MemberSchema, required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    groupName = fields.String(required=True, allow_none=True)
    groupAvatar = fields.String(required=True, allow_none=True)
    groupDescription = fields.String(required=True, allow_none=True)
    adminId = Id(required=True, allow_none=True)
    lastMessage = fields.String(required=True, allow_none=True)
    latestMessage = fields.Nested(MessageSchema, required=True, allow_none=True)
    unreadCount = fields.Integer(required=True)
    lastReadAt = Timestamp(required=True, allow_none=True)
    isMuted = fields.Boolean(required=True)
    isArchived = fields.Boolean(required=True)
    isEncrypted = fields.Boolean(required=True)
    messagesCount = fields.Integer(required=True)
    createdAt = Timestamp(required=True)
    updatedAt = Timestamp(required=True)


class ReadOutcomeSchema(BaseSchema):
    """How far one has read."""

    conversationId = Id(required=True)
    unreadCount = fields.Integer(required=True)
    lastReadAt = Timestamp(required=True, allow_none=True)


class JoinedSchema(BaseSchema):
    """The number of what was last told in the room."""

    seq = fields.Integer(required=True)


class SentAnswerSchema(BaseSchema):
    """The message that is stored."""

    message = fields.Nested(MessageSchema, required=True)
