"""Lists of posts in the order of time, and single ones.

Each list names its index: left to itself the database prefers to sort in memory where few posts match.
"""

import heapq
from collections.abc import Iterable
from functools import partial
from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.models import DRAFT, LATEST, LISTED, PRIVATE, PUBLISHED, Content, Like, Save
from mixillo.blueprints.content.queries import shapes, sifting, sight
from mixillo.blueprints.content.queries.sifting import Page
from mixillo.blueprints.users.models import Follow
from mixillo.blueprints.users.queries import circles
from mixillo.core.db import hinted
from mixillo.core.kept import kept
from mixillo.core.pagination import Sort, after, paginate
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]
MOST_VIEWED: Sort = [("viewsCount", -1), ("_id", -1)]
MARKED: Sort = [("markedAt", -1), ("markId", -1)]
NEWEST: Sort = [("createdAt", -1), ("_id", -1)]
ORDERS: dict[str, tuple[Sort, str]] = {
    "publishedAt": (LATEST, "listed_latest"),
    "createdAt": (LATEST, "listed_latest"),
    "viewsCount": (MOST_VIEWED, "listed_views"),
}
NARROWED = {"hashtag": ("hashtags", "listed_hashtag"), "soundId": ("soundId", "listed_sound")}
# So many authors at once the database merges in order, without sorting what they have posted.
AUTHORS_AT_ONCE = 100
SECONDS_COUNTED = 30.0
# Nobody reads the last page of everything; counting on would cost more than the list.
MOST_COUNTED = 10_000


class ContentNotFound(NotFound):
    """There is no such post, or none that the viewer may see."""

    code, title = "content_not_found", "There is no such post"


def everybodys(query: Document, viewer: Viewer | None) -> Page:
    """Return a page of what everybody may find, and its ``pagination`` with a ``total`` that may be half a minute old.

    ``type``, ``userId``, ``hashtag`` and ``soundId`` narrow it down.
    """
    sort, hint = ORDERS[query["sortBy"]]
    where: Document = LISTED | {name: query[name] for name in ("type", "postType", "userId") if name in query}
    if "userId" in query:
        hint = "published_author"
    for name, (field, index) in NARROWED.items():
        if name in query:
            where[field], hint = query[name], index
    if hint != "listed_views":
        sort = LATEST
    found, pagination = sifting.page(
        partial(_stored, where, sort, hint), query, named=where | {"list": query["sortBy"]}, sort=sort, viewer=viewer
    )
    if query["total"] and not query.get("cursor"):
        total = kept(("content.total", repr(where)), SECONDS_COUNTED, lambda: _count(where, hint))
        pagination |= {"total": total, "pages": -(-total // query["limit"])}
    return found, pagination | ({} if query.get("cursor") else {"page": query["page"]})


def tagged(hashtag: str, query: Document, viewer: Viewer | None) -> Page:
    """Return a page of the posts with a hashtag, the latest first."""
    where = LISTED | {"hashtags": hashtag}
    return sifting.page(
        partial(_stored, where, LATEST, "listed_hashtag"), query, named=where, sort=LATEST, viewer=viewer
    )


def of_user(user_id: ObjectId, query: Document, viewer: Viewer | None) -> Page:
    """Return a page of what somebody has published, the latest first, as far as ``viewer`` may see it.

    :raises UserNotFound: there is no such person for ``viewer``.
    :raises ProfileIsPrivate: it does not open to ``viewer``.
    """
    circles.check_open(user_id, viewer)
    where = PUBLISHED | {"userId": user_id}
    find = partial(_stored, where, LATEST, "published_author")
    return sifting.page(find, query, named=where, sort=LATEST, viewer=viewer)


def own(viewer: Viewer, query: Document) -> Page:
    """Return a page of one's own posts of every status, the newest first; ``status`` and ``isDeleted`` narrow it."""
    where: Document = {"userId": viewer.id, "isDeleted": query["isDeleted"]}
    where |= {"status": query["status"]} if "status" in query else {}
    return _own(where, NEWEST, query, viewer)


def scheduled(viewer: Viewer, query: Document) -> Page:
    """Return a page of one's own posts that wait for their time, the next first."""
    where: Document = {"userId": viewer.id, "isDeleted": False, "scheduledFor": {"$type": "date"}, "status": DRAFT}
    return _own(where, [("scheduledFor", 1), ("_id", 1)], query, viewer)


def following(viewer: Viewer, query: Document) -> Page:
    """Return a page of what those post whom one follows, the latest first."""
    pairs = Follow.collection().find({"followerId": viewer.id}, {"_id": 0, "followingId": 1})
    authors = [pair["followingId"] for pair in pairs]
    return sifting.page(
        partial(_of_authors, authors), query, named={"following": viewer.id}, sort=LATEST, viewer=viewer
    )


def marked(model: type[Like] | type[Save], viewer: Viewer, query: Document) -> Page:
    """Return a page of what one likes, or has saved, the latest first; ``collection`` narrows what was saved."""
    where = {"userId": viewer.id} | ({"collection": query["collection"]} if "collection" in query else {})
    named = where | {"list": model.collection().name}
    return sifting.page(partial(_marked, model, where), query, named=named, sort=MARKED, viewer=viewer)


def find(content_id: ObjectId, viewer: Viewer | None) -> Document:
    """Return a stored post that ``viewer`` may see.

    :raises ContentNotFound: there is none.
    """
    return find_around(content_id, viewer)[0]


def find_around(content_id: ObjectId, viewer: Viewer | None) -> tuple[Document, sight.Circle]:
    """Return a stored post that ``viewer`` may see, and how they stand to its author; raises as :func:`find`."""
    post = Content.collection().find_one({"_id": content_id}, shapes.FIELDS)
    if post is None or not post.get("userId"):
        raise ContentNotFound
    around = sight.circle([post["userId"]], viewer)
    if not around.sees(post):
        raise ContentNotFound
    return post, around


def show(content_id: ObjectId, viewer: Viewer | None) -> Document:
    """Return a post as its page shows it; raises as :func:`find`."""
    post, around = find_around(content_id, viewer)
    cards = shapes.shown([post], around)
    if not cards:
        raise ContentNotFound
    return cards[0]


def by_ids(content_ids: list[ObjectId]) -> dict[ObjectId, Document]:
    """Return the stored posts of ``content_ids`` that everybody may find, by id."""
    found = Content.collection().find({"_id": {"$in": content_ids}} | LISTED, shapes.FIELDS)
    return {post["_id"]: post for post in found}


def _own(where: Document, sort: Sort, query: Document, viewer: Viewer) -> Page:
    found, pagination = paginate(Content.collection(), where, query, sort=sort, projection=shapes.FIELDS)
    return shapes.cards(found, viewer), pagination


def _stored(
    where: Document, sort: Sort, hint: str, place: list[Any] | None, count: int, skipped: int = 0
) -> list[Document]:
    behind = {"$and": [where, after(sort, place)]} if place else where
    return hinted(
        lambda index: list(
            Content.collection().find(behind, shapes.FIELDS, sort=sort, limit=count, skip=skipped, hint=index)
        ),
        hint,
    )


def _of_authors(authors: list[ObjectId], place: list[Any] | None, count: int, skipped: int) -> list[Document]:
    """Return the latest posts of ``authors``: each group comes in order, so that merging them is all there is to do."""
    groups = [authors[start : start + AUTHORS_AT_ONCE] for start in range(0, len(authors), AUTHORS_AT_ONCE)]
    found: Iterable[Document] = heapq.merge(
        *(
            _stored(
                PUBLISHED | {"userId": {"$in": group}, "visibility": {"$ne": PRIVATE}},
                LATEST,
                "published_author",
                place,
                count + skipped,
            )
            for group in groups
        ),
        key=lambda post: (post["publishedAt"], post["_id"]),
        reverse=True,
    )
    return list(found)[skipped : skipped + count]


def _marked(
    model: type[Like] | type[Save], where: Document, place: list[Any] | None, count: int, skipped: int
) -> list[Document]:
    """Return what was marked, in the order of marking; of what is gone there is only the mark."""
    behind = {"$and": [where, after(NEWEST, place)]} if place else where
    fields = {"contentId": 1, "createdAt": 1}
    marks = list(model.collection().find(behind, fields, sort=NEWEST, limit=count, skip=skipped))
    posts = Content.collection().find({"_id": {"$in": [mark["contentId"] for mark in marks]}}, shapes.FIELDS)
    known = {post["_id"]: post for post in posts}
    return [
        known.get(mark["contentId"], {"_id": mark["contentId"]})
        | {"markedAt": mark["createdAt"], "markId": mark["_id"]}
        for mark in marks
    ]


def _count(where: Document, hint: str) -> int:
    def read(index: str | None) -> int:
        options: Document = {"hint": index} if index else {}
        return Content.collection().count_documents(where, limit=MOST_COUNTED, **options)

    return hinted(read, hint)
