"""What the feed has shown to whom, and what somebody does not want to see: it is not shown first again."""

import threading
from typing import Any

from bson import ObjectId
from flask import Flask, current_app
from pymongo import UpdateOne, WriteConcern

from mixillo.blueprints.content.models import Content, Taste
from mixillo.blueprints.content.queries import browsing
from mixillo.core import clock
from mixillo.core.security import Viewer
from mixillo.ops import upkeep
from mixillo.ops.probes.accounts import is_probe

EXTENSION = "content_shown"
MOST_REMEMBERED = 500
MOST_DISLIKED = 500
MOST_WAITING = 20_000
SECONDS_BETWEEN_WRITES = 5.0


class Shown:
    """What was shown and is not written down yet. A process that is killed forgets some seconds of it."""

    def __init__(self) -> None:
        self._waiting: dict[ObjectId | None, list[ObjectId]] = {}
        self._lock = threading.Lock()

    def note(self, viewer: Viewer | None, posts: list[dict[str, Any]]) -> None:
        """Remember that ``posts`` were shown."""
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                ids = [post["_id"] for post in posts]
                self._waiting.setdefault(viewer.id if viewer else None, []).extend(ids)

    def write(self) -> None:
        """Write down what was shown, and how often each post was."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        impressions: dict[ObjectId, int] = {}
        for ids in waiting.values():
            for each in ids:
                impressions[each] = impressions.get(each, 0) + 1
        lax = WriteConcern(w=1, j=False)
        steps = [UpdateOne({"_id": each}, {"$inc": {"impressions": number}}) for each, number in impressions.items()]
        Content.collection().with_options(write_concern=lax).bulk_write(steps, ordered=False)
        tastes = [
            UpdateOne({"userId": user_id}, _remembered("watched", ids, MOST_REMEMBERED), upsert=True)
            for user_id, ids in waiting.items()
            if user_id is not None
        ]
        if tastes:
            Taste.collection().with_options(write_concern=lax).bulk_write(tastes, ordered=False)


def init_app(app: Flask) -> None:
    """Write down what ``app`` has shown, some seconds later."""
    shown = app.extensions[EXTENSION] = Shown()
    upkeep.every(app, SECONDS_BETWEEN_WRITES, "content.shown", shown.write)


def shown_of(app: Flask) -> Shown:
    """Return what ``app`` has shown."""
    shown: Shown = app.extensions[EXTENSION]
    return shown


def note(viewer: Viewer | None, posts: list[dict[str, Any]]) -> None:
    """Remember that ``posts`` were shown to ``viewer``."""
    if posts and not (viewer and is_probe(viewer.username)):
        shown_of(current_app).note(viewer, posts)


def not_interested(viewer: Viewer, content_id: ObjectId) -> None:
    """Keep a post out of somebody's feed, and its creator's others further down.

    :raises ContentNotFound: there is no such post for ``viewer``.
    """
    browsing.find(content_id, viewer)
    Taste.collection().update_one({"userId": viewer.id}, {"$pull": {"interactions.notInterested": content_id}})
    Taste.collection().update_one(
        {"userId": viewer.id}, _remembered("notInterested", [content_id], MOST_DISLIKED), upsert=True
    )


def interested(viewer: Viewer, content_id: ObjectId) -> None:
    """Take that back; fine also where it was never said."""
    Taste.collection().update_one({"userId": viewer.id}, {"$pull": {"interactions.notInterested": content_id}})


def _remembered(name: str, ids: list[ObjectId], most: int) -> dict[str, Any]:
    now = clock.now()
    return {
        "$push": {f"interactions.{name}": {"$each": ids, "$slice": -most}},
        "$set": {"lastUpdated": now, "updatedAt": now},
        "$setOnInsert": {"createdAt": now},
    }
