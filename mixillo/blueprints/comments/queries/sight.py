"""Which comments somebody sees: those that are shown, under posts and below parents that they see too.

What people say who block the viewer, whom the viewer blocks, or whose account is closed is not there for them.
"""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.comments.models import APPROVED, REMOVED, Comment
from mixillo.blueprints.comments.queries import shapes
from mixillo.blueprints.content.models import Content
from mixillo.blueprints.content.queries import sight as posts
from mixillo.blueprints.content.queries.sight import Circle
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]
POST_FIELDS = dict.fromkeys(["userId", "status", "isDeleted", "visibility", "isPrivate"], 1)


class CommentNotFound(NotFound):
    """There is no such comment, or none that the viewer may see."""

    code, title = "comment_not_found", "There is no such comment"


def find(comment_id: ObjectId, viewer: Viewer | None) -> Document:
    """Return a stored comment that ``viewer`` sees; one's own also while it waits for an administrator.

    :raises CommentNotFound: there is none.
    """
    return _found(comment_id, viewer)[0][0]


def show(comment_id: ObjectId, viewer: Viewer | None) -> Document:
    """Return a comment as its page shows it; raises as :func:`find`."""
    return shapes.cards(*_found(comment_id, viewer))[0]


def cards(comments: list[Document], viewer: Viewer | None) -> list[Document]:
    """Return those of the stored ``comments`` that ``viewer`` sees, as lists show them."""
    seen, around = _seen(comments, viewer)
    return shapes.cards(seen, around)


def _found(comment_id: ObjectId, viewer: Viewer | None) -> tuple[list[Document], Circle]:
    stored = Comment.collection().find_one({"_id": comment_id}, shapes.FIELDS)
    seen, around = _seen([stored] if stored else [], viewer)
    if not seen:
        raise CommentNotFound
    return seen, around


def _seen(comments: list[Document], viewer: Viewer | None) -> tuple[list[Document], Circle]:
    """Return what ``viewer`` sees of ``comments``, and how they stand to all who wrote these or what they are about."""
    below = {comment["contentId"] for comment in comments}
    stored = Content.collection().find({"_id": {"$in": list(below)}}, POST_FIELDS)
    about = {post["_id"]: post for post in stored if post.get("userId")}
    writers = [comment["userId"] for comment in comments]
    around = posts.circle([*writers, *(post["userId"] for post in about.values())], viewer)
    visible = {post["_id"] for post in about.values() if around.sees(post)}
    shown_parents = _approved([comment["parentId"] for comment in comments if comment.get("parentId")])
    seen = [
        comment
        for comment in comments
        if comment["contentId"] in visible
        and comment["userId"] in around.authors
        and _is_there(comment, shown_parents, viewer)
    ]
    return seen, around


def _is_there(comment: Document, shown_parents: set[ObjectId], viewer: Viewer | None) -> bool:
    status = comment.get("status", APPROVED)
    if status == REMOVED:
        return False
    if viewer and (viewer.is_admin or viewer.id == comment["userId"]):
        return True
    parent = comment.get("parentId")
    return status == APPROVED and (parent is None or parent in shown_parents)


def _approved(comment_ids: list[ObjectId]) -> set[ObjectId]:
    if not comment_ids:
        return set()
    return set(Comment.collection().distinct("_id", {"_id": {"$in": comment_ids}, "status": APPROVED}))
