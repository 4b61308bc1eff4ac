"""After the commit: who hears of a story."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.stories import events
from mixillo.blueprints.stories.models import CLOSE, FRIENDS, PRIVATE, CloseFriend
from mixillo.blueprints.users.models import Follow, User
from mixillo.blueprints.users.queries.people import is_private
from mixillo.core import clock
from mixillo.core.events import Event
from mixillo.core.realtime import emit_to_user

Document = dict[str, Any]
# Whoever else follows sees it when they look.
MOST_TOLD = 200


def added(story: Document) -> None:
    """Tell of a new story."""
    _tell(events.ADDED, story, {"type": story["type"], "expiresAt": clock.timestamp(story["expiresAt"])})


def deleted(story: Document) -> None:
    """Tell that a story is gone."""
    _tell(events.DELETED, story, {})


def viewed(story: Document, viewer_id: ObjectId, count: int) -> None:
    """Tell the author that somebody has seen it."""
    told = {"storyId": str(story["_id"]), "viewerId": str(viewer_id), "viewsCount": count}
    emit_to_user(story["userId"], events.VIEWED, told | {"timestamp": clock.timestamp(clock.now())})


def _tell(event: Event, story: Document, more: Document) -> None:
    told = {"storyId": str(story["_id"]), "userId": str(story["userId"])} | more
    for user_id in (story["userId"], *audience(story)):
        emit_to_user(user_id, event, told)


def audience(story: Document) -> list[ObjectId]:
    """Return the latest followers of its author who may see a stored story; they do not block each other."""
    author_id, meant_for = story["userId"], story.get("visibility")
    newest = Follow.collection().find(
        {"followingId": author_id}, {"_id": 0, "followerId": 1}, sort=[("createdAt", -1)], limit=MOST_TOLD
    )
    followers = [pair["followerId"] for pair in newest]
    author = User.collection().find_one({"_id": author_id}, {"privacySettings.isPrivate": 1}) or {}
    if followers and (meant_for == FRIENDS or is_private(author)):
        followers = _among(Follow, "followingId", followers, followerId=author_id)
    if followers and meant_for == CLOSE:
        followers = _among(CloseFriend, "friendId", followers, userId=author_id)
    if meant_for == PRIVATE:
        followers = [each for each in followers if each in (story.get("allowedUsers") or [])]
    return followers


def _among(
    pairs: type[Follow] | type[CloseFriend], other: str, people: list[ObjectId], **owner: ObjectId
) -> list[ObjectId]:
    found = {pair[other] for pair in pairs.collection().find(owner | {other: {"$in": people}}, {"_id": 0, other: 1})}
    return [each for each in people if each in found]
