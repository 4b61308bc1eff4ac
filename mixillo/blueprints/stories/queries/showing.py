"""Stories to be seen now: what has expired is gone, whether it was removed already or not."""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.blueprints.stories.models import NEWEST, Story, StoryView
from mixillo.blueprints.stories.queries import shapes, sight
from mixillo.blueprints.stories.queries.sight import Circle
from mixillo.blueprints.users.models import Follow
from mixillo.blueprints.users.queries import circles, people
from mixillo.core import clock
from mixillo.core.db import hinted
from mixillo.core.pagination import Sort, paginate
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]
# Somebody who follows thousands is shown those who told something last.
MOST_STORIES = 2_000
# So many authors at once the database merges in order, without sorting what they show.
AUTHORS_AT_ONCE = 100
LATEST_VIEWERS: Sort = [("viewedAt", -1), ("_id", -1)]


class StoryNotFound(NotFound):
    """There is no such story, or it is over, or not for the viewer."""

    code, title = "story_not_found", "There is no such story"


@dataclass(frozen=True)
class Told:
    """Stored stories by their authors, as far as they are for the viewer, and which of them the viewer has seen."""

    by_author: dict[ObjectId, list[Document]]
    around: Circle
    seen: set[ObjectId]

    def latest(self, author_id: ObjectId) -> datetime:
        """Return when somebody told something last."""
        moment: datetime = self.by_author[author_id][-1]["createdAt"]
        return moment

    def is_seen(self, author_id: ObjectId) -> bool:
        """Return whether all of what somebody tells was seen."""
        return all(story["_id"] in self.seen for story in self.by_author[author_id])

    def group(self, author_id: ObjectId) -> Document:
        """Return what somebody tells as it is shown."""
        cards = [shapes.card(story, self.around, self.seen) for story in self.by_author[author_id]]
        return shapes.group(author_id, cards, self.around)


def tray(viewer: Viewer, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the people whom one follows and who show something, and its ``pagination``.

    Oneself comes first, then who has something new, the latest first, then who was seen already.
    """
    pairs = Follow.collection().find({"followerId": viewer.id}, {"_id": 0, "followingId": 1})
    authors = [viewer.id, *(pair["followingId"] for pair in pairs)]
    told = _told(_alive(authors), viewer)
    order = sorted(told.by_author, key=told.latest, reverse=True)
    order.sort(key=lambda author_id: (author_id != viewer.id, told.is_seen(author_id)))
    start = (query["page"] - 1) * query["limit"]
    total = len(order)
    return [told.group(author_id) for author_id in order[start : start + query["limit"]]], {
        "page": query["page"],
        "limit": query["limit"],
        "total": total,
        "pages": -(-total // query["limit"]),
        "hasMore": start + query["limit"] < total,
        "nextCursor": None,
    }


def of_user(user_id: ObjectId, viewer: Viewer | None) -> Document | None:
    """Return the group of one person's stories, ``None`` where there is nothing for ``viewer``.

    :raises UserNotFound: there is no such person for ``viewer``.
    :raises ProfileIsPrivate: it does not open to ``viewer``.
    """
    if viewer is None or viewer.id != user_id:
        circles.check_open(user_id, viewer)
    told = _told(_alive([user_id]), viewer)
    return told.group(user_id) if told.by_author else None


def find(story_id: ObjectId, viewer: Viewer) -> tuple[Document, Circle]:
    """Return a stored story that ``viewer`` may see now, and how they stand to its author.

    :raises StoryNotFound: there is none.
    """
    story = Story.collection().find_one({"_id": story_id, "expiresAt": {"$gt": clock.now()}}, shapes.FIELDS)
    if story is None:
        raise StoryNotFound
    around = sight.circle([story["userId"]], viewer)
    if not around.sees(story):
        raise StoryNotFound
    return story, around


def one(story_id: ObjectId, viewer: Viewer) -> Document:
    """Return a story as it is shown; raises as :func:`find`."""
    story, around = find(story_id, viewer)
    return shapes.card(story, around, seen(viewer, [story_id]))


def viewers(story_id: ObjectId, viewer: Viewer, query: Document) -> tuple[list[Document], Document]:
    """Return a page of who has seen a story, the latest first, for its author and administrators.

    :raises StoryNotFound: there is none of the viewer's.
    """
    story, _ = find(story_id, viewer)
    if viewer.id != story["userId"] and not viewer.is_admin:
        raise StoryNotFound
    rows, pagination = paginate(
        StoryView.collection(), {"storyId": story_id}, query, sort=LATEST_VIEWERS,
        projection={"userId": 1, "viewedAt": 1}, hint="viewers",
    )  # fmt: skip
    known = people.summaries([row["userId"] for row in rows])
    shown = [
        known[row["userId"]] | {"userId": row["userId"], "viewedAt": row["viewedAt"]}
        for row in rows
        if row["userId"] in known
    ]
    return shown, pagination


def everybodys(viewer: Viewer, query: Document) -> tuple[list[Document], Document]:
    """Return a page of all stories that last, the latest first, for administrators."""
    where: Document = {"userId": query["userId"]} if "userId" in query else {}
    hint = "newest_author" if where else "newest"
    alive = {"expiresAt": {"$gt": clock.now()}}
    found, pagination = paginate(
        Story.collection(), where, query, sort=NEWEST, projection=shapes.FIELDS, also=alive, hint=hint
    )
    around = sight.circle([story["userId"] for story in found], viewer)
    return [shapes.card(story, around, set()) for story in found if around.sees(story)], pagination


def seen(viewer: Viewer | None, story_ids: list[ObjectId]) -> set[ObjectId]:
    """Return which of some stories somebody has seen."""
    if viewer is None:
        return set()
    found = StoryView.collection().find({"userId": viewer.id, "storyId": {"$in": story_ids}}, {"_id": 0, "storyId": 1})
    return {row["storyId"] for row in found}


def _alive(authors: list[ObjectId]) -> list[Document]:
    """Return the stored stories of ``authors`` that last, the ones that last longest if they are too many."""
    chunks = [authors[start : start + AUTHORS_AT_ONCE] for start in range(0, len(authors), AUTHORS_AT_ONCE)]
    found = [story for chunk in chunks for story in _alive_of(chunk)]
    return heapq.nlargest(MOST_STORIES, found, key=lambda story: (story["expiresAt"], story["_id"]))


def _alive_of(authors: list[ObjectId]) -> list[Document]:
    alive = {"userId": {"$in": authors}, "expiresAt": {"$gt": clock.now()}}
    sort = [("expiresAt", -1)]
    return hinted(
        lambda index: list(Story.collection().find(alive, shapes.FIELDS, sort=sort, limit=MOST_STORIES, hint=index)),
        "alive",
    )


def _told(stories: list[Document], viewer: Viewer | None) -> Told:
    """Return those of some stories that ``viewer`` may see, by their authors, the oldest first."""
    around = sight.circle([story["userId"] for story in stories], viewer)
    there = [story for story in stories if around.sees(story)]
    by_author: dict[ObjectId, list[Document]] = defaultdict(list)
    for story in sorted(there, key=lambda each: (each["createdAt"], each["_id"])):
        by_author[story["userId"]].append(story)
    return Told(dict(by_author), around, seen(viewer, [story["_id"] for story in there]))
