"""What was told in which room is forgotten after a day, and who was there after minutes."""

from pymongo.database import Database

SECONDS_KEPT = 86_400
SECONDS_SAID = 300


def upgrade(database: Database, ops: Database) -> None:
    """Create the indexes."""
    ops["roomevents"].create_index("at", expireAfterSeconds=SECONDS_KEPT)
    ops["presence"].create_index("at", expireAfterSeconds=SECONDS_SAID)


def downgrade(database: Database, ops: Database) -> None:
    """Forget all of it."""
    for collection in ("roomevents", "presence"):
        ops.drop_collection(collection)
