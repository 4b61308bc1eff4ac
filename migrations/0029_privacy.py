"""One export of somebody's data at a time; accounts that are to be deleted, by their day."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

EXPORTS = "privacyexports"
MADE: dict[str, tuple[list[tuple[str, int]], dict[str, Any]]] = {
    "one_at_a_time": ([("userId", ASCENDING)], {"unique": True, "partialFilterExpression": {"isOpen": True}}),
    "latest": ([("userId", ASCENDING), ("requestedAt", ASCENDING), ("_id", ASCENDING)], {}),
    "by_state": ([("state", ASCENDING), ("requestedAt", ASCENDING)], {}),
}
DUE = "deletion_due"


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    for name, (keys, options) in MADE.items():
        ops[EXPORTS].create_index(keys, name=name, **options)
    dated = {"deletionScheduledFor": {"$type": "date"}}
    database["users"].create_index("deletionScheduledFor", name=DUE, partialFilterExpression=dated)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made, exports that nobody has downloaded included."""
    if DUE in database["users"].index_information():
        database["users"].drop_index(DUE)
    for collection in (EXPORTS, "privacyexportfiles.files", "privacyexportfiles.chunks"):
        ops.drop_collection(collection)
