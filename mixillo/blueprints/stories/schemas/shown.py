"""Stories as the API shows them."""

from marshmallow import fields

from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class StorySchema(BaseSchema):
    """A story; its author and administrators see `allowedUsers` too."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True)
    type = fields.String(required=True, metadata={"example": "image"})
    mediaUrl = fields.String(required=True)
    url = fields.String(required=True, metadata={"description": "The same as `mediaUrl`."})
    thumbnailUrl = fields.String(required=True, allow_none=True)
    thumbnail = fields.String(required=True, allow_none=True)
    duration = fields.Float(required=True, metadata={"description": "Seconds."})
    caption = fields.String(required=True, allow_none=True)
    musicId = Id(required=True, allow_none=True)
    viewsCount = fields.Integer(required=True)
    visibility = fields.String(required=True, metadata={"example": "public"})
    privacy = fields.String(required=True)
    hasViewed = fields.Boolean(required=True)
    isViewed = fields.Boolean(required=True)
    isMe = fields.Boolean(required=True)
    allowedUsers = fields.List(Id())
    createdAt = Timestamp(required=True)
    expiresAt = Timestamp(required=True)


class StoryGroupSchema(BaseSchema):
    """What one person shows, the oldest first; `hasViewed` when all of it was seen."""

    _id = Id(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True)
    username = fields.String(required=True)
    userAvatar = fields.String(required=True, allow_none=True)
    stories = fields.List(fields.Nested(StorySchema), required=True)
    latestStory = fields.Nested(StorySchema, required=True)
    totalStories = fields.Integer(required=True)
    hasViewed = fields.Boolean(required=True)
    isMe = fields.Boolean(required=True)
    createdAt = Timestamp(required=True)


class StoryViewerSchema(UserSummary):
    """Who has seen a story."""

    userId = Id(required=True)
    viewedAt = Timestamp(required=True)


class KeptStorySchema(BaseSchema):
    """A story as it was."""

    _id = Id(required=True)
    type = fields.String(required=True)
    mediaUrl = fields.String(required=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)
    duration = fields.Float(required=True, allow_none=True)
    caption = fields.String(required=True, allow_none=True)
    musicId = Id(required=True, allow_none=True)
    visibility = fields.String(required=True)
    createdAt = Timestamp(required=True)


class HighlightSchema(BaseSchema):
    """Stories that stay on a page: those of them that the viewer may see."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    title = fields.String(required=True, metadata={"example": "Firings"})
    coverUrl = fields.String(required=True, allow_none=True)
    items = fields.List(fields.Nested(KeptStorySchema), required=True)
    count = fields.Integer(required=True)
    createdAt = Timestamp(required=True)
    updatedAt = Timestamp(required=True, allow_none=True)
