"""Who follows whom and who blocks whom, and what that lets a person see."""

from bson import ObjectId

from mixillo.blueprints.users.models import Block, Follow
from mixillo.core.security import Viewer


def is_following(follower_id: ObjectId, following_id: ObjectId) -> bool:
    """Return whether the first follows the second."""
    return _exists(Follow, followerId=follower_id, followingId=following_id)


def is_blocking(user_id: ObjectId, other_id: ObjectId) -> bool:
    """Return whether the first blocks the second."""
    return _exists(Block, userId=user_id, blockedUserId=other_id)


def blocking_between(one: ObjectId, other: ObjectId) -> set[ObjectId]:
    """Return which of the two block the other."""
    pairs = [{"userId": one, "blockedUserId": other}, {"userId": other, "blockedUserId": one}]
    return {block["userId"] for block in Block.collection().find({"$or": pairs}, {"_id": 0, "userId": 1})}


def is_hidden(user_id: ObjectId, viewer: Viewer | None) -> bool:
    """Return whether a person is not there for ``viewer``, having blocked them; administrators see everybody."""
    return viewer is not None and not viewer.is_admin and is_blocking(user_id, viewer.id)


def sees_private(user_id: ObjectId, viewer: Viewer | None) -> bool:
    """Return whether ``viewer`` sees what a private profile hides.

    That is its owner, an administrator, and whom the owner follows. Being a follower is not enough: anybody
    can become one, there are no requests to follow that an owner could decline.
    """
    if viewer is None:
        return False
    return viewer.id == user_id or viewer.is_admin or is_following(user_id, viewer.id)


def hidden_between(user_id: ObjectId) -> list[ObjectId]:
    """Return everybody whom the person blocks or is blocked by."""
    blocks = Block.collection()
    blocked = [block["blockedUserId"] for block in blocks.find({"userId": user_id}, {"_id": 0, "blockedUserId": 1})]
    return blocked + [block["userId"] for block in blocks.find({"blockedUserId": user_id}, {"_id": 0, "userId": 1})]


def _exists(model: type[Follow] | type[Block], **pair: ObjectId) -> bool:
    return model.collection().find_one(pair, {"_id": 1}) is not None
