"""Showing something for a day, and taking it back."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.stories.models import PRIVATE, PUBLIC, Story
from mixillo.blueprints.stories.queries import showing
from mixillo.blueprints.stories.queries.showing import StoryNotFound
from mixillo.blueprints.stories.services import filling, sweeping, telling
from mixillo.blueprints.users.models import ACTIVE, User
from mixillo.core import audit_log, clock
from mixillo.core.db import database, transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, ValidationFailed

Document = dict[str, Any]
LIFETIME = timedelta(hours=24)
MOST_ALIVE = 100


class TooManyStories(Conflict):
    """Nobody shows more at a time."""

    code, title = "too_many_stories", "You show enough for a day"


def share(author: Viewer, fields: Document, story_id: ObjectId) -> Document:
    """Show something for 24 hours, and return it as it is shown; ``story_id`` makes repeating this harmless.

    :raises ValidationFailed: it names a sound, an upload or people who are not there.
    :raises TooManyStories: ``MOST_ALIVE`` last already.
    """
    if Story.collection().find_one({"_id": story_id, "userId": author.id}, {"_id": 1}):
        return showing.one(story_id, author)
    fields = filling.filled(author.id, fields)
    _check(fields)
    now = clock.now()
    if Story.collection().count_documents({"userId": author.id, "expiresAt": {"$gt": now}}) >= MOST_ALIVE:
        raise TooManyStories
    made = Story(id=story_id, userId=author.id, createdAt=now, expiresAt=now + LIFETIME, **fields)
    made.isPrivate = made.visibility != PUBLIC
    stored: Document = made.to_mongo().to_dict()
    try:
        Story.collection().insert_one(stored)
    except DuplicateKeyError:  # the same request, at the same time
        return showing.one(story_id, author)
    telling.added(stored)
    return showing.one(story_id, author)


def take_back(viewer: Viewer, story_id: ObjectId) -> None:
    """Delete a story before its time, with who has seen it; administrators may delete anybody's.

    It is gone for everybody at once, and then removed.

    :raises StoryNotFound: there is no such story of the viewer's.
    """
    now = clock.now()
    where: Document = {"_id": story_id, "expiresAt": {"$gt": now}}
    where |= {} if viewer.is_admin else {"userId": viewer.id}

    def work(session: ClientSession) -> Document:
        ended: Document | None = Story.collection().find_one_and_update(
            where, {"$set": {"expiresAt": now}}, session=session
        )
        if ended is None:
            raise StoryNotFound
        if ended["userId"] != viewer.id:
            actor = {"kind": "user", "id": str(viewer.id), "name": viewer.username}
            audit_log.record(
                "story.deleted", actor=actor, target=Story.collection().name, target_id=story_id, session=session
            )
        return ended

    story = transact(work)
    sweeping.remove(story_id)
    telling.deleted(story)


def _check(fields: Document) -> None:
    """Refuse what names something that is not there.

    :raises ValidationFailed: naming it.
    """
    people = fields.get("allowedUsers") or []
    if people:
        there = set(User.collection().distinct("_id", {"_id": {"$in": people}, "status": ACTIVE}))
        if missing := [str(each) for each in people if each not in there]:
            raise ValidationFailed.of("allowedUsers", f"Not there: {', '.join(missing)}.")
        if fields.get("visibility") != PRIVATE:
            raise ValidationFailed.of("allowedUsers", "Only what is private is for chosen people.")
    sound = fields.get("musicId")
    if sound and database()["sounds"].find_one({"_id": sound}, {"_id": 1}) is None:
        raise ValidationFailed.of("musicId", "There is no such sound.")
