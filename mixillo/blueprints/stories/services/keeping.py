"""Highlights: stories that stay on one's page; and who one's close friends are."""

from contextlib import suppress
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.stories.models import CloseFriend, Highlight, Story
from mixillo.blueprints.stories.queries import keeping
from mixillo.blueprints.stories.queries.keeping import HighlightNotFound
from mixillo.blueprints.stories.queries.sight import visibility
from mixillo.blueprints.users.queries import people
from mixillo.blueprints.users.services import contact
from mixillo.core import clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, NotFound, ValidationFailed

Document = dict[str, Any]
MOST_HIGHLIGHTS, MOST_ITEMS = 100, 100
COPIED = (*keeping.ITEM, "isPrivate", "allowedUsers")


class TooMuchKept(Conflict):
    """Nobody keeps more."""

    code, title = "too_many_highlights", "You keep as much as one can"


class NotAFriend(NotFound):
    """This person is not among the viewer's close friends."""

    code, title = "not_a_close_friend", "They are not among your close friends"


def keep(owner: Viewer, title: str, story_ids: list[ObjectId], cover: str | None, highlight_id: ObjectId) -> Document:
    """Keep stories of one's own that last, as a highlight; ``highlight_id`` makes repeating this harmless.

    :raises ValidationFailed: a story is not there, not the owner's, or over.
    :raises TooMuchKept: there are ``MOST_HIGHLIGHTS`` already.
    """
    Highlight.ensure_collection()
    if Highlight.collection().find_one({"_id": highlight_id, "userId": owner.id}, {"_id": 1}):
        return keeping.own(highlight_id, owner)
    if Highlight.collection().count_documents({"userId": owner.id}) >= MOST_HIGHLIGHTS:
        raise TooMuchKept
    now = clock.now()
    made = {
        "_id": highlight_id, "userId": owner.id, "title": title, "coverUrl": cover, "items": _copies(owner, story_ids),
        "createdAt": now, "updatedAt": now,
    }  # fmt: skip
    with suppress(DuplicateKeyError):  # the same request, at the same time
        Highlight.collection().insert_one(made)
    return keeping.own(highlight_id, owner)


def change(owner: Viewer, highlight_id: ObjectId, changes: Document) -> Document:
    """Change a highlight of one's own and return it: ``title``, ``coverUrl``, ``add`` and ``remove`` stories.

    :raises HighlightNotFound: there is none.
    :raises ValidationFailed: a story to be added is not there, not the owner's, or over.
    :raises TooMuchKept: it would hold more than ``MOST_ITEMS``.
    """
    keeping.own(highlight_id, owner)
    added = _copies(owner, changes.get("add") or [])
    removed = set(changes.get("remove") or [])
    fields = {name: changes[name] for name in ("title", "coverUrl") if name in changes}

    def work(session: ClientSession) -> None:
        mine = {"_id": highlight_id, "userId": owner.id}
        stored = Highlight.collection().find_one(mine, session=session)
        if stored is None:
            raise HighlightNotFound
        kept = [item for item in stored.get("items") or [] if item["_id"] not in removed]
        known = {item["_id"] for item in kept}
        items = [*kept, *(item for item in added if item["_id"] not in known)]
        if len(items) > MOST_ITEMS:
            raise TooMuchKept(f"A highlight holds {MOST_ITEMS} stories.")
        update = {"$set": fields | {"items": items, "updatedAt": clock.now()}}
        Highlight.collection().update_one(mine, update, session=session)

    transact(work)
    return keeping.own(highlight_id, owner)


def forget(owner: Viewer, highlight_id: ObjectId) -> None:
    """Remove a highlight of one's own.

    :raises HighlightNotFound: there is none.
    """
    if not Highlight.collection().delete_one({"_id": highlight_id, "userId": owner.id}).deleted_count:
        raise HighlightNotFound


def befriend(owner: Viewer, friend_id: ObjectId) -> Document:
    """Take somebody among one's close friends, and return their short form; who is there already stays.

    :raises ValidationFailed: that is oneself.
    :raises UserNotFound: there is no such person, or they block the owner.
    :raises Blocking: the owner blocks them.
    """
    if owner.id == friend_id:
        raise ValidationFailed("You are as close to yourself as can be.")
    people.check_is_there(friend_id)
    contact.check_not_blocked(owner, friend_id)
    CloseFriend.ensure_collection()
    pair = {"userId": owner.id, "friendId": friend_id}
    CloseFriend.collection().update_one(pair, {"$setOnInsert": {"createdAt": clock.now()}}, upsert=True)
    return people.summaries([friend_id])[friend_id]


def unfriend(owner: Viewer, friend_id: ObjectId) -> None:
    """Take somebody out of one's close friends; they see no more from now on.

    :raises NotAFriend: they are not among them.
    """
    pair = {"userId": owner.id, "friendId": friend_id}
    if not CloseFriend.collection().delete_one(pair).deleted_count:
        raise NotAFriend


def _copies(owner: Viewer, story_ids: list[ObjectId]) -> list[Document]:
    """Return what to keep of stories, in the order they are named.

    :raises ValidationFailed: one is not there, not the owner's, or over.
    """
    if not story_ids:
        return []
    alive = {"_id": {"$in": story_ids}, "userId": owner.id, "expiresAt": {"$gt": clock.now()}}
    found = {story["_id"]: story for story in Story.collection().find(alive)}
    if missing := [str(each) for each in story_ids if each not in found]:
        raise ValidationFailed.of("storyIds", f"Not there: {', '.join(missing)}.")
    return [
        {name: found[each][name] for name in COPIED if name in found[each]} | {"visibility": visibility(found[each])}
        for each in dict.fromkeys(story_ids)
    ]
