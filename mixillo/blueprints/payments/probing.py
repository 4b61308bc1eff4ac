"""How the payments of the probe's own accounts go with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.payments.models import EVENTS, SANDBOX
from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's accounts from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    theirs = {"userId": {"$in": user_ids}}
    payments = [payment["_id"] for payment in database["payments"].find(theirs, ["_id"])]
    for collection in (EVENTS, SANDBOX):
        ops[collection].delete_many({"paymentId": {"$in": payments}})
    database["payments"].delete_many(theirs)
