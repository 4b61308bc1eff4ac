"""How the badges of the probe's own accounts go with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's accounts from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove what they earned, and count it no more."""
    for held in database["userbadges"].find({"user": {"$in": user_ids}}):
        database["userbadges"].delete_one({"_id": held["_id"]})
        steps = {"availability.awardedCount": -1, "stats.totalAwarded": -1, "stats.currentHolders": -1}
        database["supporterbadges"].update_one({"_id": held["badge"]}, {"$inc": steps})
