"""The feed for somebody: the latest and the most popular posts by their score, then everything older by its time.

What is ranked is written down with the first page, so that the pages behind it neither repeat nor skip anything while
posts arrive and scores change. The posts to rank are collected every ten seconds; who is not signed in shares one
ranking of them.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.models import LATEST, LISTED, Content, Like, Taste
from mixillo.blueprints.content.queries import browsing, ranking, shapes, sifting, trending
from mixillo.blueprints.content.queries.sifting import Page
from mixillo.blueprints.users.models import Follow
from mixillo.core import clock
from mixillo.core.db import hinted, ops_database
from mixillo.core.kept import kept
from mixillo.core.pagination import Sort, after, decode_cursor, encode_cursor
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Document = dict[str, Any]
COLLECTION = "feeds"
LATEST_RANKED, POPULAR_RANKED = 400, 100
MOST_FOLLOWED, LIKES_LOOKED_AT = 5_000, 100
SECONDS_KEPT = 10.0
# Who comes back later starts anew.
LIFETIME = timedelta(hours=2)
FIELDS = dict.fromkeys(["userId", "publishedAt", "viewsCount", *ranking.ACTIONS], 1)
PLACE: Sort = [("feed", 1), ("position", 1)]


class FeedEnded(Conflict):
    """The feed that the cursor continues was read too long ago."""

    code, title = "feed_ended", "The feed has moved on; start again without a cursor"


def for_you(viewer: Viewer | None, query: Document) -> Page:
    """Return a page of the feed of ``viewer``, and its ``pagination``.

    :raises ValidationFailed: the cursor was made for another feed or was tampered with.
    :raises FeedEnded: the first page was read hours ago.
    """
    named = {"feed": viewer.id if viewer else None}
    if query.get("cursor"):
        feed_id, position = decode_cursor(query["cursor"], named, PLACE)
        feed = ops_database()[COLLECTION].find_one({"_id": feed_id})
        if feed is None:
            raise FeedEnded
    else:
        feed, position = _ranked(viewer), 0
    found: list[Document] = []
    limit, ids = query["limit"], feed["contents"]
    while isinstance(position, int) and position < len(ids) and len(found) < limit:
        some = ids[position : position + limit - len(found)]
        known = browsing.by_ids(some)
        found += shapes.cards([known[each] for each in some if each in known], viewer)
        position += len(some)
    if isinstance(position, int) and position < len(ids):
        return found, _pagination(limit, feed["_id"], position, named)
    older, place = _older(feed, None if isinstance(position, int) else position, limit - len(found), viewer)
    return found + older, _pagination(limit, feed["_id"], place, named)


def _pagination(limit: int, feed_id: ObjectId, position: Any, named: Document) -> Document:
    cursor = None if position is None else encode_cursor({"feed": feed_id, "position": position}, named, PLACE)
    return {"limit": limit, "hasMore": cursor is not None, "nextCursor": cursor}


def _older(feed: Document, place: list[Any] | None, limit: int, viewer: Viewer | None) -> tuple[list[Document], Any]:
    """Return up to ``limit`` posts behind what was ranked, and the place behind them, if any follow."""
    place = place or feed["until"]
    if place is None:
        return [], None
    popular = set(feed["contents"])
    found: list[Document] = []
    for _ in range(sifting.MOST_ROUNDS):
        asked = limit - len(found) + 1
        where = {"$and": [LISTED, after(LATEST, place)]}
        posts = _latest(where, shapes.FIELDS, asked)
        has_more = len(posts) == asked
        looked_at = posts[:-1] if has_more else posts
        if looked_at:
            place = [looked_at[-1].get(field) for field, _ in LATEST]
            found += shapes.cards([post for post in looked_at if post["_id"] not in popular], viewer)
        if len(found) >= limit or not has_more:
            return found, place if has_more else None
    return found, place


def _ranked(viewer: Viewer | None) -> Document:
    """Rank what there is for ``viewer``, write it down and return it."""
    if viewer is None:
        return kept("content.feed", SECONDS_KEPT, lambda: _stored(ranking.Taste(), None))
    return _stored(taste_of(viewer), viewer.id)


def _stored(taste: ranking.Taste, user_id: ObjectId | None) -> Document:
    now = clock.now()
    pool, until = kept("content.pool", SECONDS_KEPT, _pool)
    feed = {
        "_id": ObjectId(),
        "userId": user_id,
        "contents": ranking.ranked(pool, taste, now),
        "until": until,
        "expiresAt": now + LIFETIME,
    }
    ops_database()[COLLECTION].insert_one(feed)
    return feed


def _pool() -> tuple[list[Document], list[Any] | None]:
    """Return the posts that are ranked, and the place of the oldest of the latest ones."""
    latest = _latest(LISTED, FIELDS, LATEST_RANKED)
    known = {post["_id"] for post in latest}
    ids = [each for period in trending.PERIODS for each in trending.ids(period)[:POPULAR_RANKED]]
    wanted = [each for each in dict.fromkeys(ids) if each not in known]
    popular = list(Content.collection().find({"_id": {"$in": wanted}} | LISTED, FIELDS)) if wanted else []
    until = [latest[-1].get(field) for field, _ in LATEST] if len(latest) == LATEST_RANKED else None
    return [post for post in (*latest, *popular) if _can_be_ranked(post)], until


def _can_be_ranked(post: Document) -> bool:
    return isinstance(post.get("userId"), ObjectId) and isinstance(post.get("publishedAt"), datetime)


def _latest(where: Document, fields: Document, limit: int) -> list[Document]:
    return hinted(
        lambda hint: list(Content.collection().find(where, fields, sort=LATEST, limit=limit, hint=hint)),
        "listed_latest",
    )


def taste_of(viewer: Viewer) -> ranking.Taste:
    """Return what is known of ``viewer``: whom they follow, whose posts they liked lately, what they were shown."""
    pairs = Follow.collection().find({"followerId": viewer.id}, {"_id": 0, "followingId": 1}, limit=MOST_FOLLOWED)
    newest = [("createdAt", -1), ("_id", -1)]
    likes = Like.collection().find({"userId": viewer.id}, {"_id": 0, "contentId": 1, "createdAt": 1}, sort=newest)
    liked = [like["contentId"] for like in likes.limit(LIKES_LOOKED_AT)]
    known = Taste.collection().find_one({"userId": viewer.id}, {"interactions": 1}) or {}
    done = known.get("interactions") or {}
    disliked = done.get("notInterested") or []
    creators = {
        post["_id"]: post.get("userId")
        for post in Content.collection().find({"_id": {"$in": [*liked, *disliked]}}, {"userId": 1})
    }
    return ranking.Taste(
        user_id=viewer.id,
        followed=frozenset(pair["followingId"] for pair in pairs),
        likes=dict(Counter(creators[each] for each in liked if each in creators)),
        seen=frozenset(done.get("watched") or []),
        disliked=frozenset(disliked),
        disliked_creators=frozenset(creators[each] for each in disliked if each in creators),
    )
