"""Indexes of stories; who has seen them, in rows of their own."""

from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
OF_STORIES: dict[str, list[tuple[str, int]]] = {
    "alive": [("userId", ASCENDING), ("expiresAt", DESCENDING)],
    "newest": list(NEWEST),
    "newest_author": [("userId", ASCENDING), *NEWEST],
}


def upgrade(database: Database, ops: Database) -> None:
    """Move viewers out of the documents, and create the indexes."""
    stories = database["stories"]
    for story in stories.find({"viewers": {"$exists": True}}, {"viewers": 1, "expiresAt": 1, "createdAt": 1}):
        _move_viewers(database, story)
    for name, keys in OF_STORIES.items():
        stories.create_index(keys, name=name)
    indexes = stories.index_information().values()
    if not any(index["key"] == [("expiresAt", 1)] and "expireAfterSeconds" in index for index in indexes):
        stories.create_index("expiresAt", name="over", expireAfterSeconds=0)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; viewers stay in their rows, where the counters agree with them."""
    names = {*OF_STORIES, "over"} & set(database["stories"].index_information())
    for name in names:
        database["stories"].drop_index(name)


def _move_viewers(database: Database, story: dict[str, Any]) -> None:
    """Give each viewer of a story a row; done again it finds them there."""
    rows = database["storyviews"]
    seen = {viewer["userId"]: viewer.get("viewedAt") for viewer in story["viewers"] or [] if viewer.get("userId")}
    if seen:
        rows.create_index([("userId", ASCENDING), ("storyId", ASCENDING)], unique=True)
        rows.create_index([("storyId", ASCENDING), ("viewedAt", DESCENDING), ("_id", DESCENDING)], name="viewers")
        rows.create_index("expiresAt", expireAfterSeconds=0)
    for user_id, at in seen.items():
        pair = {"userId": user_id, "storyId": story["_id"]}
        moment = at or story["createdAt"]
        made = {"_id": ObjectId(), "viewedAt": moment, "createdAt": moment, "expiresAt": story["expiresAt"]}
        rows.update_one(pair, {"$setOnInsert": made}, upsert=True)
    database["stories"].update_one(
        {"_id": story["_id"]}, {"$set": {"viewsCount": len(seen)}, "$unset": {"viewers": ""}}
    )
