"""The live events of stories, under the mobile app's names."""

from marshmallow import fields

from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id


class StoryAddedSchema(BaseSchema):
    """``story_added``: there is a new one."""

    storyId = Id(required=True)
    userId = Id(required=True)
    type = fields.String(required=True)
    expiresAt = fields.String(required=True)


class StoryDeletedSchema(BaseSchema):
    """``story_deleted``: it is gone."""

    storyId = Id(required=True)
    userId = Id(required=True)


class StoryViewedSchema(BaseSchema):
    """``story_viewed``: somebody has seen it."""

    storyId = Id(required=True)
    viewerId = Id(required=True)
    viewsCount = fields.Integer(required=True)
    timestamp = fields.String(required=True)


FOLLOWERS = "its author, and the latest 200 of those who follow them and may see it"
# Whoever comes back looks at the list anyway.
ADDED = events.declare(
    "story_added", StoryAddedSchema, hearers=FOLLOWERS, when="somebody shows something new", is_logged=False
)
DELETED = events.declare(
    "story_deleted", StoryDeletedSchema, hearers=FOLLOWERS, when="it was deleted early", is_logged=False
)
VIEWED = events.declare(
    "story_viewed", StoryViewedSchema, hearers="its author", when="somebody sees it for the first time"
)
