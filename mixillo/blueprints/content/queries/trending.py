"""What is popular: reckoned on a schedule, so that asking for it reads one document and the posts of the page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.models import LISTED, Content
from mixillo.blueprints.content.queries import browsing, shapes
from mixillo.core.db import database, hinted, ops_database
from mixillo.core.kept import kept
from mixillo.core.security import Viewer

Document = dict[str, Any]
COLLECTION = "trending"
MOST = 500
# What the existing system weighs them with; a document in ``trendingconfigs`` changes it.
WEIGHTS = {"views": 1.0, "likes": 2.0, "comments": 1.5, "shares": 3.0}
COUNTERS = {
    "views": "viewsCount", "likes": "likesCount", "comments": "commentsCount", "shares": "sharesCount",
}  # fmt: skip
SECONDS_KEPT = 5.0


@dataclass(frozen=True)
class Period:
    """Posts of the last ``length`` compete, at half their points after ``half_life``; reckoned ``every`` so often."""

    length: timedelta
    half_life: timedelta
    every: timedelta


PERIODS = {
    "24h": Period(timedelta(hours=24), timedelta(hours=12), timedelta(minutes=5)),
    "7d": Period(timedelta(days=7), timedelta(days=2), timedelta(minutes=30)),
    "30d": Period(timedelta(days=30), timedelta(days=8), timedelta(hours=2)),
}


def popular(period: str, limit: int, viewer: Viewer | None) -> tuple[list[Document], datetime | None]:
    """Return what is popular in ``period`` as ``viewer`` sees it, and when that was reckoned."""
    reckoned = _reckoned(period)
    found: list[Document] = []
    for start in range(0, len(reckoned.get("contents") or []), limit):
        some = reckoned["contents"][start : start + limit]
        known = browsing.by_ids(some)
        found += shapes.cards([known[each] for each in some if each in known], viewer)
        if len(found) >= limit:
            break
    return found[:limit], reckoned.get("computedAt")


def ids(period: str) -> list[ObjectId]:
    """Return the ids of what is popular in ``period``, the most popular first."""
    return list(_reckoned(period).get("contents") or [])


def _reckoned(period: str) -> Document:
    """Return ``{contents, computedAt}``, empty before it was reckoned for the first time."""
    return kept(("content.trending", period), SECONDS_KEPT, lambda: ops_database()[COLLECTION].find_one(period) or {})


def reckon(period: str, now: datetime) -> list[ObjectId]:
    """Return the ids of the most popular posts of ``period``, as many as have any points, at most ``MOST``."""
    found = PERIODS[period]
    points = [{"$multiply": [_whole(COUNTERS[name]), weight]} for name, weight in _weights().items()]
    half_lives = {"$divide": [{"$subtract": [now, "$publishedAt"]}, found.half_life.total_seconds() * 1_000]}
    pipeline: list[Document] = [
        {"$match": LISTED | {"publishedAt": {"$gte": now - found.length, "$lte": now}}},
        {"$project": {"score": {"$multiply": [{"$add": points}, {"$pow": [0.5, half_lives]}]}}},
        {"$match": {"score": {"$gt": 0}}},
        {"$sort": {"score": -1, "_id": -1}},
        {"$limit": MOST},
    ]

    def read(hint: str | None) -> list[ObjectId]:
        options: Document = {"hint": hint} if hint else {}
        return [each["_id"] for each in Content.collection().aggregate(pipeline, **options)]

    return hinted(read, "listed_latest")


def _weights() -> dict[str, float]:
    config = database()["trendingconfigs"].find_one({"category": "overall", "isActive": True}) or {}
    given = config.get("weights") or {}
    return {name: float(given.get(name, default)) for name, default in WEIGHTS.items()}


def _whole(counter: str) -> Document:
    """Return the expression of a counter; 0 where a broken document has something else, or nothing."""
    return {"$cond": [{"$isNumber": f"${counter}"}, {"$max": [f"${counter}", 0]}, 0]}
