"""What the probe's people have said, and how it goes with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.comments.models import APPROVED, Comment, CommentLike, Setting
from mixillo.blueprints.comments.services import words
from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's users from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove what they said and like below people's posts, counted no more, and take back what words they set."""
    theirs = {"userId": {"$in": user_ids}}
    comments, likes = database[Comment.collection().name], database[CommentLike.collection().name]
    for like in likes.find(theirs):
        comments.update_one({"_id": like["commentId"]}, {"$inc": {"likesCount": -1}})
    likes.delete_many(theirs)
    said = list(comments.find(theirs, {"contentId": 1, "parentId": 1, "status": 1}))
    for comment in said:
        if comment.get("status") == APPROVED:
            database["contents"].update_one({"_id": comment["contentId"]}, {"$inc": {"commentsCount": -1}})
            comments.update_one({"_id": comment.get("parentId")}, {"$inc": {"repliesCount": -1}})
    accounts.remove_referring(database, comments.name, [comment["_id"] for comment in said])
    comments.delete_many(theirs)
    judged = ops["auditlog"].distinct("targetId", {"actor.id": {"$in": user_ids}, "target": comments.name})
    comments.update_many({"_id": {"$in": judged}, "reviewedBy": {"$in": user_ids}}, {"$set": {"reviewedBy": None}})
    _take_back_words(user_ids, database, ops)


def _take_back_words(user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    settings = database[Setting.collection().name]
    if settings.find_one({"key": words.KEY, "updatedBy": {"$in": user_ids}}, {"_id": 1}) is None:
        return
    mine = {"actor.id": {"$in": user_ids}, "action": words.CHANGED}
    entry = ops["auditlog"].find_one(mine, sort=[("createdAt", 1)])
    before = entry["changes"]["before"] if entry else {}
    if any(before.values()):
        settings.update_one({"key": words.KEY}, {"$set": {"value": before, "updatedBy": None}})
    else:
        settings.delete_one({"key": words.KEY})
