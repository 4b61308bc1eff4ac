"""The live events of conversations, and of those who are there."""

from bson import ObjectId
from marshmallow import fields

from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary

# The rooms `conversation_<id>`, for those who have it open.
ROOM = "conversation"
INSIDE = "who has the conversation open (`conversation:join`)"


def room(conversation_id: ObjectId) -> str:
    """Return the room of a conversation."""
    return f"{ROOM}_{conversation_id}"


class ReactionSchema(BaseSchema):
    """What somebody feels about a message."""

    userId = Id(required=True)
    emoji = fields.String(required=True, metadata={"example": "👍"})
    createdAt = Timestamp(required=True)


class LocationSchema(BaseSchema):
    """Somewhere on earth."""

    latitude = fields.Float(required=True)
    longitude = fields.Float(required=True)
    name = fields.String(required=True, allow_none=True)


class AnsweredSchema(BaseSchema):
    """The message that another one answers, as far as it is still there."""

    _id = Id(required=True)
    senderId = Id(required=True)
    type = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    isDeleted = fields.Boolean(required=True)


class MentionedProductSchema(BaseSchema):
    """A product that a message shows."""

    _id = Id(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True, allow_none=True)
    price = fields.Float(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    imageUrl = fields.String(required=True, allow_none=True)


class GivenGiftSchema(BaseSchema):
    """A gift that was given with a message."""

    _id = Id(required=True)
    name = fields.String(required=True, allow_none=True)
    icon = fields.String(required=True, allow_none=True)
    animation = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True)


class MessageSchema(BaseSchema):
    """A message; what is deleted has neither text nor anything else that it said."""

    _id = Id(required=True)
    id = Id(required=True)
    conversationId = Id(required=True)
    senderId = Id(required=True)
    sender = fields.Nested(UserSummary, required=True)
    type = fields.String(required=True, metadata={"example": "text"})
    text = fields.String(required=True, allow_none=True)
    content = fields.String(required=True, allow_none=True, metadata={"description": "The same as `text`."})
    mediaUrl = fields.String(required=True, allow_none=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)
    metadata = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    location = fields.Nested(LocationSchema, required=True, allow_none=True)
    productId = Id(required=True, allow_none=True)
    product = fields.Nested(MentionedProductSchema, required=True, allow_none=True)
    giftId = Id(required=True, allow_none=True)
    gift = fields.Nested(GivenGiftSchema, required=True, allow_none=True)
    replyTo = Id(required=True, allow_none=True)
    replyToMessage = fields.Nested(AnsweredSchema, required=True, allow_none=True)
    reactions = fields.List(fields.Nested(ReactionSchema), required=True)
    clientId = fields.String(required=True, allow_none=True)
    isRead = fields.Boolean(required=True)
    readAt = Timestamp(required=True, allow_none=True)
    isDeleted = fields.Boolean(required=True)
    createdAt = Timestamp(required=True)


class MessageToldSchema(MessageSchema):
    """``message:new``: a message, as the API shows it."""


class SentSchema(BaseSchema):
    """``message:sent``: a message of one's own is stored."""

    conversationId = Id(required=True)
    messageId = Id(required=True)
    clientId = fields.String(required=True, allow_none=True)


class ReadSchema(BaseSchema):
    """``message:read_status``: somebody has read a conversation up to a message, that one included."""

    conversationId = Id(required=True)
    messageId = Id(required=True)
    userId = Id(required=True)
    readAt = Timestamp(required=True)


class ReactedSchema(BaseSchema):
    """``message:reaction``: somebody feels something about a message; ``emoji`` is null when they do no more."""

    conversationId = Id(required=True)
    messageId = Id(required=True)
    userId = Id(required=True)
    emoji = fields.String(required=True, allow_none=True)
    reactions = fields.List(fields.Nested(ReactionSchema), required=True)


class DeletedSchema(BaseSchema):
    """``message:deleted``: a message is gone for all."""

    conversationId = Id(required=True)
    messageId = Id(required=True)
    deletedBy = Id(required=True)


class ChangedSchema(BaseSchema):
    """``conversation:updated``: a group has other people or another name."""

    conversationId = Id(required=True)
    participants = fields.List(Id(), required=True)
    adminId = Id(required=True, allow_none=True)
    groupName = fields.String(required=True, allow_none=True)
    groupAvatar = fields.String(required=True, allow_none=True)
    groupDescription = fields.String(required=True, allow_none=True)


class OpenedSchema(BaseSchema):
    """A conversation that the socket has opened, or closed."""

    conversationId = Id(required=True)


class TypingSchema(BaseSchema):
    """Who writes where."""

    conversationId = Id(required=True)
    userId = Id(required=True)


class PresenceSchema(BaseSchema):
    """``user:presence``: whether somebody is there."""

    userId = Id(required=True)
    status = fields.String(required=True, metadata={"example": "online"})
    lastSeen = Timestamp(required=True, allow_none=True)


NEW = events.declare("message:new", MessageToldSchema, hearers=INSIDE, when="there is a new message in it")
NEW_FOR = events.declare(
    "newMessage", MessageToldSchema, hearers="everybody in the conversation (the mobile app's name)",
    when="there is a new message in it, whether they have it open or not",
)  # fmt: skip
SENT = events.declare(
    "message:sent", SentSchema, hearers="the socket", when="a message that it sent is stored", is_logged=False
)
READ = events.declare("message:read_status", ReadSchema, hearers=INSIDE, when="somebody has read on")
READ_FOR = events.declare(
    "messageRead", ReadSchema, hearers="the other one of two (the mobile app's name)", when="somebody has read on"
)
REACTED = events.declare(
    "message:reaction", ReactedSchema, hearers=INSIDE, when="somebody reacts to a message, or takes it back"
)
DELETED = events.declare("message:deleted", DeletedSchema, hearers=INSIDE, when="a message is taken back")
CHANGED = events.declare(
    "conversation:updated", ChangedSchema, hearers=INSIDE, when="somebody has left the group, or changed its name"
)
JOINED = events.declare(
    "conversation:joined", OpenedSchema, hearers="the socket", when="it has opened the conversation", is_logged=False
)
LEFT = events.declare("conversation:left", OpenedSchema, hearers="the socket", when="it has closed it", is_logged=False)
TYPING = events.declare(
    "user:typing", TypingSchema, hearers=INSIDE, when="another one writes something", is_logged=False
)
TYPING_FOR = events.declare(
    "userTyping", TypingSchema, hearers="the other one of two (the mobile app's name)",
    when="one of them writes something", is_logged=False,
)  # fmt: skip
STOPPED = events.declare(
    "user:stopped_typing", TypingSchema, hearers=INSIDE, when="another one writes no more", is_logged=False
)
PRESENCE = events.declare(
    "user:presence", PresenceSchema, hearers="those to whom they have written, as far as they let others know",
    when="somebody comes, goes, or says how they are", is_logged=False,
)  # fmt: skip
