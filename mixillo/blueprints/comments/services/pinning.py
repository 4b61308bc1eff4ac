"""Pinning: one comment on a post, by its author; the index that holds it to one settles who was first."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.comments.models import THREADS, Comment
from mixillo.blueprints.comments.queries import sight
from mixillo.blueprints.comments.queries.sight import CommentNotFound
from mixillo.blueprints.content.models import Content
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Document = dict[str, Any]


class PinnedMeanwhile(Conflict):
    """Another comment was pinned at the same moment."""

    code, title = "pinned_meanwhile", "Another comment was pinned at this moment"


def pin(viewer: Viewer, comment_id: ObjectId) -> Document:
    """Let a comment on one's own post stand above the others, instead of the one that did; return it.

    :raises CommentNotFound: there is no such comment on a post of the viewer's, or it is a reply.
    :raises PinnedMeanwhile: somebody else pins another one right now.
    """
    stored = _own(viewer, comment_id)

    def work(session: ClientSession) -> None:
        pinned = {"contentId": stored["contentId"], "isPinned": True, "_id": {"$ne": comment_id}}
        Comment.collection().update_many(pinned, {"$set": {"isPinned": False}}, session=session)
        there = {"_id": comment_id} | THREADS
        if not Comment.collection().update_one(there, {"$set": {"isPinned": True}}, session=session).matched_count:
            raise CommentNotFound

    try:
        transact(work, turns_of=[stored["contentId"]])
    except DuplicateKeyError:
        raise PinnedMeanwhile from None
    return sight.show(comment_id, viewer)


def unpin(viewer: Viewer, comment_id: ObjectId) -> Document:
    """Let it stand among the others again, and return it; raises as :func:`pin`."""
    _own(viewer, comment_id)
    Comment.collection().update_one({"_id": comment_id}, {"$set": {"isPinned": False}})
    return sight.show(comment_id, viewer)


def _own(viewer: Viewer, comment_id: ObjectId) -> Document:
    stored = sight.find(comment_id, viewer)
    post = {"_id": stored["contentId"]} | ({} if viewer.is_admin else {"userId": viewer.id})
    if stored.get("parentId") or Content.collection().find_one(post, {"_id": 1}) is None:
        raise CommentNotFound
    return stored
