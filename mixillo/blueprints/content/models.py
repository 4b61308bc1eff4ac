"""Posts and what people do with them, with the stored field names of the existing collections."""

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

VIDEO, IMAGE, TEXT, LIVE = TYPES = ("video", "image", "text", "live")
POSTED_TYPES = (VIDEO, IMAGE, TEXT)
FEED, POST = POST_TYPES = ("feed", "post")
DRAFT, PROCESSING, ACTIVE, REMOVED, REPORTED, ARCHIVED = STATUSES = (
    "draft", "processing", "active", "removed", "reported", "archived",
)  # fmt: skip
PUBLIC, FRIENDS, PRIVATE = VISIBILITIES = ("public", "friends", "private")
PLATFORMS = ("instagram", "facebook", "twitter", "whatsapp", "telegram", "copy_link", "other")
DEVICES = ("ios", "android", "web", "other")
PUBLISHED: dict[str, Any] = {"status": ACTIVE, "isDeleted": False}
# What may stand in everybody's lists, unless its author's profile is private or blocks are in the way.
LISTED: dict[str, Any] = PUBLISHED | {"isPrivate": False}
LATEST = [("publishedAt", -1), ("_id", -1)]


class Location(EmbeddedDocument):
    """Where it was made."""

    name = StringField()
    latitude = FloatField()
    longitude = FloatField()


class Content(BaseDocument):
    """A post. ``isPrivate`` keeps it out of everybody's lists: ``visibility`` says who sees it all the same.

    The existing system has no ``visibility``: there ``isPrivate`` means nobody else. A draft with ``scheduledFor`` is
    published then. Of a deleted post ``isDeleted`` is set, and ``deletedAt``.
    """

    meta = {"collection": "contents"}

    userId = Ref("users", policy="reassign", required=True)
    type = StringField(default=VIDEO, choices=TYPES)
    postType = StringField(default=FEED, choices=POST_TYPES)
    title = StringField()
    caption = StringField()
    videoUrl = StringField()
    thumbnailUrl = StringField()
    imageUrls = ListField(StringField())
    duration = FloatField()
    width = IntField()
    height = IntField()
    hashtags = ListField(StringField())
    mentions = ListField(Ref("users", policy="nullify"))
    products = ListField(Ref("products", policy="nullify"))
    location = EmbeddedDocumentField(Location)
    soundId = Ref("sounds", policy="nullify")
    originalSound = BooleanField(default=False)
    visibility = StringField(default=PUBLIC, choices=VISIBILITIES)
    isPrivate = BooleanField(default=False)
    allowComments = BooleanField(default=True)
    allowDuet = BooleanField(default=True)
    allowStitch = BooleanField(default=True)
    allowDownload = BooleanField(default=True)
    status = StringField(default=DRAFT, choices=STATUSES)
    isDeleted = BooleanField(default=False)
    deletedAt = DateTimeField()
    viewsCount = IntField(default=0)
    uniqueViewsCount = IntField(default=0)
    likesCount = IntField(default=0)
    commentsCount = IntField(default=0)
    sharesCount = IntField(default=0)
    savesCount = IntField(default=0)
    reportCount = IntField(default=0)
    originalContentId = Ref("contents", policy="nullify")
    reviewedBy = Ref("users", policy="nullify")
    publishedAt = DateTimeField()
    scheduledFor = DateTimeField()
    lastViewedAt = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)


class Like(BaseDocument):
    """Somebody likes a post; once."""

    meta = {"collection": "likes"}

    userId = Ref("users", policy="delete", required=True)
    contentId = Ref("contents", policy="delete", required=True)


class Save(BaseDocument):
    """Somebody wants to find a post again; once, in a collection of theirs."""

    meta = {"collection": "saves"}

    userId = Ref("users", policy="delete", required=True)
    contentId = Ref("contents", policy="delete", required=True)
    # `collection` is what documents call their PyMongo collection.
    named = StringField(db_field="collection", default="default")


class Share(BaseDocument):
    """Somebody passed a post on; as often as they like."""

    meta = {"collection": "shares"}

    userId = Ref("users", policy="delete", required=True)
    contentId = Ref("contents", policy="delete", required=True)
    platform = StringField(default="other", choices=PLATFORMS)
    sharedAt = DateTimeField(default=clock.now)


class View(BaseDocument):
    """Somebody saw a post; counted once per person and day. Without ``userId`` nobody was signed in."""

    meta = {"collection": "views"}

    contentId = Ref("contents", policy="delete", required=True)
    userId = Ref("users", policy="nullify")
    watchTime = FloatField(default=0)
    completionRate = FloatField(default=0)
    device = StringField(default="other", choices=DEVICES)
    viewedAt = DateTimeField(default=clock.now)


class Interactions(EmbeddedDocument):
    """What somebody did with posts, the latest last; so many are kept."""

    watched = ListField(Ref("contents", policy="nullify"))
    liked = ListField(Ref("contents", policy="nullify"))
    notInterested = ListField(Ref("contents", policy="nullify"))


class Preferences(EmbeddedDocument):
    """Whom somebody likes to see."""

    creators = ListField(Ref("users", policy="nullify"))
    hashtags = ListField(StringField())
    categories = ListField(StringField())


class Taste(BaseDocument):
    """What the feed knows of somebody: what it has shown them, and what they do not want to see."""

    meta = {"collection": "recommendationmetadatas"}

    userId = Ref("users", policy="delete", required=True)
    preferences = EmbeddedDocumentField(Preferences)
    interactions = EmbeddedDocumentField(Interactions)
    lastUpdated = DateTimeField(default=clock.now)
