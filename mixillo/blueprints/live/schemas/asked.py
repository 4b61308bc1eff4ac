"""What comes in."""

from datetime import UTC
from typing import Any

from bson import ObjectId
from marshmallow import fields, post_load, pre_load, validate

from mixillo.blueprints.gifts.services.pricing import MAX_QUANTITY
from mixillo.blueprints.live.models import AGORA, LIVE, PROVIDERS, ROLES, STATUSES, TYPES
from mixillo.blueprints.live.services.chatting import MOST_CHARACTERS
from mixillo.blueprints.live.services.liking import MOST_AT_ONCE
from mixillo.core.schemas import BaseSchema, Id, PageQuery, Text, web_address

MOST_INVITED = 200
LONGEST_SLOW_MODE, LONGEST_MINUTES = 300, 7 * 24 * 60
# The mobile app's words for states and fields.
SPELLED = {"pending": "scheduled"}
OTHER_NAMES = {"thumbnailUrl": "thumbnail", "scheduledFor": "scheduledAt"}


class Yes(fields.Boolean):
    """True or false, and no words for them."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(truthy={True}, falsy={False}, **keywords)


class LiveStreamSchema(BaseSchema):
    """What a stream is to be."""

    title = Text(required=True, min_length=1, max_length=100, metadata={"example": "Opening the kiln"})
    description = Text(max_length=1_000, allow_none=True)
    thumbnailUrl = fields.String(validate=[validate.Length(max=2_048), web_address], allow_none=True)
    provider = fields.String(load_default=AGORA, validate=validate.OneOf(PROVIDERS))
    type = fields.String(load_default="solo", validate=validate.OneOf(TYPES))
    isPrivate = Yes(load_default=False)
    allowedUsers = fields.List(
        Id(), validate=validate.Length(max=MOST_INVITED), metadata={"description": "Who sees a private one."}
    )
    allowComments = Yes(load_default=True)
    allowGifts = Yes(load_default=True)
    slowModeSeconds = fields.Integer(strict=True, validate=validate.Range(min=0, max=LONGEST_SLOW_MODE))

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Return ``data`` under the stored names."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        for name, other in OTHER_NAMES.items():
            if other in data and name not in data:
                data[name] = data.pop(other)
        return data

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids."""
        data["allowedUsers"] = [ObjectId(each) for each in dict.fromkeys(data.get("allowedUsers", []))]
        return data


class LiveScheduleSchema(LiveStreamSchema):
    """A stream to announce; ``scheduledAt`` is the mobile app's name of its moment."""

    scheduledFor = fields.AwareDateTime(
        required=True, format="iso", default_timezone=UTC, metadata={"example": "2030-01-31T12:00:00.000Z"}
    )

    @post_load
    def to_the_millisecond(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with a moment as the database keeps it."""
        moment = data["scheduledFor"].astimezone(UTC)
        return data | {"scheduledFor": moment.replace(microsecond=moment.microsecond // 1000 * 1000)}


class StreamsQuery(PageQuery):
    """Which streams to list."""

    status = fields.String(validate=validate.OneOf([*STATUSES, *SPELLED]))

    @post_load
    def spelled(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the state as it is stored."""
        return data | ({"status": SPELLED.get(data["status"], data["status"])} if "status" in data else {})


class PublicStreamsQuery(StreamsQuery):
    """Which streams everybody lists: on the air unless told."""

    status = fields.String(
        load_default=LIVE, validate=validate.OneOf(["live", "paused", "scheduled", "ended", *SPELLED])
    )


class AdminStreamsQuery(StreamsQuery):
    """Which streams administrators list; ``search`` is an id, a business id or the beginning of the host's name."""

    search = Text(min_length=1, max_length=100)


class LiveJoinSchema(BaseSchema):
    """As what one comes; who may decide is not asked."""

    role = fields.String(validate=validate.OneOf([*ROLES, "viewer", "audience"]))


class LiveLikeSchema(BaseSchema):
    """How many taps."""

    count = fields.Integer(strict=True, load_default=1, validate=validate.Range(min=1, max=MOST_AT_ONCE))


class LiveGivingSchema(BaseSchema):
    """What to give the host."""

    giftId = Id(required=True)
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(min=1, max=MAX_QUANTITY))
    message = Text(max_length=500, allow_none=True)
    isAnonymous = Yes(load_default=False)


class LiveEndSchema(BaseSchema):
    """Why it ends."""

    reason = Text(max_length=200, allow_none=True)


class LiveFeatureSchema(BaseSchema):
    """Whether to put it forward."""

    featured = Yes(required=True)


class LiveRulesSchema(BaseSchema):
    """What holds from now on; what is not sent stays as it is."""

    slowModeSeconds = fields.Integer(strict=True, validate=validate.Range(min=0, max=LONGEST_SLOW_MODE))
    allowComments = Yes()
    allowGifts = Yes()


class LivePinSchema(BaseSchema):
    """Which line stands above the others; ``null`` for none."""

    messageId = Id(required=True, allow_none=True)


class LivePersonSchema(BaseSchema):
    """About whom it is."""

    userId = Id(required=True)


class LiveSomeMinutesSchema(LivePersonSchema):
    """About whom it is, and for how long."""

    minutes = fields.Integer(strict=True, load_default=10, validate=validate.Range(min=1, max=LONGEST_MINUTES))


class LiveBanBodySchema(LivePersonSchema):
    """Who is not to come in again, and why."""

    reason = Text(max_length=200, allow_none=True)


class LiveProductBodySchema(BaseSchema):
    """What to show."""

    productId = Id(required=True)


class LiveRoomSchema(BaseSchema):
    """Which stream."""

    livestreamId = Id(required=True)


class LiveEnterSchema(LiveRoomSchema):
    """Which stream, and the last number that one has seen of its room."""

    offset = fields.Integer(strict=True, validate=validate.Range(min=0))


class LiveChatSchema(LiveRoomSchema):
    """What to say; ``clientId`` makes repeating it harmless."""

    text = Text(required=True, min_length=1, max_length=MOST_CHARACTERS)
    clientId = fields.String(validate=validate.Length(min=1, max=64), allow_none=True)


class LiveCommentSchema(LiveRoomSchema):
    """What to say, as older clients call it."""

    comment = Text(required=True, min_length=1, max_length=MOST_CHARACTERS)


class LiveTapsSchema(LiveRoomSchema):
    """How many taps since the last time."""

    count = fields.Integer(strict=True, load_default=1, validate=validate.Range(min=1, max=MOST_AT_ONCE))


class LiveGiveSchema(LiveGivingSchema):
    """What to give the host of which stream; ``clientId`` makes repeating it harmless."""

    livestreamId = Id(required=True)
    clientId = fields.String(validate=validate.Length(min=1, max=64), allow_none=True)


class LiveOlderGiftSchema(LiveRoomSchema):
    """What to give, as older clients call it: the id of a gift."""

    gift = Id(required=True)
