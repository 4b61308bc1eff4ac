"""What the probe's people are told, and how it goes with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.notifications.models import BROADCASTS, SYSTEM, Notification
from mixillo.blueprints.notifications.talking import PUSH
from mixillo.core.db import database
from mixillo.ops.probes import accounts, sockets


def connect() -> None:
    """Tell the probe's users something from now on, and clear up after them."""
    accounts.provisioned.connect(_tell)
    accounts.removing.connect(_remove)
    sockets.declare(PUSH)


def _tell(_sender: Any, *, user_id: ObjectId) -> None:
    """Give a user notifications to be found, read and deleted."""
    told = [
        Notification(id=ObjectId(), userId=user_id, type=SYSTEM, title="For probing", body=f"Number {number}")
        for number in range(3)
    ]
    database()[Notification.collection().name].insert_many([each.to_mongo().to_dict() for each in told])


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove what administrators of the probe have sent, and what others were told of its people."""
    sent = [each["_id"] for each in ops[BROADCASTS].find({"actor.id": {"$in": user_ids}}, {"_id": 1})]
    stored = database[Notification.collection().name]
    stored.delete_many({"broadcastId": {"$in": sent}})
    stored.delete_many({"userId": {"$in": user_ids}})
    ops[BROADCASTS].delete_many({"_id": {"$in": sent}})
