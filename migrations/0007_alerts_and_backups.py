"""Indexes of alerts, their history and deliveries, and of the records of backups."""

from typing import Any

from pymongo.database import Database

DAY = 24 * 60 * 60
NEWEST = [("at", -1), ("_id", -1)]
INDEXES: dict[str, dict[str, tuple[Any, dict[str, Any]]]] = {
    "alertevents": {
        "newest": (NEWEST, {}),
        "newest_of_rule": ([("rule", 1), *NEWEST], {}),
        "forgotten": ("at", {"expireAfterSeconds": 400 * DAY}),
    },
    "alertdeliveries": {
        "due": ("nextAttemptAt", {}),
        "newest": ([("createdAt", -1), ("_id", -1)], {}),
        "newest_of_rule": ([("rule", 1), ("createdAt", -1), ("_id", -1)], {}),
        "forgotten": ("expiresAt", {"expireAfterSeconds": 0}),
    },
    "backups": {
        "newest": ([("startedAt", -1), ("_id", -1)], {}),
        "newest_of_state": ([("state", 1), ("removedAt", 1), ("createdAt", -1), ("_id", -1)], {}),
        "location": ("location", {}),
    },
}


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing; `alerts` and `alertrules` hold a document per rule and need no index."""
    for collection, indexes in INDEXES.items():
        for name, (keys, options) in indexes.items():
            ops[collection].create_index(keys, name=name, **options)
    for collection in {"alerts", "alertrules"} - set(ops.list_collection_names()):
        ops.create_collection(collection)


def downgrade(database: Database, ops: Database) -> None:
    """Drop the indexes; the documents stay."""
    for collection, indexes in INDEXES.items():
        for name in set(indexes) & set(ops[collection].index_information()):
            ops[collection].drop_index(name)
