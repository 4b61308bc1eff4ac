"""What people posted, liked, said and followed, and who saw it, by the rows that this left."""

from typing import Any

from pymongo.collection import Collection

from mixillo.blueprints.analytics.queries.days.day import Day, PersonsFigures
from mixillo.blueprints.content.models import LISTED, Content, Like, Share, View
from mixillo.blueprints.users.models import Follow
from mixillo.core.db import database

Document = dict[str, Any]


def _comments() -> Collection:
    return database()["comments"]


def _marks() -> dict[str, tuple[Collection, str]]:
    """Return what is done with posts: a row each, with ``contentId``, and the field of its time."""
    return {
        "views": (View.collection(), "viewedAt"),
        "likes": (Like.collection(), "createdAt"),
        "comments": (_comments(), "createdAt"),
        "shares": (Share.collection(), "sharedAt"),
    }


def given(day: Day) -> PersonsFigures:
    """Yield what each person posted, said, liked and followed."""
    sources = (
        ("posts", Content.collection(), {"publishedAt": day.bounds} | LISTED, "userId"),
        ("comments", _comments(), {"createdAt": day.bounds}, "userId"),
        ("likes", Like.collection(), {"createdAt": day.bounds}, "userId"),
        ("following", Follow.collection(), {"createdAt": day.bounds}, "followerId"),
        ("followers", Follow.collection(), {"createdAt": day.bounds}, "followingId"),
    )
    for name, collection, where, who in sources:
        for row in collection.aggregate([{"$match": where}, {"$group": {"_id": f"${who}", "count": {"$sum": 1}}}]):
            if row["_id"] is not None:
                yield row["_id"], {f"social.{name}": row["count"]}


def received(day: Day) -> PersonsFigures:
    """Yield how often each person's posts were seen, liked, answered and passed on."""
    for name, (collection, field) in _marks().items():
        stages: list[Document] = [
            {"$match": {field: day.bounds}},
            {"$group": {"_id": "$contentId", "count": {"$sum": 1}}},
            {"$lookup": {
                "from": Content.collection().name, "localField": "_id", "foreignField": "_id", "as": "content",
                "pipeline": [{"$project": {"userId": 1}}],
            }},
            {"$group": {"_id": {"$first": "$content.userId"}, "count": {"$sum": "$count"}}},
        ]  # fmt: skip
        for row in collection.aggregate(stages, allowDiskUse=True):
            if row["_id"] is not None:
                yield row["_id"], {f"received.{name}": row["count"]}


def content(day: Day) -> Document:
    """Return ``{new, views, likes, comments, shares}``."""
    counted = {name: rows.count_documents({field: day.bounds}) for name, (rows, field) in _marks().items()}
    return {"new": Content.collection().count_documents({"publishedAt": day.bounds} | LISTED)} | counted
