"""What people are told, and how they want to be told, with the stored field names of the existing collection."""

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)
from pymongo import IndexModel

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

LIKE, COMMENT, FOLLOW, MENTION, GIFT, ORDER, MESSAGE, LIVE = (
    "like", "comment", "follow", "mention", "gift", "order", "message", "live",
)  # fmt: skip
SYSTEM, PROMOTION, ACHIEVEMENT, PAYMENT, REVIEW, REPLY, SHARE = (
    "system", "promotion", "achievement", "payment", "review", "reply", "share",
)  # fmt: skip
TYPES = (
    LIKE, COMMENT, FOLLOW, MENTION, GIFT, ORDER, MESSAGE, LIVE, SYSTEM, PROMOTION, ACHIEVEMENT, PAYMENT, REVIEW, REPLY,
    SHARE,
)  # fmt: skip
# What accounts have called the same wish before there was one for each type: `users.notificationSettings`.
SWITCHES = {
    LIKE: "likes", SHARE: "likes", COMMENT: "comments", REPLY: "comments", FOLLOW: "follows", MENTION: "mentions",
    MESSAGE: "messages", LIVE: "liveStreams", ORDER: "orders",
}  # fmt: skip
IN_APP, PUSH, EMAIL = CHANNELS = ("inApp", "push", "email")
# Nobody gets mail that they have not asked for.
DEFAULTS = {IN_APP: True, PUSH: True, EMAIL: False}
CONTENT, ORDERED, PRODUCT, COMMENTED, STORY = "content", "order", "product", "comment", "story"
LIVESTREAM = "livestream"
RELATED_TYPES = (CONTENT, LIVESTREAM, ORDERED, PRODUCT, COMMENTED, MESSAGE, STORY)
PRIORITIES = ("low", "normal", "high", "urgent")
URGENT = {GIFT: "high", ORDER: "high", PAYMENT: "high"}
NEWEST = [("createdAt", -1), ("_id", -1)]
# Digests of what people were told already; in the technical database.
NOTIFIED = "notified"
BROADCASTS = "broadcasts"
# How far the followers of who is on the air were told; in the technical database too.
ANNOUNCEMENTS = "announcements"


class Notification(BaseDocument):
    """Something that one person is told.

    What happens to the same thing before they have read of it joins: ``groupKey`` is the same, ``count`` is how many
    people it was, ``actors`` are the latest of them (``senderId`` the very latest), and ``createdAt`` is when it
    happened last, ``firstAt`` first. ``broadcastId`` names the message of an administrator that it is part of.
    """

    meta = {"collection": "notifications"}

    userId = Ref("users", policy="delete", required=True)
    type = StringField(required=True, choices=TYPES)
    title = StringField(required=True)
    body = StringField(required=True)
    imageUrl = StringField()
    senderId = Ref("users", policy="nullify")
    actors = ListField(Ref("users", policy="nullify"))
    count = IntField(default=1)
    groupKey = StringField()
    # In the collection that ``relatedType`` names.
    relatedContentId = ObjectIdField()
    relatedType = StringField(choices=RELATED_TYPES)
    actionUrl = StringField()
    actionData = DynamicField()
    isRead = BooleanField(default=False)
    readAt = DateTimeField()
    sentViaFCM = BooleanField(default=False)
    fcmMessageId = StringField()
    fcmSentAt = DateTimeField()
    priority = StringField(default="normal", choices=PRIORITIES)
    broadcastId = ObjectIdField()
    firstAt = DateTimeField()
    expiresAt = DateTimeField()


class QuietHours(EmbeddedDocument):
    """When nothing is to ring: from ``start`` to ``end`` (``HH:MM``, over midnight too) where ``timezone`` is."""

    enabled = BooleanField(default=False)
    start = StringField(default="22:00")
    end = StringField(default="07:00")
    timezone = StringField(default="UTC")


class NotificationPreferences(BaseDocument):
    """How somebody wants to be told: ``types`` has what differs from the defaults, ``{type: {channel: yes or no}}``."""

    meta = {"collection": "notificationpreferences"}
    INDEXES = (IndexModel("userId", unique=True),)

    userId = Ref("users", policy="delete", required=True)
    types: Any = DictField()
    quietHours = EmbeddedDocumentField(QuietHours, default=QuietHours)
    updatedAt = DateTimeField(default=clock.now)
