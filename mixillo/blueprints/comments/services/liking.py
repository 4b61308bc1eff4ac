"""Liking comments: the row and the counter change together or not at all."""

from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.comments.models import APPROVED, Comment, CommentLike
from mixillo.blueprints.comments.queries import sight
from mixillo.blueprints.comments.queries.sight import CommentNotFound
from mixillo.core.db import transact
from mixillo.core.security import Viewer

# Sent after the commit, with the stored ``comment`` and the ``user_id`` who likes it; notifications listen.
liked = Signal()


def like(viewer: Viewer, comment_id: ObjectId, wanted: bool | None = None) -> dict[str, Any]:
    """Like a comment, or stop it; without ``wanted`` the other of both. Return ``{isLiked, likesCount}``.

    :raises CommentNotFound: there is no such comment for ``viewer``.
    """
    comment = sight.find(comment_id, viewer)
    pair = {"userId": viewer.id, "commentId": comment_id}
    row = CommentLike(id=ObjectId(), **pair).to_mongo().to_dict()
    CommentLike.ensure_collection()

    def work(session: ClientSession) -> tuple[bool, int, bool]:
        rows = CommentLike.collection()
        there = rows.find_one(pair, {"_id": 1}, session=session) is not None
        want = not there if wanted is None else wanted
        if want == there:
            return there, _count(comment_id, 0, session), False
        if want:
            rows.insert_one(row, session=session)
        else:
            rows.delete_one(pair, session=session)
        return want, _count(comment_id, 1 if want else -1, session), True

    is_liked, count, is_new = transact(work, turns_of=[comment_id])
    if is_new and is_liked and comment.get("status") == APPROVED:
        liked.send(comment=comment, user_id=viewer.id)
    return {"isLiked": is_liked, "likesCount": count}


def _count(comment_id: ObjectId, step: int, session: ClientSession) -> int:
    """Change the counter of a comment and return it.

    :raises CommentNotFound: it is gone.
    """
    after = Comment.collection().find_one_and_update(
        {"_id": comment_id},
        {"$inc": {"likesCount": step}},
        projection={"likesCount": 1},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if after is None:
        raise CommentNotFound
    return int(after["likesCount"])
