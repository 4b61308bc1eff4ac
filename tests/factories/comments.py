"""Comments."""

from datetime import timedelta
from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.comments.models import APPROVED, Comment
from mixillo.core import clock

_numbers = count(1)
Document = dict[str, Any]


def make_comment(
    db: Database, author: Document, post: Document, parent: Document | None = None, **fields: Any
) -> Document:
    """Store a comment of ``author``, counted, and return the document; ``fields`` are stored as given.

    Each is some milliseconds later than the one before, so that the latest is the last.
    """
    number = next(_numbers)
    at = fields.pop("createdAt", clock.now() - timedelta(hours=1) + timedelta(milliseconds=number))
    made = Comment(id=ObjectId(), userId=author["_id"], contentId=post["_id"], text=f"Comment {number}")
    document = made.to_mongo().to_dict() | {"parentId": parent and parent["_id"], "createdAt": at, "updatedAt": at}
    document |= {"publishedAt": at} | fields
    document["isHidden"] = document["status"] != APPROVED
    db["comments"].insert_one(document)
    if document["status"] == APPROVED:
        db["contents"].update_one({"_id": post["_id"]}, {"$inc": {"commentsCount": 1}})
        if parent:
            db["comments"].update_one({"_id": parent["_id"]}, {"$inc": {"repliesCount": 1}})
    return document


def counters_equal_rows(db: Database) -> None:
    """Assert that posts and comments count what is there, reckoned from the rows alone."""
    comments = {comment["_id"]: comment for comment in db["comments"].find()}
    approved = {each for each, comment in comments.items() if comment["status"] == APPROVED}
    replies = dict.fromkeys(comments, 0)
    shown: dict[ObjectId, int] = {}
    for each in approved:
        parent = comments[each].get("parentId")
        if parent:
            replies[parent] += 1
        if parent is None or parent in approved:
            shown[comments[each]["contentId"]] = shown.get(comments[each]["contentId"], 0) + 1
    assert {each: comment["repliesCount"] for each, comment in comments.items()} == replies
    counted = {post["_id"]: post["commentsCount"] for post in db["contents"].find({"commentsCount": {"$ne": 0}})}
    assert counted == shown
    likes = {each["_id"]: each["n"] for each in db["commentlikes"].aggregate([LIKES])}
    assert {each: comment["likesCount"] for each, comment in comments.items() if comment["likesCount"]} == likes


LIKES: Document = {"$group": {"_id": "$commentId", "n": {"$sum": 1}}}
