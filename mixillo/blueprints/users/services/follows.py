"""Following: the pair and both counters change together or not at all."""

from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.users.models import ACTIVE, Follow, User
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.blueprints.users.services import contact
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

# Sent after the commit, with ``follower_id`` and ``following_id``; ``notifications`` listens.
followed = Signal()


def toggle(viewer: Viewer, user_id: ObjectId) -> dict[str, Any]:
    """Follow, or stop following; return ``{isFollowing, followerCount}``.

    :raises ValidationFailed: that is the viewer.
    :raises UserNotFound: there is no such person, or they block the viewer.
    :raises Blocking: the viewer blocks them.
    """

    def work(session: ClientSession) -> tuple[bool, int]:
        if remove(viewer.id, user_id, session):
            return False, _followers(user_id, session)
        return True, _add(viewer.id, user_id, session)

    _check_may_follow(viewer, user_id)
    is_following, count = transact(work)
    if is_following:
        followed.send(follower_id=viewer.id, following_id=user_id)
    return {"isFollowing": is_following, "followerCount": count}


def unfollow(viewer: Viewer, user_id: ObjectId) -> dict[str, Any]:
    """Stop following, if so; return ``{isFollowing, followerCount}``. Raises like :func:`toggle`."""

    def work(session: ClientSession) -> int:
        remove(viewer.id, user_id, session)
        return _followers(user_id, session)

    _check_may_follow(viewer, user_id)
    return {"isFollowing": False, "followerCount": transact(work)}


def remove(follower_id: ObjectId, following_id: ObjectId, session: ClientSession) -> bool:
    """Within a transaction, undo that one follows the other; return whether it was so."""
    pair = {"followerId": follower_id, "followingId": following_id}
    if not Follow.collection().delete_one(pair, session=session).deleted_count:
        return False
    _count(follower_id, "followingCount", -1, session)
    _count(following_id, "followersCount", -1, session)
    return True


def _check_may_follow(viewer: Viewer, user_id: ObjectId) -> None:
    if viewer.id == user_id:
        raise ValidationFailed("You cannot follow yourself.")
    if not User.collection().find_one({"_id": user_id, "status": ACTIVE}, ["_id"]):
        raise UserNotFound
    contact.check_not_blocked(viewer, user_id)


def _add(follower_id: ObjectId, following_id: ObjectId, session: ClientSession) -> int:
    pair = Follow(followerId=follower_id, followingId=following_id)
    Follow.collection().insert_one(pair.to_mongo().to_dict(), session=session)
    _count(follower_id, "followingCount", 1, session)
    # The followed one last: a popular account is what parallel transactions compete for.
    return _count(following_id, "followersCount", 1, session)


def _count(user_id: ObjectId, field: str, step: int, session: ClientSession) -> int:
    """Change a counter, which existing data may lack or have wrong, but never below zero; return it."""
    stepped = {"$max": [0, {"$add": [{"$ifNull": [f"${field}", 0]}, step]}]}
    user = User.collection().find_one_and_update(
        {"_id": user_id},
        [{"$set": {field: stepped}}],
        projection=[field],
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return user[field] if user else 0


def _followers(user_id: ObjectId, session: ClientSession) -> int:
    user = User.collection().find_one({"_id": user_id}, ["followersCount"], session=session)
    return (user or {}).get("followersCount", 0)
