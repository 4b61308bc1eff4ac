"""Indexes of uploads, and of the files themselves in the technical database."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
INDEXES: dict[str, tuple[list[tuple[str, int]], dict[str, Any]]] = {
    "newest": ([("userId", ASCENDING), *NEWEST], {}),
    "newest_of_status": ([("userId", ASCENDING), ("status", ASCENDING), *NEWEST], {}),
    "due": ([("expiresAt", ASCENDING)], {"partialFilterExpression": {"storedIn": {"$exists": True}}}),
    "arrived": ([("arrivedAt", ASCENDING)], {"partialFilterExpression": {"arrivedAt": {"$type": "date"}}}),
    "kept": (
        [("status", ASCENDING), ("contentType", ASCENDING)],
        {"partialFilterExpression": {"storedIn": {"$exists": True}}},
    ),
}
KEY = [("fileKey", ASCENDING)]
PIECES = [("files_id", ASCENDING), ("n", ASCENDING)]


def upgrade(database: Database, ops: Database) -> None:
    """Create the indexes; the existing system has the unique one of keys already."""
    uploads = database["uploadsessions"]
    for name, (keys, options) in INDEXES.items():
        uploads.create_index(keys, name=name, **options)
    uploads.create_index(KEY, unique=True)
    ops["media.chunks"].create_index(PIECES, unique=True)


def downgrade(database: Database, ops: Database) -> None:
    """Drop the indexes of uploads; files that people have sent stay where they are."""
    uploads = database["uploadsessions"]
    for name in set(INDEXES) & set(uploads.index_information()):
        uploads.drop_index(name)
    if "files_id_1_n_1" in ops["media.chunks"].index_information() and not ops["media.chunks"].find_one({}, {"_id": 1}):
        ops.drop_collection("media.chunks")
