"""Comments and their likes, with the stored field names of the existing collections."""

from typing import Any

from mongoengine import BooleanField, DateTimeField, DictField, IntField, ListField, StringField
from pymongo import ASCENDING, DESCENDING, IndexModel

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

APPROVED, PENDING, BLOCKED, REMOVED = STATUSES = ("approved", "pending", "blocked", "removed")
NEWEST = [("createdAt", -1), ("_id", -1)]
OLDEST = [("createdAt", 1), ("_id", 1)]
# What stands below a post itself, with its replies below it.
THREADS: dict[str, Any] = {"status": APPROVED, "parentId": None}


class Comment(BaseDocument):
    """What somebody said about a post, or in answer to that.

    ``parentId`` is the comment on top of the thread, ``replyToId`` the one that was answered. Shown is who is
    ``approved`` under a parent that is: ``pending`` waits for an administrator, ``blocked`` was taken away by one,
    ``removed`` by whoever may. ``isHidden`` says the same for programs that know no ``status``. A post's
    ``commentsCount`` counts what is shown; ``repliesCount`` counts approved replies, whether their parent is shown or
    not.
    """

    meta = {"collection": "comments"}

    contentId = Ref("contents", policy="delete", required=True)
    userId = Ref("users", policy="reassign", required=True)
    text = StringField(required=True)
    parentId = Ref("comments", policy="delete")
    replyToId = Ref("comments", policy="nullify")
    mentions = ListField(Ref("users", policy="nullify"))
    likesCount = IntField(default=0)
    repliesCount = IntField(default=0)
    status = StringField(default=APPROVED, choices=STATUSES)
    isHidden = BooleanField(default=False)
    isReported = BooleanField(default=False)
    reportCount = IntField(default=0)
    isPinned = BooleanField(default=False)
    isEdited = BooleanField(default=False)
    editedAt = DateTimeField()
    deletedAt = DateTimeField()
    # Set when others were first able to see it; who is told of it is told then.
    publishedAt = DateTimeField()
    reviewedBy = Ref("users", policy="nullify")
    reviewedAt = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)


class CommentLike(BaseDocument):
    """Somebody likes a comment; once."""

    meta = {"collection": "commentlikes"}
    INDEXES = (
        IndexModel([("userId", ASCENDING), ("commentId", ASCENDING)], unique=True),
        IndexModel([("commentId", ASCENDING), ("createdAt", DESCENDING)]),
    )

    userId = Ref("users", policy="delete", required=True)
    commentId = Ref("comments", policy="delete", required=True)


class Setting(BaseDocument):
    """Something that administrators set; the words that comments may not hold are one."""

    meta = {"collection": "settings"}

    key = StringField(required=True)
    value = DictField()
    type = StringField(default="object")
    category = StringField(default="general")
    description = StringField()
    isPublic = BooleanField(default=False)
    updatedBy = Ref("users", policy="nullify")
    updatedAt = DateTimeField(default=clock.now)
