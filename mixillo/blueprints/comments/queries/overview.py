"""All comments, for administrators."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.comments.models import NEWEST, REMOVED, STATUSES, Comment
from mixillo.blueprints.comments.queries import shapes
from mixillo.blueprints.content.models import Content
from mixillo.blueprints.content.queries import sight
from mixillo.core.pagination import Sort, paginate
from mixillo.core.security import Viewer

Document = dict[str, Any]
ALL, REPORTED = "all", "reported"
BY_ID: Sort = [("_id", -1)]
# Somebody who looks for a word that is everywhere finds the first so many.
MOST_FOUND = 1_000


def everything(query: Document, admin: Viewer) -> tuple[list[Document], Document]:
    """Return a page of comments, the newest first, and its ``pagination``.

    ``status`` is one of theirs, ``reported`` or ``all`` but the removed ones; ``search`` finds words;
    ``contentId`` and ``userId`` narrow it down.
    """
    where: Document = {name: query[name] for name in ("contentId", "userId") if name in query}
    status = query["status"]
    if status == REPORTED:
        where |= {"isReported": True, "status": {"$ne": REMOVED}}
    else:
        where["status"] = {"$ne": REMOVED} if status == ALL else status
    sort, among = NEWEST, None
    if "search" in query:
        words = {"$text": {"$search": f'"{query["search"].replace(chr(34), " ")}"'}}
        found = Comment.collection().find(words, {"_id": 1}, limit=MOST_FOUND)
        # Ids ascend with time, and are an index of what was found.
        among, sort = {"_id": {"$in": [comment["_id"] for comment in found]}}, BY_ID
    comments, pagination = paginate(
        Comment.collection(), where, query, sort=sort, projection=shapes.FIELDS, also=among, hint=_index(query)
    )
    return _with_posts(comments, admin), pagination


def statistics() -> dict[str, int]:
    """Return how many comments there are: ``total`` that are not removed, by status, and ``reported`` ones."""
    comments = Comment.collection()
    counted = {status: comments.count_documents({"status": status}) for status in STATUSES}
    counted["reported"] = comments.count_documents({"isReported": True, "status": {"$ne": REMOVED}})
    return counted | {"total": sum(counted[status] for status in STATUSES if status != REMOVED)}


def _index(query: Document) -> str | None:
    if "search" in query:
        return None
    if "contentId" in query:
        return "content_newest"
    if "userId" in query:
        return "author_newest"
    if query["status"] == REPORTED:
        return "reported_newest"
    return "newest" if query["status"] == ALL else "status_newest"


def _with_posts(comments: list[Document], admin: Viewer) -> list[Document]:
    """Return ``comments`` as administrators see them, each with what it is about beside it."""
    around = sight.circle([comment["userId"] for comment in comments], admin)
    wanted = {"_id": {"$in": list({comment["contentId"] for comment in comments})}}
    fields = {"caption": 1, "type": 1, "thumbnailUrl": 1, "userId": 1}
    about: dict[ObjectId, Document] = {post["_id"]: _named(post) for post in Content.collection().find(wanted, fields)}
    return [card | {"content": about.get(card["contentId"])} for card in shapes.cards(comments, around)]


def _named(post: Document) -> Document:
    return {name: post.get(name) for name in ("_id", "userId", "type", "caption", "thumbnailUrl")}
