"""Blocking: whoever is blocked no longer sees the person, and neither follows the other any more."""

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.users.models import Block, User
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.blueprints.users.services import follows
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed


def toggle(viewer: Viewer, user_id: ObjectId) -> bool:
    """Block, or unblock; return whether the person is blocked now.

    Somebody who blocks the viewer can be blocked as well.

    :raises ValidationFailed: that is the viewer.
    :raises UserNotFound: there is no such account.
    """
    pair = {"userId": viewer.id, "blockedUserId": user_id}

    def work(session: ClientSession) -> bool:
        if Block.collection().delete_one(pair, session=session).deleted_count:
            return False
        Block.collection().insert_one(Block(**pair).to_mongo().to_dict(), session=session)
        follows.remove(viewer.id, user_id, session)
        follows.remove(user_id, viewer.id, session)
        return True

    if viewer.id == user_id:
        raise ValidationFailed("You cannot block yourself.")
    if not User.collection().find_one({"_id": user_id}, ["_id"]):
        raise UserNotFound
    return transact(work)
