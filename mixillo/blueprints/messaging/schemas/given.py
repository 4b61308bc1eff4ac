"""What clients send about conversations and messages, under the names of both generations of them."""

from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, pre_load, validate, validates_schema

from mixillo.blueprints.messaging.models import (
    GIFT,
    GROUP,
    KINDS,
    LOCATION,
    PRIVATE,
    PRODUCT,
    STATUSES,
    TEXT,
    TYPES,
    WITH_MEDIA,
)
from mixillo.blueprints.messaging.services.starting import MOST_PEOPLE
from mixillo.core.schemas import BaseSchema, Id, PageQuery, Text, web_address

LONGEST_TEXT, LONGEST_ADDRESS, LONGEST_EMOJI = 4_000, 2_048, 16
# What each type has to say, at least.
NEEDED = {TEXT: "text", GIFT: "giftTransactionId", PRODUCT: "productId", LOCATION: "location"} | dict.fromkeys(
    WITH_MEDIA, "mediaUrl"
)
IDS = ("conversationId", "userId", "productId", "giftTransactionId", "replyTo", "messageId")
OTHER_NAMES = {
    "content": "text", "message": "text", "recipientId": "userId", "participantId": "userId", "receiverId": "userId",
    "replyToId": "replyTo", "tempId": "clientId",
}  # fmt: skip
EMOJI_BEGIN = 0x2000


def _address() -> fields.String:
    return fields.String(
        validate=[validate.Length(min=1, max=LONGEST_ADDRESS), web_address],
        metadata={"example": "https://cdn.example.com/kiln.jpg"},
    )


def renamed(data: Any) -> Any:
    """Return ``data`` under the stored names."""
    if not isinstance(data, dict):
        return data
    return {OTHER_NAMES.get(name, name) if OTHER_NAMES.get(name) not in data else name: data[name] for name in data}


def with_ids(data: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` with ids as ids."""
    return data | {name: ObjectId(data[name]) for name in IDS if data.get(name)}


class LocationInSchema(BaseSchema):
    """Somewhere on earth."""

    latitude = fields.Float(required=True, validate=validate.Range(-90, 90), allow_nan=False)
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180), allow_nan=False)
    name = Text(max_length=200)


class MetadataSchema(BaseSchema):
    """What a client needs to know of a file before it has it."""

    width = fields.Integer(strict=True, validate=validate.Range(1, 100_000))
    height = fields.Integer(strict=True, validate=validate.Range(1, 100_000))
    duration = fields.Float(validate=validate.Range(0, 86_400), allow_nan=False, metadata={"description": "Seconds."})
    size = fields.Integer(strict=True, validate=validate.Range(0, 2**40), metadata={"description": "Bytes."})
    fileName = Text(max_length=255)


class MessageInSchema(BaseSchema):
    """Something to write; also `content` for `text`. The same `clientId` again is the same message."""

    type = fields.String(load_default=TEXT, validate=validate.OneOf(TYPES))
    text = Text(max_length=LONGEST_TEXT)
    mediaUrl = _address()
    thumbnailUrl = _address()
    productId = Id()
    giftTransactionId = Id(metadata={"description": "A gift of one's own with the context `message`."})
    location = fields.Nested(LocationInSchema)
    metadata = fields.Nested(MetadataSchema)
    replyTo = Id(metadata={"description": "The message that this one answers."})
    clientId = Text(min_length=1, max_length=100)

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Return ``data`` under the stored names."""
        return renamed(data)

    @validates_schema
    def says_something(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse what says nothing of its type."""
        needed = NEEDED[data["type"]]
        if not data.get(needed):
            raise ValidationError("Missing data for required field.", needed)

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids, and without what does not belong to its type."""
        foreign = {needed for kind, needed in NEEDED.items() if needed not in ("text", NEEDED[data["type"]])}
        return with_ids({name: value for name, value in data.items() if name not in foreign})


class AddressedMessageSchema(MessageInSchema):
    """Something to write into a conversation, or to somebody (`userId`, also `recipientId`)."""

    conversationId = Id()
    userId = Id()

    @validates_schema
    def has_an_address(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse what is for nobody, or for two."""
        if ("conversationId" in data) == ("userId" in data):
            raise ValidationError("Name either a conversation or a person.", "conversationId")


class SocketMessageSchema(MessageInSchema):
    """Something to write into a conversation."""

    conversationId = Id(required=True)


class NewConversationSchema(BaseSchema):
    """A conversation with one person (`userId`), or a group of `participants`."""

    type = fields.String(validate=validate.OneOf(KINDS))
    userId = Id()
    participants = fields.List(Id(), validate=validate.Length(min=1, max=MOST_PEOPLE - 1))
    groupName = Text(min_length=1, max_length=100)
    groupAvatar = _address()
    groupDescription = Text(max_length=500)

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Return ``data`` under the stored names; one participant without a group is a person."""
        data = renamed(data)
        if isinstance(data, dict):
            data = {"participants" if name == "participantIds" else name: value for name, value in data.items()}
            people = data.get("participants")
            if data.get("type", PRIVATE) == PRIVATE and isinstance(people, list) and len(people) == 1:
                data = {name: value for name, value in data.items() if name != "participants"} | {"userId": people[0]}
        return data

    @validates_schema
    def is_complete(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse what is neither a pair nor a group."""
        if "userId" in data:
            if data.get("type") == GROUP or "participants" in data or "groupName" in data:
                raise ValidationError("Name either one person or a group.", "userId")
        elif "participants" not in data:
            raise ValidationError("Missing data for required field.", "userId")
        elif data.get("type", GROUP) == PRIVATE:
            raise ValidationError("More than one other is a group.", "type")
        elif "groupName" not in data:
            raise ValidationError("Missing data for required field.", "groupName")

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids."""
        people = [ObjectId(each) for each in data.get("participants", [])]
        return with_ids(data) | ({"participants": people} if people else {})


class ConversationChangesSchema(BaseSchema):
    """What of a conversation is to be different; the name of a group is for its administrator to change."""

    isMuted = fields.Boolean(truthy={True}, falsy={False})
    isArchived = fields.Boolean(truthy={True}, falsy={False})
    groupName = Text(min_length=1, max_length=100)
    groupAvatar = _address()
    groupDescription = Text(max_length=500)


class ConversationsQuery(PageQuery):
    """Which conversations to list."""

    archived = fields.Boolean(load_default=False, metadata={"description": "`true` lists those that were put away."})


class ReadUntilSchema(BaseSchema):
    """Up to which message one has read; without one, all."""

    messageId = Id()

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return with_ids(data)


class SocketReadSchema(ReadUntilSchema):
    """Up to which message of a conversation one has read; without one, all."""

    conversationId = Id(required=True)


def _emoji(text: str) -> None:
    if any(character.isspace() for character in text) or not any(ord(character) >= EMOJI_BEGIN for character in text):
        raise ValidationError("Must be an emoji.")


class ReactionInSchema(BaseSchema):
    """What one feels about a message."""

    emoji = fields.String(
        required=True, validate=[validate.Length(min=1, max=LONGEST_EMOJI), _emoji], metadata={"example": "👍"}
    )


class OpenSchema(BaseSchema):
    """Which conversation."""

    conversationId = Id(required=True)

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return with_ids(data)


class StatusSchema(BaseSchema):
    """How one is."""

    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
