"""A person's own changes to the profile."""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries import people
from mixillo.core import clock

# Objects that are merged: what is not sent stays as it is.
MERGED = ("socialLinks", "privacySettings", "notificationSettings")


def update(user_id: ObjectId, changes: dict[str, Any]) -> dict[str, Any]:
    """Make parsed ``changes`` and return the person's own view of the account.

    A pipeline, because ``$set: {"socialLinks.x": …}`` fails where an old document has ``null``; ``$literal``,
    because in a pipeline text that starts with a dollar sign would be an expression.

    :raises UserNotFound: the account is gone.
    """
    assigned = {name: _expression(name, value) for name, value in changes.items()}
    document = User.collection().find_one_and_update(
        {"_id": user_id},
        [{"$set": {**assigned, "updatedAt": clock.now()}}],
        projection=people.OWN_FIELDS,
        return_document=ReturnDocument.AFTER,
    )
    if document is None:
        raise people.UserNotFound
    return people.own_view(document)


def _expression(name: str, value: Any) -> dict[str, Any]:
    if name in MERGED:
        return {"$mergeObjects": [f"${name}", {"$literal": value}]}
    return {"$literal": value}
