"""What comes first in somebody's feed: a score that anybody can reckon with a pencil.

::

    score = (0.45 × recency + 0.35 × engagement + 0.20 × affinity) × seen × variety

``recency`` halves every day. ``engagement`` is what people did with a post (a like 1, a comment 2, a save 2, a share 3)
for each view of it, 20 views beside, so that the first like does not win; 1 at most. ``affinity`` is 1 for those whom
one follows, otherwise 0.8 × the likes given to the creator lately ÷ 5, 0.8 at most. ``seen`` is 0.1 for what was shown
before, otherwise 1. ``variety`` is 0.6 to the power of how many of the same creator's posts stand before it. What one
is not interested in, and what is one's own, is left out; another post of the creator of such a one counts 0.3.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import ObjectId

Document = dict[str, Any]
RECENCY, ENGAGEMENT, AFFINITY = 0.45, 0.35, 0.20
HALF_LIFE_HOURS = 24.0
ACTIONS = {"likesCount": 1, "commentsCount": 2, "savesCount": 2, "sharesCount": 3}
VIEWS_BESIDE = 20
LIKED, LIKES_TO_BE_CLOSE = 0.8, 5
SEEN, SAME_CREATOR, DISLIKED_CREATOR = 0.1, 0.6, 0.3


@dataclass(frozen=True)
class Taste:
    """What is known of somebody; nothing, of who is not signed in."""

    user_id: ObjectId | None = None
    followed: frozenset[ObjectId] = frozenset()
    likes: dict[ObjectId, int] = field(default_factory=dict)
    seen: frozenset[ObjectId] = frozenset()
    disliked: frozenset[ObjectId] = frozenset()
    disliked_creators: frozenset[ObjectId] = frozenset()


def ranked(posts: Iterable[Document], taste: Taste, now: datetime) -> list[ObjectId]:
    """Return the ids of stored ``posts`` in the order of their scores; the later post first where they are equal."""
    by_creator: dict[ObjectId, list[tuple[float, Document]]] = defaultdict(list)
    for post in posts:
        if post["_id"] not in taste.disliked and post["userId"] != taste.user_id:
            by_creator[post["userId"]].append((score(post, taste, now), post))
    found: list[tuple[float, datetime, ObjectId]] = []
    for scored in by_creator.values():
        scored.sort(key=lambda pair: (pair[0], pair[1]["publishedAt"], pair[1]["_id"]), reverse=True)
        found += [
            (value * SAME_CREATOR**before, post["publishedAt"], post["_id"])
            for before, (value, post) in enumerate(scored)
        ]
    return [content_id for _, _, content_id in sorted(found, reverse=True)]


def score(post: Document, taste: Taste, now: datetime) -> float:
    """Return the score of a stored ``post`` for somebody, its variety aside; 0 to 1."""
    value = RECENCY * recency(post["publishedAt"], now) + ENGAGEMENT * engagement(post)
    value += AFFINITY * affinity(post["userId"], taste)
    if post["_id"] in taste.seen:
        value *= SEEN
    return value * DISLIKED_CREATOR if post["userId"] in taste.disliked_creators else value


def recency(published_at: datetime, now: datetime) -> float:
    """Return 1 for now, a half for a day ago."""
    hours = max((now - published_at).total_seconds(), 0) / 3_600
    return math.pow(0.5, hours / HALF_LIFE_HOURS)


def engagement(post: Document) -> float:
    """Return what was done with a stored ``post`` for each view, 0 to 1."""
    done = sum(weight * _whole(post.get(counter)) for counter, weight in ACTIONS.items())
    return min(done / (_whole(post.get("viewsCount")) + VIEWS_BESIDE), 1.0)


def affinity(creator_id: ObjectId, taste: Taste) -> float:
    """Return how close somebody is to a creator, 0 to 1."""
    if creator_id in taste.followed:
        return 1.0
    return LIKED * min(taste.likes.get(creator_id, 0) / LIKES_TO_BE_CLOSE, 1.0)


def _whole(value: Any) -> float:
    """Return a counter; 0 where a broken document has something else, or nothing."""
    return max(value, 0) if isinstance(value, int | float) else 0
