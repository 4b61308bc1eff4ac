"""What goes out."""

from marshmallow import fields, validate

from mixillo.blueprints.live.events import LiveToldMessageSchema, LiveToldProductSchema
from mixillo.blueprints.live.models import STATUSES, TYPES
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class LivestreamSchema(BaseSchema):
    """A stream, under the stored names and those of the mobile app and the dashboard.

    ``duration`` are seconds, ``totalGiftsValue`` coins; viewers are people, however many devices they use.
    """

    _id = Id(required=True)
    id = Id(required=True)
    hostId = Id(required=True)
    host = fields.Nested(UserSummary, required=True)
    hostUsername = fields.String(required=True)
    hostAvatar = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, metadata={"example": "Opening the kiln"})
    description = fields.String(required=True, allow_none=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)
    thumbnail = fields.String(required=True, allow_none=True)
    provider = fields.String(required=True, metadata={"example": "webrtc"})
    streamId = fields.String(required=True, metadata={"example": "stream_64b7f3a2c9e77a0012ab34cd"})
    channelId = fields.String(required=True, allow_none=True)
    chatRoomId = fields.String(required=True, allow_none=True)
    hlsUrl = fields.String(required=True, allow_none=True)
    streamUrl = fields.String(required=True, allow_none=True)
    hlsExpiresAt = Timestamp(
        required=True, allow_none=True,
        metadata={"description": "Until when `hlsUrl` is good, where our media server carries the stream; then ask "
                  "for the stream again. Lists have no such addresses."},
    )  # fmt: skip
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    isLive = fields.Boolean(required=True)
    isPrivate = fields.Boolean(required=True)
    isFeatured = fields.Boolean(required=True)
    featured = fields.Boolean(required=True)
    currentViewers = fields.Integer(required=True)
    viewerCount = fields.Integer(required=True)
    peakViewers = fields.Integer(required=True)
    totalViews = fields.Integer(required=True)
    uniqueViewers = fields.Integer(required=True)
    likesCount = fields.Integer(required=True)
    likeCount = fields.Integer(required=True)
    sharesCount = fields.Integer(required=True)
    giftsCount = fields.Integer(required=True)
    giftCount = fields.Integer(required=True)
    totalGiftsValue = fields.Integer(required=True)
    messagesCount = fields.Integer(required=True)
    slowModeSeconds = fields.Integer(required=True)
    allowComments = fields.Boolean(required=True)
    allowGifts = fields.Boolean(required=True)
    allowSharing = fields.Boolean(required=True)
    isRecorded = fields.Boolean(required=True)
    recordingUrl = fields.String(required=True, allow_none=True)
    scheduledFor = Timestamp(required=True, allow_none=True)
    scheduledAt = Timestamp(required=True, allow_none=True)
    startedAt = Timestamp(required=True, allow_none=True)
    endedAt = Timestamp(required=True, allow_none=True)
    duration = fields.Integer(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class OwnLivestreamSchema(LivestreamSchema):
    """A stream of one's own; to others what follows is not there.

    ``rtmpUrl`` and ``streamKey``, which is a secret, are what an encoder calls its server and its stream key.
    """

    streamKey = fields.String(allow_none=True)
    rtmpUrl = fields.String(allow_none=True)
    allowedUsers = fields.List(Id())
    moderators = fields.List(Id())
    totalWatchTime = fields.Integer(allow_none=True)
    avgWatchTime = fields.Float(allow_none=True)
    returningViewers = fields.Integer(allow_none=True)
    failureReason = fields.String(allow_none=True)


class LiveProviderSchema(BaseSchema):
    """Somebody who carries media."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True)
    displayName = fields.String(required=True, allow_none=True)
    enabled = fields.Boolean(required=True)
    status = fields.String(required=True)
    priority = fields.Integer(required=True)


class LiveLineSchema(LiveToldMessageSchema):
    """A line of the chat, as it is told in the room too."""


class LiveShownProductSchema(LiveToldProductSchema):
    """A product of a stream."""


class LiveUntilSchema(BaseSchema):
    """Somebody about whom something holds for a while."""

    _id = Id(required=True)
    userId = Id(required=True)
    until = Timestamp(required=True)


class LiveBanSchema(BaseSchema):
    """Somebody who is not to come in."""

    _id = Id(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, allow_none=True)
    bannedAt = Timestamp(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class LiveModeratorSchema(BaseSchema):
    """Somebody who decides about the others."""

    _id = Id(required=True)
    userId = Id(required=True)


class LiveStatisticsSchema(BaseSchema):
    """What all streams come to; ``totalRevenue`` are coins of gifts."""

    total = fields.Integer(required=True)
    active = fields.Integer(required=True)
    live = fields.Integer(required=True)
    scheduled = fields.Integer(required=True)
    ended = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    featured = fields.Integer(required=True)
    totalViewers = fields.Integer(required=True, metadata={"description": "Who watches now."})
    totalRevenue = fields.Integer(required=True)


class LiveSalesSchema(BaseSchema):
    """What a stream has sold; ``conversionRate`` is how many orders there are to a hundred of its viewers."""

    orders = fields.Integer(required=True)
    revenue = fields.Float(required=True)
    currency = fields.String(required=True)
    viewers = fields.Integer(required=True)
    conversionRate = fields.Float(required=True)
