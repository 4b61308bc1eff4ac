"""Counting views of posts: once per person, post and day, some seconds later; see :mod:`mixillo.core.looks`.

Each view is a row; rows and counters change together. Rows are forgotten after 90 days, counters stay.
"""

from collections import Counter
from typing import Any

from bson import ObjectId
from flask import Flask, current_app
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from mixillo.blueprints.content import events
from mixillo.blueprints.content.models import Content, View
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.looks import Look, Looks
from mixillo.core.security import Viewer
from mixillo.ops import metrics
from mixillo.ops.probes.accounts import is_probe

EXTENSION, COLLECTION = "content_views", "contentviews"
# In one transaction; a flush of a busy instance takes some.
AT_ONCE = 500


def init_app(app: Flask) -> None:
    """Count what was seen after each flush of the metrics of ``app``."""
    looks = app.extensions[EXTENSION] = Looks(COLLECTION, _count)
    metrics.flusher_of(app).afterwards.append(looks.count_or_lose)


def looks_of(app: Flask) -> Looks:
    """Return what was seen in ``app``."""
    looks: Looks = app.extensions[EXTENSION]
    return looks


def note(content: dict[str, Any], viewer: Viewer | None, details: dict[str, Any] | None = None) -> None:
    """Remember that whoever makes this request sees a stored post; its author's own looks do not count.

    ``details`` may hold ``watchTime`` (seconds), ``completionRate`` (0 to 1) and ``device``.
    """
    if viewer is None or (viewer.id != content["userId"] and not is_probe(viewer.username)):
        looks_of(current_app).note(Look(content["_id"], viewer.id if viewer else None, details=details or {}))


def _count(new: list[Look]) -> None:
    for start in range(0, len(new), AT_ONCE):
        _count_some(new[start : start + AT_ONCE])


def _count_some(noted: list[Look]) -> None:
    there = set(Content.collection().distinct("_id", {"_id": {"$in": [look.thing for look in noted]}}))
    new = [look for look in noted if look.thing in there]
    if not new:
        return
    rows = [
        View(id=ObjectId(), contentId=look.thing, userId=look.user_id, viewedAt=look.at, **look.details).to_mongo()
        for look in new
    ]
    views, now = Counter(look.thing for look in new), clock.now()
    steps = [
        UpdateOne(
            {"_id": content_id},
            {"$inc": {"viewsCount": number, "uniqueViewsCount": number}, "$max": {"lastViewedAt": now}},
        )
        for content_id, number in sorted(views.items())
    ]

    def work(session: ClientSession) -> None:
        View.collection().insert_many([row.to_dict() for row in rows], session=session)
        Content.collection().bulk_write(steps, ordered=True, session=session)

    transact(work)
    for post in Content.collection().find({"_id": {"$in": list(views)}}, {"viewsCount": 1}):
        told = {
            "contentId": post["_id"], "viewsCount": post.get("viewsCount") or 0, "timestamp": clock.timestamp(now),
        }  # fmt: skip
        realtime.emit(events.VIDEO_VIEW, told, to=events.room(post["_id"]))
