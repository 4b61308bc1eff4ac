"""Putting comments into another state, with the counters of their parent and their post in the same transaction.

A post counts what is shown on it: its approved comments with their approved replies. A reply below a comment that is
not shown counts for that comment only, so that hiding a thread of thousands costs what hiding one comment does.
"""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.comments.models import APPROVED, REMOVED, Comment
from mixillo.blueprints.comments.queries.sight import CommentNotFound
from mixillo.blueprints.content.models import Content
from mixillo.core import clock

Document = dict[str, Any]


def add(comment: Document, session: ClientSession) -> int:
    """Store a new comment and return how many its post has.

    :raises CommentNotFound: what it replies to is not shown any more.
    """
    step = int(comment["status"] == APPROVED)
    if parent_id := comment.get("parentId"):
        there = {"_id": parent_id, "contentId": comment["contentId"], "status": APPROVED}
        counted = {"$inc": {"repliesCount": step}}
        if not Comment.collection().update_one(there, counted, session=session).matched_count:
            raise CommentNotFound
    Comment.collection().insert_one(comment, session=session)
    return of_post(comment["contentId"], step, session)


def move(
    comment_id: ObjectId, status: str, fields: Document, session: ClientSession, *, was: str | None = None
) -> tuple[Document, Document]:
    """Put a comment that is not removed into ``status`` and return it as it was and as it is.

    :raises CommentNotFound: there is none of this id, or its status is not what it ``was`` any more.
    """
    there = {"_id": comment_id, "status": was or {"$ne": REMOVED}}
    change = fields | {"status": status, "isHidden": status != APPROVED, "updatedAt": clock.now()}
    if status != APPROVED:
        change["isPinned"] = False
    before: Document | None = Comment.collection().find_one_and_update(there, {"$set": change}, session=session)
    if before is None:
        raise CommentNotFound
    step = int(status == APPROVED) - int(before.get("status", APPROVED) == APPROVED)
    _count(before, step, session)
    return before, before | change


def of_post(content_id: ObjectId, step: int, session: ClientSession) -> int:
    """Change how many comments a post has, and return it."""
    posts, wanted = Content.collection(), {"commentsCount": 1}
    if not step:
        return int((posts.find_one({"_id": content_id}, wanted, session=session) or {}).get("commentsCount") or 0)
    after = posts.find_one_and_update(
        {"_id": content_id},
        {"$inc": {"commentsCount": step}},
        projection=wanted,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return int(after["commentsCount"]) if after else 0


def _count(comment: Document, step: int, session: ClientSession) -> None:
    if not step:
        return
    parent_id, shown = comment.get("parentId"), 1 + int(comment.get("repliesCount") or 0)
    if parent_id:
        parent = Comment.collection().find_one_and_update(
            {"_id": parent_id}, {"$inc": {"repliesCount": step}}, projection={"status": 1}, session=session
        )
        shown = 1 if parent and parent.get("status", APPROVED) == APPROVED else 0
    of_post(comment["contentId"], step * shown, session)
