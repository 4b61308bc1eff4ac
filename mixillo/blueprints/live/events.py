"""The live events of streams.

Lines, gifts and decisions are numbered in the room, so that who comes back misses none; counters are not, as the next
one replaces them.
"""

from typing import Any

from bson import ObjectId
from marshmallow import fields, validate

from mixillo.blueprints.live.models import STATUSES
from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id, UserSummary

ROOM = "live"
VIEWERS_WORDS = "who is in the stream (`live:join`)"


def room(livestream_id: ObjectId | str) -> str:
    """Return the room of a stream."""
    return f"{ROOM}_{livestream_id}"


class LiveToldMessageSchema(BaseSchema):
    """A line of the chat."""

    _id = Id(required=True)
    text = fields.String(required=True)
    user = fields.Nested(UserSummary, required=True)
    role = fields.String(required=True, metadata={"example": "viewer"})
    clientId = fields.String(required=True, allow_none=True)
    timestamp = fields.String(required=True)


class LiveMessageSchema(BaseSchema):
    """``live:message``: somebody has said something."""

    livestreamId = Id(required=True)
    message = fields.Nested(LiveToldMessageSchema, required=True)


class LiveMessageDeletedSchema(BaseSchema):
    """``live:message_deleted``: show it no more."""

    livestreamId = Id(required=True)
    messageId = Id(required=True)


class LivePinnedSchema(BaseSchema):
    """``live:pinned``: a line that stands above the others, or none any more."""

    livestreamId = Id(required=True)
    message = fields.Nested(LiveToldMessageSchema, required=True, allow_none=True)


class LiveMutedSchema(BaseSchema):
    """``live:muted``: somebody may not write; ``null`` when they may again."""

    livestreamId = Id(required=True)
    userId = Id(required=True)
    until = fields.String(required=True, allow_none=True)


class LiveSettingsSchema(BaseSchema):
    """``live:settings``: what holds in the stream from now on."""

    livestreamId = Id(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    slowModeSeconds = fields.Integer(required=True)
    allowComments = fields.Boolean(required=True)
    allowGifts = fields.Boolean(required=True)


class LiveLikesSchema(BaseSchema):
    """``live:likes``: how many there are."""

    livestreamId = Id(required=True)
    likesCount = fields.Integer(required=True)


class LiveViewersSchema(BaseSchema):
    """``live:viewers``: how many people watch."""

    livestreamId = Id(required=True)
    viewerCount = fields.Integer(required=True)


class LiveToldGiftSchema(BaseSchema):
    """A gift as it is shown."""

    id = Id(required=True)
    name = fields.String(required=True)
    icon = fields.String(required=True)
    animation = fields.String(required=True)


class LiveGiftSchema(BaseSchema):
    """``live:gift``: a gift that is booked; of an anonymous one ``sender`` is ``null``."""

    livestreamId = Id(required=True)
    transactionId = Id(required=True)
    gift = fields.Nested(LiveToldGiftSchema, required=True)
    sender = fields.Nested(UserSummary, required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    totalCost = fields.Integer(required=True)
    message = fields.String(required=True, allow_none=True)
    timestamp = fields.String(required=True)


class LiveToldProductSchema(BaseSchema):
    """A product as it is shown in a stream."""

    _id = Id(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    price = fields.Float(required=True)
    currency = fields.String(required=True)
    imageUrl = fields.String(required=True, allow_none=True)


class LiveProductSchema(BaseSchema):
    """``live:product``: what is shown now, or nothing any more."""

    livestreamId = Id(required=True)
    product = fields.Nested(LiveToldProductSchema, required=True, allow_none=True)


class LiveStartedSchema(BaseSchema):
    """``stream:started``: somebody is on the air."""

    livestreamId = Id(required=True)
    streamId = fields.String(required=True)
    hostId = Id(required=True)
    host = fields.Nested(UserSummary, required=True)
    title = fields.String(required=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)


class LiveEndedSchema(BaseSchema):
    """``stream:ended``: it is over; ``duration`` are seconds."""

    livestreamId = Id(required=True)
    streamId = fields.String(required=True)
    status = fields.String(required=True)
    reason = fields.String(required=True)
    duration = fields.Integer(required=True)


class LiveJoinedSchema(BaseSchema):
    """``livestream:joined``: under the name that older clients wait for."""

    livestreamId = Id(required=True)


class LiveKickedSchema(BaseSchema):
    """``live:kicked``: not in the stream any more."""

    livestreamId = Id(required=True)
    reason = fields.String(required=True, metadata={"example": "live_banned"})


def _declare(name: str, schema: type[BaseSchema], when: str, **more: Any) -> events.Event:
    return events.declare(name, schema, **{"hearers": VIEWERS_WORDS} | more, when=when)


MESSAGE = _declare("live:message", LiveMessageSchema, "somebody says something")
MESSAGE_DELETED = _declare("live:message_deleted", LiveMessageDeletedSchema, "a line is removed")
PINNED = _declare("live:pinned", LivePinnedSchema, "the host pins a line, or none any more")
MUTED = _declare("live:muted", LiveMutedSchema, "somebody is muted, or may write again")
SETTINGS = _declare(
    "live:settings", LiveSettingsSchema, "its state or its rules change: slow mode, comments, gifts, a pause"
)
GIFT = _declare("live:gift", LiveGiftSchema, "a gift is booked, in the same transaction")
PRODUCT = _declare("live:product", LiveProductSchema, "the host shows a product, or none any more")
ENDED = _declare("stream:ended", LiveEndedSchema, "it is over")
LIKES = _declare("live:likes", LiveLikesSchema, "there are more likes; once a second at most", is_logged=False)
VIEWERS = _declare(
    "live:viewers", LiveViewersSchema, "the number of people who watch has changed; every two seconds at most",
    is_logged=False,
)  # fmt: skip
STARTED = _declare(
    "stream:started", LiveStartedSchema, "somebody whom one follows, or who invites one, is on the air",
    hearers="followers who are online, of a private stream those who may see it", is_logged=False,
)  # fmt: skip
KICKED = _declare(
    "live:kicked",
    LiveKickedSchema,
    "the host has kicked or banned them; their sockets leave the room",
    hearers="who it is",
)  # fmt: skip
JOINED = _declare(
    "livestream:joined", LiveJoinedSchema, "it has joined by `livestream:join`", hearers="the socket", is_logged=False
)
