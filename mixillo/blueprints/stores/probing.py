"""How the stores of the probe's own accounts go with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.stores.models import StoreFollow
from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's accounts from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Follow no store any more, and count it no more; their own stores go."""
    follows = database[StoreFollow.collection().name]
    stores = [store["_id"] for store in database["stores"].find({"sellerId": {"$in": user_ids}}, ["_id"])]
    for follow in follows.find({"userId": {"$in": user_ids}, "storeId": {"$nin": stores}}):
        database["stores"].update_one({"_id": follow["storeId"]}, {"$inc": {"followersCount": -1}})
    follows.delete_many({"$or": [{"userId": {"$in": user_ids}}, {"storeId": {"$in": stores}}]})
    database["stores"].delete_many({"_id": {"$in": stores}})
