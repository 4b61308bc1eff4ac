"""Indexes of sessions, wrong guesses and idempotency keys, in Mixillo's own database.

Sessions and guesses are told apart by their ids; the rest is that all three are forgotten when they expire.
"""

from pymongo.database import Database

EXPIRING = ("sessions", "loginfailures", "idempotencykeys")


def upgrade(database: Database, ops: Database) -> None:
    """Build what is missing."""
    for name in EXPIRING:
        ops[name].create_index("expiresAt", expireAfterSeconds=0)
    ops["sessions"].create_index([("userId", 1), ("lastSeenAt", -1), ("_id", -1)])
    ops["sessions"].create_index([("userId", 1), ("network", 1)])


def downgrade(database: Database, ops: Database) -> None:
    """Drop the indexes; the documents stay."""
    added = {name: ["expiresAt_1"] for name in EXPIRING}
    added["sessions"] += ["userId_1_lastSeenAt_-1__id_-1", "userId_1_network_1"]
    for name, indexes in added.items():
        for index in set(indexes) & set(ops[name].index_information()):
            ops[name].drop_index(index)
