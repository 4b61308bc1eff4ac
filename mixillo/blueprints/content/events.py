"""The live events of posts, for those who look at one: sockets in its room."""

from bson import ObjectId
from marshmallow import fields

from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id


class VideoLikeSchema(BaseSchema):
    """``video:like``: somebody likes the post, or does not any more."""

    contentId = Id(required=True)
    userId = Id(required=True)
    isLiked = fields.Boolean(required=True)
    likesCount = fields.Integer(required=True)
    timestamp = fields.String(required=True)


class VideoShareSchema(BaseSchema):
    """``video:share``: somebody passed the post on."""

    contentId = Id(required=True)
    userId = Id(required=True)
    sharesCount = fields.Integer(required=True)
    timestamp = fields.String(required=True)


class VideoViewSchema(BaseSchema):
    """``video:view``: more have seen the post."""

    contentId = Id(required=True)
    viewsCount = fields.Integer(required=True)
    timestamp = fields.String(required=True)


class LookSchema(BaseSchema):
    """Which post is looked at."""

    contentId = Id(required=True)


class TypingSchema(LookSchema):
    """`isTyping` is what existing clients send beside; whoever stops just stops."""

    isTyping = fields.Boolean()


class VideoTypingSchema(LookSchema):
    """``video:user_typing``: somebody is typing a comment."""

    userId = Id(required=True)
    username = fields.String(required=True)


ROOM = "video"
LOOKING = "who looks at the post (`video:join`)"
VIDEO_LIKE = events.declare(
    "video:like", VideoLikeSchema, hearers=LOOKING, when="somebody likes it, or stops", is_logged=False
)
VIDEO_SHARE = events.declare(
    "video:share", VideoShareSchema, hearers=LOOKING, when="somebody passed it on", is_logged=False
)
VIDEO_VIEW = events.declare(
    "video:view", VideoViewSchema, hearers=LOOKING, when="views of it were counted", is_logged=False
)


VIDEO_JOINED = events.declare(
    "video:joined", LookSchema, hearers="the socket", when="it has joined the post", is_logged=False
)
VIDEO_LEFT = events.declare("video:left", LookSchema, hearers="the socket", when="it has left it", is_logged=False)
VIDEO_TYPING = events.declare(
    "video:user_typing", VideoTypingSchema, hearers=LOOKING, when="another one types a comment", is_logged=False
)


def room(content_id: ObjectId | str) -> str:
    """Return the room of those who look at a post."""
    return f"{ROOM}_{content_id}"
