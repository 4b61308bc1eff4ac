"""The live events of notifications: every socket of a user hears them."""

from dataclasses import replace

from marshmallow import fields

from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class NotificationSchema(BaseSchema):
    """What one is told; `count` is how many people it was, `actors` the latest of them."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    type = fields.String(required=True, metadata={"example": "like"})
    title = fields.String(required=True, metadata={"example": "New likes"})
    body = fields.String(required=True, metadata={"example": "ada and 12 others liked your post"})
    message = fields.String(required=True, metadata={"description": "The same as `body`."})
    imageUrl = fields.String(required=True, allow_none=True)
    image = fields.String(required=True, allow_none=True)
    senderId = Id(required=True, allow_none=True)
    actorId = Id(required=True, allow_none=True)
    sender = fields.Nested(UserSummary, required=True, allow_none=True)
    fromUser = fields.Nested(UserSummary, required=True, allow_none=True)
    actors = fields.List(fields.Nested(UserSummary), required=True)
    count = fields.Integer(required=True, metadata={"example": 13})
    relatedContentId = Id(required=True, allow_none=True)
    relatedType = fields.String(required=True, allow_none=True, metadata={"example": "content"})
    actionUrl = fields.String(required=True, allow_none=True)
    link = fields.String(required=True, allow_none=True)
    data = fields.Dict(required=True, allow_none=True)
    isRead = fields.Boolean(required=True)
    read = fields.Boolean(required=True)
    readAt = Timestamp(required=True, allow_none=True)
    priority = fields.String(required=True)
    firstAt = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True, metadata={"description": "When it happened last."})


class NewNotificationSchema(BaseSchema):
    """``notification``, ``notification:new``: there is something new, or more of the same."""

    notification = fields.Nested(NotificationSchema, required=True)
    unreadCount = fields.Integer(
        required=True, allow_none=True, metadata={"description": "`null`: not counted, as for a message to many."}
    )
    silent = fields.Boolean(required=True)


class NotificationReadSchema(BaseSchema):
    """``notification:read``: it was read, on this device or another."""

    notificationId = Id(required=True)
    unreadCount = fields.Integer(required=True)


class AllReadSchema(BaseSchema):
    """``notification:all-read``: everything was read, on this device or another."""

    unreadCount = fields.Integer(required=True)


NEW = "they are told something; `silent` while their quiet hours last or they want no push of that type"
TOLD = (
    events.declare("notification", NewNotificationSchema, hearers="who is told (the mobile app's name)", when=NEW),
    # The same under the other name; who comes back need not hear it twice.
    events.declare("notification:new", NewNotificationSchema, hearers="who is told", when=NEW, is_logged=False),
)
# A message to many is in everybody's list; writing down besides that each was told would double the work.
TOLD_TO_MANY = tuple(replace(event, is_logged=False) for event in TOLD)
READ = events.declare(
    "notification:read", NotificationReadSchema, hearers="who was told", when="they have read one, or deleted it unread"
)
ALL_READ = events.declare(
    "notification:all-read", AllReadSchema, hearers="who was told", when="they have read everything"
)
