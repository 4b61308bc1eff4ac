"""Choosing how to be told."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.notifications.models import NotificationPreferences
from mixillo.blueprints.notifications.queries import wishes
from mixillo.core import clock

Document = dict[str, Any]


def change(user_id: ObjectId, changes: Document) -> Document:
    """Make ``changes`` (``types``: ``{type: {channel: yes or no}}``, ``quietHours``); return all wishes as shown.

    What is not named stays as it is.

    :raises UserNotFound: the account is gone.
    """
    NotificationPreferences.ensure_collection()
    now = clock.now()
    fields: Document = {"updatedAt": now}
    for kind, channels in changes.get("types", {}).items():
        fields |= {f"types.{kind}.{channel}": wanted for channel, wanted in channels.items()}
    fields |= {f"quietHours.{name}": value for name, value in changes.get("quietHours", {}).items()}
    NotificationPreferences.collection().update_one(
        {"userId": user_id}, {"$set": fields, "$setOnInsert": {"createdAt": now}}, upsert=True
    )
    return wishes.show(user_id)
