"""Removing what is over: stories that have expired, with who has seen them.

The database's own monitor removes them too, once a minute; nobody sees them in between.
"""

from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.blueprints.stories.models import Story, StoryView
from mixillo.core import clock

Document = dict[str, Any]
AT_ONCE = 1_000
MOST_SWEPT = 10_000


def sweep(now: datetime | None = None) -> Document:
    """Remove stories that have expired, some thousands at most; return ``{deletedStories, deletedViews}``."""
    over = {"expiresAt": {"$lte": now or clock.now()}}
    stories = views = 0
    found = Story.collection().find(over, {"_id": 1}, sort=[("expiresAt", 1)], limit=MOST_SWEPT)
    for story in found:
        views += remove(story["_id"])
        stories += 1
    return {"deletedStories": stories, "deletedViews": views}


def remove(story_id: ObjectId) -> int:
    """Remove an ended story after its rows, and return how many of these there were."""
    rows, removed = StoryView.collection(), 0
    while ids := [row["_id"] for row in rows.find({"storyId": story_id}, {"_id": 1}, limit=AT_ONCE)]:
        removed += rows.delete_many({"_id": {"$in": ids}}).deleted_count
    Story.collection().delete_one({"_id": story_id})
    return removed


def statistics() -> Document:
    """Return how many stories last, how many are over and not removed yet, and how often the former were seen."""
    now = clock.now()
    stories = Story.collection()
    lasting = {"expiresAt": {"$gt": now}}
    seen = list(stories.aggregate([{"$match": lasting}, {"$group": {"_id": None, "views": {"$sum": "$viewsCount"}}}]))
    active, expired = stories.count_documents(lasting), stories.count_documents({"expiresAt": {"$lte": now}})
    return {
        "total": active + expired,
        "active": active,
        "expired": expired,
        "totalViews": int(seen[0]["views"]) if seen else 0,
    }
