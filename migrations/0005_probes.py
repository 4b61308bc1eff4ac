"""Indexes of the probes' history, which expires."""

from typing import Any

from pymongo.database import Database

COLLECTIONS: dict[str, dict[str, tuple[Any, dict[str, Any]]]] = {
    "proberuns": {
        "expires": ("expiresAt", {"expireAfterSeconds": 0}),
        "newest": ([("startedAt", -1), ("_id", -1)], {}),
        "module": ([("module", 1), ("startedAt", -1), ("_id", -1)], {}),
        "revision": ([("revision", 1), ("startedAt", -1), ("_id", -1)], {}),
    },
    "probecases": {
        "expires": ("expiresAt", {"expireAfterSeconds": 0}),
        "run": ([("runId", 1), ("module", 1)], {}),
    },
}


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    for collection, indexes in COLLECTIONS.items():
        for name, (keys, options) in indexes.items():
            ops[collection].create_index(keys, name=name, **options)


def downgrade(database: Database, ops: Database) -> None:
    """Drop the indexes; the documents stay."""
    for collection, indexes in COLLECTIONS.items():
        existing = ops[collection].index_information()
        for name in indexes:
            if name in existing:
                ops[collection].drop_index(name)
