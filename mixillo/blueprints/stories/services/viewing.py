"""Seeing stories: a row for each person and the counter change together or not at all."""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.stories.models import Story, StoryView
from mixillo.blueprints.stories.queries import showing
from mixillo.blueprints.stories.services import telling
from mixillo.core import clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.ops.probes.accounts import is_probe

Document = dict[str, Any]


def view(viewer: Viewer, story_id: ObjectId) -> int:
    """Take note that somebody sees a story, and return how many have; again, or one's own, changes nothing.

    :raises StoryNotFound: there is no such story for ``viewer``.
    """
    story, around = showing.find(story_id, viewer)
    count = int(story.get("viewsCount") or 0)
    author = around.author(story["userId"])
    if viewer.id == story["userId"] or (is_probe(viewer.username) and not is_probe(author["username"])):
        return count
    StoryView.ensure_collection()
    now = clock.now()
    row = {"storyId": story_id, "userId": viewer.id, "viewedAt": now, "createdAt": now, "expiresAt": story["expiresAt"]}

    def work(session: ClientSession) -> tuple[int, bool]:
        rows = StoryView.collection()
        pair = {"userId": viewer.id, "storyId": story_id}
        if rows.find_one(pair, {"_id": 1}, session=session):
            return _count(story_id, 0, session), False
        rows.insert_one({"_id": ObjectId()} | row, session=session)
        return _count(story_id, 1, session), True

    count, is_new = transact(work, turns_of=[story_id])
    if is_new:
        telling.viewed(story, viewer.id, count)
    return count


def _count(story_id: ObjectId, step: int, session: ClientSession) -> int:
    """Change the counter of a story, which existing data may lack; return it.

    :raises StoryNotFound: it ended this very moment.
    """
    after = Story.collection().find_one_and_update(
        {"_id": story_id, "expiresAt": {"$gt": clock.now()}},
        {"$inc": {"viewsCount": step}},
        projection={"viewsCount": 1},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if after is None:
        raise showing.StoryNotFound
    return int(after["viewsCount"])
