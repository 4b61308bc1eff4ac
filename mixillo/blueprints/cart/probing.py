"""How the carts of the probe's own accounts go with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's accounts from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    database["carts"].delete_many({"userId": {"$in": user_ids}})
