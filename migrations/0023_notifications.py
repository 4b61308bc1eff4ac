"""Indexes of notifications, of what people were told already and of messages to many."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
OWN: dict[str, list[tuple[str, int]]] = {
    "newest": [("userId", ASCENDING), *NEWEST],
    "newest_unread": [("userId", ASCENDING), ("isRead", ASCENDING), *NEWEST],
    "newest_of_type": [("userId", ASCENDING), ("type", ASCENDING), *NEWEST],
}
OPEN_GROUPS: dict[str, Any] = {"isRead": False, "groupKey": {"$type": "string"}}
OF_BROADCASTS: dict[str, list[tuple[str, int]]] = {
    "newest": list(NEWEST),
    "newest_of_type": [("type", ASCENDING), *NEWEST],
    "unfinished": [("state", ASCENDING), ("createdAt", ASCENDING)],
}
DAYS_KEPT = 90


def upgrade(database: Database, ops: Database) -> None:
    """Fill in what is missing, and create the indexes."""
    stored = database["notifications"]
    stored.update_many({"isRead": {"$exists": False}}, {"$set": {"isRead": False}})
    for name, keys in OWN.items():
        stored.create_index(keys, name=name)
    stored.create_index(
        [("userId", ASCENDING), ("groupKey", ASCENDING)],
        name="open_groups",
        unique=True,
        partialFilterExpression=OPEN_GROUPS,
    )
    stored.create_index("broadcastId", name="of_broadcast", partialFilterExpression={"broadcastId": {"$exists": True}})
    stored.create_index("expiresAt", name="expired", expireAfterSeconds=0)
    _forget(database)
    for name, keys in OF_BROADCASTS.items():
        ops["broadcasts"].create_index(keys, name=name)
    ops["notified"].create_index("expiresAt", expireAfterSeconds=0)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what it filled in, and what the existing system has too, stays."""
    stored = database["notifications"]
    made = {*OWN, "open_groups", "of_broadcast", "expired", "forgotten"}
    for name in made & set(stored.index_information()):
        stored.drop_index(name)
    for collection in ("broadcasts", "notified"):
        ops.drop_collection(collection)


def _forget(database: Database) -> None:
    """Forget notifications after 90 days; the existing system's index of its own, where it is there, serves as well."""
    indexes = database["notifications"].index_information().values()
    if not any(index["key"] == [("createdAt", 1)] and "expireAfterSeconds" in index for index in indexes):
        database["notifications"].create_index("createdAt", name="forgotten", expireAfterSeconds=DAYS_KEPT * 86_400)
