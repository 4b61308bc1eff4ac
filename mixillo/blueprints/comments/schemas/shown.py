"""Comments as the API shows them."""

from marshmallow import fields

from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class CommentSchema(BaseSchema):
    """A comment or a reply; administrators see its last six fields too."""

    _id = Id(required=True)
    id = Id(required=True)
    contentId = Id(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True)
    username = fields.String(required=True, metadata={"example": "ada"})
    userAvatar = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, metadata={"example": "What a glaze, @ada!"})
    mentions = fields.List(Id(), required=True)
    parentId = Id(
        required=True, allow_none=True, metadata={"description": "The comment on top of the thread, of a reply."}
    )
    parentCommentId = Id(required=True, allow_none=True)
    replyToId = Id(required=True, allow_none=True, metadata={"description": "What a reply answers."})
    likesCount = fields.Integer(required=True)
    likes = fields.Integer(required=True)
    isLiked = fields.Boolean(required=True)
    repliesCount = fields.Integer(required=True)
    replies = fields.Integer(required=True)
    isPinned = fields.Boolean(required=True)
    isEdited = fields.Boolean(required=True)
    editedAt = Timestamp(required=True, allow_none=True)
    isHidden = fields.Boolean(
        required=True, metadata={"description": "Whether it waits for an administrator, or was blocked by one."}
    )
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)
    status = fields.String(metadata={"example": "approved"})
    isReported = fields.Boolean()
    reportCount = fields.Integer()
    reviewedBy = Id(allow_none=True)
    reviewedAt = Timestamp(allow_none=True)
    deletedAt = Timestamp(allow_none=True)


class AboutSchema(BaseSchema):
    """What a comment is about, in short."""

    _id = Id(required=True)
    userId = Id(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)
    caption = fields.String(required=True, allow_none=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)


class JudgedCommentSchema(CommentSchema):
    """A comment as administrators list it."""

    content = fields.Nested(AboutSchema, required=True, allow_none=True)
