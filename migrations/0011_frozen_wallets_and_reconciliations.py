"""Indexes of frozen wallets, the richest first, and of the reconciliations, the latest first."""

from pymongo.database import Database

FROZEN = "frozen_richest"
RECONCILIATIONS, LATEST = "reconciliations", "at_-1"


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    keys = [("currency", 1), ("isLocked", 1), ("balance", -1), ("_id", -1)]
    database["wallets"].create_index(keys, name=FROZEN, partialFilterExpression={"isLocked": True})
    ops[RECONCILIATIONS].create_index([("at", -1)], name=LATEST)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made."""
    for collection, name in ((database["wallets"], FROZEN), (ops[RECONCILIATIONS], LATEST)):
        if name in collection.index_information():
            collection.drop_index(name)
