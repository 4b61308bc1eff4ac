"""Lists of comments: below a post, below a comment, of a person. Each names its index."""

from functools import partial
from typing import Any

from bson import ObjectId

from mixillo.blueprints.comments.models import APPROVED, NEWEST, OLDEST, THREADS, Comment
from mixillo.blueprints.comments.queries import shapes, sight
from mixillo.blueprints.content.queries import browsing, sifting
from mixillo.blueprints.content.queries.sifting import Page
from mixillo.blueprints.users.queries import circles
from mixillo.core.db import hinted
from mixillo.core.pagination import Sort, after
from mixillo.core.security import Viewer

Document = dict[str, Any]
# The pinned one comes first in each.
PINNED: Sort = [("isPinned", -1)]
ORDERS: dict[str, tuple[Sort, str]] = {
    "newest": (PINNED + NEWEST, "threads_newest"),
    "oldest": (PINNED + OLDEST, "threads_oldest"),
    "top": ([*PINNED, ("likesCount", -1), ("_id", -1)], "threads_top"),
}


def of_post(content_id: ObjectId, query: Document, viewer: Viewer | None) -> Page:
    """Return a page of the comments on a post, without their replies, the pinned one first.

    The ``total`` counts up to 10,000, those of people too who are not there for ``viewer``.

    :raises ContentNotFound: there is no such post for ``viewer``.
    """
    browsing.find(content_id, viewer)
    sort, index = ORDERS[query["sortBy"]]
    where = THREADS | {"contentId": content_id}
    found, pagination = _page(where, sort, index, query, viewer)
    if query["total"] and not query.get("cursor"):
        total = hinted(partial(_count, where), index)
        pagination |= {"total": total, "pages": -(-total // query["limit"])}
    return found, pagination


def replies(comment_id: ObjectId, query: Document, viewer: Viewer | None) -> Page:
    """Return a page of the replies to a comment, the oldest first.

    :raises CommentNotFound: there is no such comment for ``viewer``.
    """
    sight.find(comment_id, viewer)
    return _page({"parentId": comment_id, "status": APPROVED}, OLDEST, "replies", query, viewer)


def latest(query: Document, viewer: Viewer | None) -> Page:
    """Return a page of all comments and replies that ``viewer`` sees, the newest first; ``userId`` narrows it down.

    One's own are there also while they wait for an administrator.

    :raises UserNotFound: there is no such person for ``viewer``.
    :raises ProfileIsPrivate: it does not open to ``viewer``.
    """
    if "userId" not in query:
        return _page({"status": APPROVED}, NEWEST, "status_newest", query, viewer)
    user_id = query["userId"]
    circles.check_open(user_id, viewer)
    return _page({"userId": user_id}, NEWEST, "author_newest", query, viewer)


def _page(where: Document, sort: Sort, index: str, query: Document, viewer: Viewer | None) -> Page:
    find = partial(_stored, where, sort, index)
    found, pagination = sifting.page(find, query, named=where, sort=sort, viewer=viewer, show=sight.cards)
    return found, pagination | ({} if query.get("cursor") else {"page": query["page"]})


def _stored(
    where: Document, sort: Sort, index: str, place: list[Any] | None, count: int, skipped: int
) -> list[Document]:
    behind = {"$and": [where, after(sort, place)]} if place else where
    return hinted(
        lambda hint: list(
            Comment.collection().find(behind, shapes.FIELDS, sort=sort, limit=count, skip=skipped, hint=hint)
        ),
        index,
    )


def _count(where: Document, index: str | None) -> int:
    options: Document = {"hint": index} if index else {}
    return Comment.collection().count_documents(where, limit=browsing.MOST_COUNTED, **options)
