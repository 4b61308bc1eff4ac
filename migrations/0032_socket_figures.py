"""What sockets did in each minute is forgotten after two days."""

from pymongo.database import Database

SECONDS_KEPT = 172_800


def upgrade(database: Database, ops: Database) -> None:
    """Create the index."""
    ops["socketfigures"].create_index("at", expireAfterSeconds=SECONDS_KEPT)


def downgrade(database: Database, ops: Database) -> None:
    """Forget all of it."""
    ops.drop_collection("socketfigures")
