"""How the gifts of the probe's own accounts go with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's accounts from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove what they gave each other, and count it no more."""
    theirs = {"$or": [{"senderId": {"$in": user_ids}}, {"recipientId": {"$in": user_ids}}]}
    group = {"_id": "$giftId", "times": {"$sum": "$quantity"}, "coins": {"$sum": "$totalCost"}}
    for sent in database["gifttransactions"].aggregate([{"$match": theirs}, {"$group": group}]):
        steps = {"timesSent": -sent["times"], "popularity": -sent["times"], "totalRevenue": -sent["coins"]}
        database["gifts"].update_one({"_id": sent["_id"]}, {"$inc": steps})
    database["gifttransactions"].delete_many(theirs)
