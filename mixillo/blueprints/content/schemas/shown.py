"""Posts as the API shows them."""

from marshmallow import fields

from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class SoundSummary(BaseSchema):
    """The sound of a post."""

    _id = Id(required=True)
    title = fields.String(required=True)
    artist = fields.String(required=True, allow_none=True)
    audioUrl = fields.String(required=True, allow_none=True)
    coverUrl = fields.String(required=True, allow_none=True)
    duration = fields.Float(required=True, allow_none=True)


class PlaceSchema(BaseSchema):
    """Where it was made."""

    name = fields.String(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)


class ContentSchema(BaseSchema):
    """A post, with how its viewer stands to it; its author and administrators see the last five fields too."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    creatorId = Id(required=True)
    creator = fields.Nested(UserSummary, required=True)
    user = fields.Nested(UserSummary, required=True, metadata={"description": "The same as `creator`."})
    type = fields.String(required=True, metadata={"example": "video"})
    mediaType = fields.String(required=True)
    postType = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    caption = fields.String(required=True, allow_none=True, metadata={"example": "First firing of the year #pottery"})
    description = fields.String(required=True, allow_none=True)
    videoUrl = fields.String(required=True, allow_none=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)
    imageUrls = fields.List(fields.String(), required=True)
    mediaUrls = fields.List(fields.String(), required=True)
    duration = fields.Float(required=True, allow_none=True)
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)
    hashtags = fields.List(fields.String(), required=True, metadata={"example": ["pottery"]})
    mentions = fields.List(Id(), required=True)
    products = fields.List(Id(), required=True)
    location = fields.Nested(PlaceSchema, required=True, allow_none=True)
    soundId = Id(required=True, allow_none=True)
    sound = fields.Nested(SoundSummary, required=True, allow_none=True)
    originalSound = fields.Boolean(required=True)
    visibility = fields.String(required=True, metadata={"example": "public"})
    privacy = fields.String(required=True)
    allowComments = fields.Boolean(required=True)
    allowDuet = fields.Boolean(required=True)
    allowStitch = fields.Boolean(required=True)
    allowDownload = fields.Boolean(required=True)
    viewsCount = fields.Integer(required=True)
    likesCount = fields.Integer(required=True)
    commentsCount = fields.Integer(required=True)
    sharesCount = fields.Integer(required=True)
    savesCount = fields.Integer(required=True)
    isLiked = fields.Boolean(required=True)
    isSaved = fields.Boolean(required=True)
    isBookmarked = fields.Boolean(required=True)
    isFollowing = fields.Boolean(required=True, metadata={"description": "Whether the viewer follows its author."})
    publishedAt = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)
    status = fields.String()
    isDeleted = fields.Boolean()
    deletedAt = Timestamp(allow_none=True)
    scheduledFor = Timestamp(allow_none=True)
    uniqueViewsCount = fields.Integer()
