"""What administrators decide about comments: approve, block, remove; each with its entry in the audit log."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.comments.models import APPROVED, BLOCKED, REMOVED, Comment
from mixillo.blueprints.comments.queries import sight
from mixillo.blueprints.comments.queries.sight import CommentNotFound
from mixillo.blueprints.comments.services import counting, writing
from mixillo.blueprints.content.models import Content
from mixillo.core import clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer

Document = dict[str, Any]
# What a bulk action calls them.
ACTIONS = {"approve": APPROVED, "block": BLOCKED, "delete": REMOVED}


def judge(admin: Viewer, comment_id: ObjectId, status: str) -> Document:
    """Approve, block or remove a comment and return it.

    :raises CommentNotFound: there is none of this id, or it was removed.
    """
    stored = Comment.collection().find_one({"_id": comment_id}, {"contentId": 1})
    if stored is None:
        raise CommentNotFound
    before, after = transact(lambda session: put(admin, comment_id, status, session), turns_of=[stored["contentId"]])
    told_of(before, after)
    return after if status == REMOVED else sight.show(comment_id, admin)


def judge_all(admin: Viewer, comment_ids: list[ObjectId], status: str) -> tuple[list[ObjectId], list[ObjectId]]:
    """Put each of ``comment_ids`` into ``status``; return which were there to be, and which were not."""
    done, missing = [], []
    for comment_id in dict.fromkeys(comment_ids):
        try:
            judge(admin, comment_id, status)
        except CommentNotFound:
            missing.append(comment_id)
        else:
            done.append(comment_id)
    return done, missing


def put(admin: Viewer, comment_id: ObjectId, status: str, session: ClientSession) -> tuple[Document, Document]:
    """Within a transaction, put a comment into ``status``; return it as it was and as it is.

    :raises CommentNotFound: there is none of this id, or it was removed.
    """
    now = clock.now()
    fields: Document = {"reviewedBy": admin.id, "reviewedAt": now, "isReported": False}
    fields |= {"deletedAt": now} if status == REMOVED else {}
    before, after = counting.move(comment_id, status, fields, session)
    if status == APPROVED and not before.get("publishedAt"):
        Comment.collection().update_one({"_id": comment_id}, {"$set": {"publishedAt": now}}, session=session)
        after["publishedAt"] = now
    changes = ({"status": before.get("status")}, {"status": status})
    writing.record(f"comment.{status}", admin, before, *changes, session)
    return before, after


def told_of(before: Document, after: Document) -> None:
    """After the commit, tell of a comment that others can see for the first time."""
    if after["status"] == APPROVED and not before.get("publishedAt"):
        post = Content.collection().find_one({"_id": after["contentId"]})
        if post:
            writing.tell(after, post, int(post.get("commentsCount") or 0))
