"""Lists of people around a person: followers, followed, blocked; newest first, in their short form."""

from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from mixillo.blueprints.users.models import ACTIVE, Block, Follow, User
from mixillo.blueprints.users.queries import people, relations
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.errors import Forbidden

Page = tuple[list[dict[str, Any]], dict[str, Any]]


class ProfileIsPrivate(Forbidden):
    """The profile opens to whom its owner follows."""

    code, title = "PROFILE_PRIVATE", "This profile is private"


def followers(user_id: ObjectId, query: dict[str, Any], viewer: Viewer | None) -> Page:
    """Return a page of those who follow the person.

    :raises UserNotFound: there is no such person for ``viewer``.
    :raises ProfileIsPrivate: it does not open to ``viewer``.
    """
    check_open(user_id, viewer)
    return _page(Follow.collection(), {"followingId": user_id}, "followerId", query, viewer)


def following(user_id: ObjectId, query: dict[str, Any], viewer: Viewer | None) -> Page:
    """Return a page of those whom the person follows; raises like :func:`followers`."""
    check_open(user_id, viewer)
    return _page(Follow.collection(), {"followerId": user_id}, "followingId", query, viewer)


def blocked(user_id: ObjectId, query: dict[str, Any]) -> Page:
    """Return a page of those whom the person blocks."""
    return _page(Block.collection(), {"userId": user_id}, "blockedUserId", query, None)


def check_open(user_id: ObjectId, viewer: Viewer | None) -> None:
    """Let ``viewer`` pass to what a person shows.

    :raises UserNotFound: there is no such person for ``viewer``.
    :raises ProfileIsPrivate: it does not open to ``viewer``.
    """
    person = User.collection().find_one({"_id": user_id, "status": ACTIVE}, ["privacySettings.isPrivate"])
    if person is None or relations.is_hidden(user_id, viewer):
        raise people.UserNotFound
    if people.is_private(person) and not relations.sees_private(user_id, viewer):
        raise ProfileIsPrivate


def _page(pairs: Collection, where: dict[str, Any], other: str, query: dict[str, Any], viewer: Viewer | None) -> Page:
    """Return a page of ``pairs`` as summaries of its ``other`` side, without accounts that are closed or hidden."""
    fields = {other: 1, "createdAt": 1}
    found, pagination = paginate(pairs, where, query, sort=people.NEWEST_FIRST, projection=fields)
    known = people.summaries([pair[other] for pair in found])
    hidden = set(relations.hidden_between(viewer.id)) if viewer else set()
    shown = [known[pair[other]] for pair in found if pair[other] in known and pair[other] not in hidden]
    return shown, pagination
