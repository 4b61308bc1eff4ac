"""The index of the frozen reports, the newest first."""

from pymongo.database import Database

COLLECTION, NAME = "reports", "newest"


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    ops[COLLECTION].create_index([("createdAt", -1), ("_id", -1)], name=NAME)


def downgrade(database: Database, ops: Database) -> None:
    """Drop the index; the reports stay."""
    if NAME in ops[COLLECTION].index_information():
        ops[COLLECTION].drop_index(NAME)
