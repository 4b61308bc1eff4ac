"""Indexes of payments, of what their providers told, and of coin packages.

The existing collection has simpler ones for some of its lists; what nobody needs any more shows in the audit of the
indexes.
"""

from datetime import timedelta
from typing import Any

from pymongo.database import Database

NEWEST = [("createdAt", -1), ("_id", -1)]
Indexes = dict[str, tuple[Any, dict[str, Any]]]
PENDING = {"partialFilterExpression": {"status": "pending"}}
PAYMENTS: Indexes = {
    "user_newest": ([("userId", 1), *NEWEST], {}),
    "user_type_newest": ([("userId", 1), ("type", 1), *NEWEST], {}),
    "user_status_newest": ([("userId", 1), ("status", 1), *NEWEST], {}),
    "newest": (NEWEST, {}),
    "type_newest": ([("type", 1), *NEWEST], {}),
    "status_newest": ([("status", 1), *NEWEST], {}),
    "overdue": ([("status", 1), ("expiresAt", 1)], PENDING),
    "providerReference_1": ([("providerReference", 1)], {"sparse": True}),
    # Under the name that it has in the existing system.
    "idempotencyKey_1": ([("idempotencyKey", 1)], {"unique": True, "sparse": True}),
    "sold": ([("type", 1), ("metadata.packageId", 1), ("status", 1), ("completedAt", -1)], {}),
}
PACKAGES: Indexes = {
    "shelf": ([("deletedAt", 1), ("isActive", 1), ("sortOrder", 1), ("_id", 1)], {}),
    "order": ([("deletedAt", 1), ("sortOrder", 1), ("_id", 1)], {}),
}
# Providers repeat themselves for days; a payment remembers for ever that it was paid.
REMEMBERED = timedelta(days=90)
EVENTS: Indexes = {
    "forgotten": ("at", {"expireAfterSeconds": int(REMEMBERED.total_seconds())}),
    "payment": ([("paymentId", 1), ("at", 1)], {}),
}


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    for collection, indexes in _made(database, ops):
        for name, (keys, options) in indexes.items():
            collection.create_index(keys, name=name, **options)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; the documents stay."""
    for collection, indexes in _made(database, ops):
        for name in set(indexes) & set(collection.index_information()):
            collection.drop_index(name)


def _made(database: Database, ops: Database) -> list[tuple[Any, Indexes]]:
    return [
        (database["payments"], PAYMENTS),
        (database["coinpackages"], PACKAGES),
        (ops["paymentevents"], EVENTS),
    ]
