"""Indexes of tracked events and of the figures of days, and of what these are reckoned from, by its time.

Those of the existing system are made under its names, where they are needed. The three of the events hold all that
counting kinds of events and people needs, so that it reads no events.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

MADE: dict[str, dict[str, list[tuple[str, int]]]] = {
    "eventtrackings": {
        "latest": [("timestamp", DESCENDING), ("eventType", ASCENDING), ("user", ASCENDING)],
        "latest_of_type": [("eventType", ASCENDING), ("timestamp", DESCENDING), ("user", ASCENDING)],
        "latest_of_user": [("user", ASCENDING), ("timestamp", DESCENDING), ("eventType", ASCENDING)],
    },
    "users": {
        "counted": [("createdAt", ASCENDING), ("isVerified", ASCENDING), ("isSeller", ASCENDING)],
        "deleted": [("deletedAt", ASCENDING)],
    },
    "likes": {"by_time": [("createdAt", ASCENDING)]},
    "follows": {"by_time": [("createdAt", ASCENDING)]},
    "shares": {"by_time": [("sharedAt", ASCENDING)]},
    "livestreams": {"by_time": [("startedAt", ASCENDING)]},
}
# As Mongoose has them.
FIGURES: dict[str, list[tuple[list[tuple[str, int]], dict[str, Any]]]] = {
    "platformanalytics": [
        ([("date", ASCENDING), ("period", ASCENDING)], {"unique": True}),
        ([("period", ASCENDING), ("date", DESCENDING)], {}),
    ],
    "useranalytics": [
        ([("user", ASCENDING), ("date", ASCENDING)], {"unique": True}),
        ([("date", ASCENDING)], {}),
    ],
}


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    for collection, indexes in MADE.items():
        for name, keys in indexes.items():
            database[collection].create_index(keys, name=name)
    for collection, plain in FIGURES.items():
        for keys, options in plain:
            database[collection].create_index(keys, **options)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what the existing system has too stays."""
    for collection, indexes in MADE.items():
        for name in set(indexes) & set(database[collection].index_information()):
            database[collection].drop_index(name)
    ops.drop_collection("rollups")
