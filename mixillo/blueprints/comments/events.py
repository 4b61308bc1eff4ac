"""The live event of comments, for those who look at the post."""

from marshmallow import fields

from mixillo.blueprints.content.events import LOOKING
from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id, UserSummary


class SaidSchema(BaseSchema):
    """What was said, and by whom."""

    _id = Id(required=True)
    text = fields.String(required=True)
    parentId = Id(required=True, allow_none=True)
    user = fields.Nested(UserSummary, required=True)
    createdAt = fields.String(required=True)


class VideoCommentSchema(BaseSchema):
    """``video:comment``: somebody commented on the post."""

    contentId = Id(required=True)
    comment = fields.Nested(SaidSchema, required=True)
    commentsCount = fields.Integer(required=True)
    timestamp = fields.String(required=True)


VIDEO_COMMENT = events.declare(
    "video:comment", VideoCommentSchema, hearers=LOOKING, when="a comment on it is shown", is_logged=False
)
