"""Stories, who has seen them, close friends and highlights, with the stored field names of the existing collection."""

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)
from pymongo import ASCENDING, DESCENDING, IndexModel

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

IMAGE, VIDEO = TYPES = ("image", "video")
PUBLIC, FRIENDS, CLOSE, PRIVATE = VISIBILITIES = ("public", "friends", "close", "private")
DEFAULT_SECONDS = 5.0
NEWEST = [("createdAt", -1), ("_id", -1)]


class Story(BaseDocument):
    """Something that somebody shows until ``expiresAt``.

    ``visibility``: everybody who sees its author's profile, friends (who follow each other), close friends of its
    author, or those in ``allowedUsers`` alone. The existing system has only the first and the last, by ``isPrivate``,
    and a list of ``viewers`` in the document, which has no end; viewers have rows of their own.
    """

    meta = {"collection": "stories"}

    userId = Ref("users", policy="delete", required=True)
    type = StringField(required=True, choices=TYPES)
    mediaUrl = StringField(required=True)
    thumbnailUrl = StringField()
    duration = FloatField(default=DEFAULT_SECONDS)
    caption = StringField()
    musicId = Ref("sounds", policy="nullify")
    visibility = StringField(default=PUBLIC, choices=VISIBILITIES)
    isPrivate = BooleanField(default=False)
    allowedUsers = ListField(Ref("users", policy="report"))
    viewsCount = IntField(default=0)
    isArchived = BooleanField(default=False)
    expiresAt = DateTimeField(required=True)


class StoryView(BaseDocument):
    """Somebody has seen a story; once. Forgotten with the story."""

    meta = {"collection": "storyviews"}
    INDEXES = (
        IndexModel([("userId", ASCENDING), ("storyId", ASCENDING)], unique=True),
        IndexModel([("storyId", ASCENDING), ("viewedAt", DESCENDING), ("_id", DESCENDING)], name="viewers"),
        IndexModel("expiresAt", expireAfterSeconds=0),
    )

    storyId = Ref("stories", policy="delete", required=True)
    userId = Ref("users", policy="delete", required=True)
    viewedAt = DateTimeField(default=clock.now)
    expiresAt = DateTimeField(required=True)


class CloseFriend(BaseDocument):
    """``userId`` shows some stories only to the likes of ``friendId``, who does not learn of it."""

    meta = {"collection": "closefriends"}
    INDEXES = (
        IndexModel([("userId", ASCENDING), ("friendId", ASCENDING)], unique=True),
        IndexModel([("userId", ASCENDING), ("createdAt", DESCENDING), ("_id", DESCENDING)], name="newest"),
        IndexModel("friendId"),
    )

    userId = Ref("users", policy="delete", required=True)
    friendId = Ref("users", policy="delete", required=True)


class Kept(EmbeddedDocument):
    """A story as it was, for those who were allowed to see it."""

    id = ObjectIdField(db_field="_id", required=True)
    type = StringField(choices=TYPES)
    mediaUrl = StringField()
    thumbnailUrl = StringField()
    duration = FloatField()
    caption = StringField()
    musicId = Ref("sounds", policy="nullify")
    visibility = StringField(choices=VISIBILITIES)
    isPrivate = BooleanField()
    allowedUsers = ListField(Ref("users", policy="nullify"))
    createdAt = DateTimeField()


class Highlight(BaseDocument):
    """Stories that somebody keeps on their page, copied, since they end after a day."""

    meta = {"collection": "storyhighlights"}
    INDEXES = (IndexModel([("userId", ASCENDING), ("createdAt", DESCENDING), ("_id", DESCENDING)], name="newest"),)

    userId = Ref("users", policy="delete", required=True)
    title = StringField(required=True)
    coverUrl = StringField()
    items: Any = EmbeddedDocumentListField(Kept)
    updatedAt = DateTimeField(default=clock.now)
