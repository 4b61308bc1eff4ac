"""Indexes for reading the audit log page by page, also by action, actor or result, however long it is."""

from pymongo.database import Database

COLLECTION, BEFORE = "auditlog", "newest"
PLACE = [("createdAt", -1), ("_id", -1)]
INDEXES = {
    "newest_first": PLACE,
    "newest_of_action": [("action", 1), *PLACE],
    "newest_of_actor": [("actor.name", 1), *PLACE],
    "newest_of_result": [("result", 1), *PLACE],
}


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing, and drop the index that the first of them makes redundant."""
    for name, keys in INDEXES.items():
        ops[COLLECTION].create_index(keys, name=name)
    _drop(ops, BEFORE)


def downgrade(database: Database, ops: Database) -> None:
    """Go back to the one index of before; the entries stay."""
    ops[COLLECTION].create_index([("createdAt", -1)], name=BEFORE)
    for name in INDEXES:
        _drop(ops, name)


def _drop(ops: Database, name: str) -> None:
    if name in ops[COLLECTION].index_information():
        ops[COLLECTION].drop_index(name)
