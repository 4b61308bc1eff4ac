"""Indexes of posts and of what is done with them; who a post is for and since when, where that is missing."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

LATEST = [("publishedAt", DESCENDING), ("_id", DESCENDING)]
NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
PUBLISHED: dict[str, Any] = {"status": "active", "isDeleted": False}
LISTED = PUBLISHED | {"isPrivate": False}
OF_CONTENTS: dict[str, tuple[list[tuple[str, int]], dict[str, Any] | None]] = {
    "listed_latest": (LATEST, LISTED),
    "listed_views": ([("viewsCount", DESCENDING), ("_id", DESCENDING)], LISTED),
    "listed_hashtag": ([("hashtags", ASCENDING), *LATEST], LISTED),
    "listed_sound": ([("soundId", ASCENDING), *LATEST], LISTED),
    "published_author": ([("userId", ASCENDING), *LATEST], PUBLISHED),
    "author_newest": ([("userId", ASCENDING), ("isDeleted", ASCENDING), *NEWEST], None),
    "scheduled": (
        [("userId", ASCENDING), ("scheduledFor", ASCENDING), ("_id", ASCENDING)],
        {"scheduledFor": {"$type": "date"}},
    ),
    "due": ([("scheduledFor", ASCENDING)], {"scheduledFor": {"$type": "date"}, "status": "draft"}),
}
OF_OTHERS: dict[str, dict[str, list[tuple[str, int]]]] = {
    "likes": {"newest": [("userId", ASCENDING), *NEWEST], "of_content": [("contentId", ASCENDING), *NEWEST]},
    "saves": {
        "newest": [("userId", ASCENDING), *NEWEST],
        "newest_of_collection": [("userId", ASCENDING), ("collection", ASCENDING), *NEWEST],
        "of_content": [("contentId", ASCENDING)],
    },
    "shares": {
        "of_content": [("contentId", ASCENDING), ("sharedAt", DESCENDING)],
        "of_user": [("userId", ASCENDING), ("sharedAt", DESCENDING)],
    },
    "views": {
        "of_content": [("contentId", ASCENDING), ("viewedAt", DESCENDING)],
        "of_user": [("userId", ASCENDING), ("viewedAt", DESCENDING)],
    },
}
PAIR = [("userId", ASCENDING), ("contentId", ASCENDING)]
DAYS_VIEWED = 90


def upgrade(database: Database, ops: Database) -> None:
    """Fill in what is missing, and create the indexes."""
    contents = database["contents"]
    for field, value in (("isDeleted", False), ("isPrivate", False)):
        contents.update_many({field: {"$exists": False}}, {"$set": {field: value}})
    undated = {"status": "active", "publishedAt": None}
    contents.update_many(undated, [{"$set": {"publishedAt": {"$ifNull": ["$createdAt", "$$NOW"]}}}])
    for name, (keys, only) in OF_CONTENTS.items():
        options: dict[str, Any] = {"partialFilterExpression": only} if only else {}
        contents.create_index(keys, name=name, **options)
    for collection, indexes in OF_OTHERS.items():
        for name, keys in indexes.items():
            database[collection].create_index(keys, name=name)
    for collection in ("likes", "saves"):
        database[collection].create_index(PAIR, unique=True)
    _forget_views(database)
    database["recommendationmetadatas"].create_index("userId", unique=True)
    ops["contentviews"].create_index("expiresAt", expireAfterSeconds=0)
    ops["feeds"].create_index("expiresAt", expireAfterSeconds=0)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what it filled in, and what the existing system has too, stays."""
    made = {"contents": list(OF_CONTENTS)} | {name: list(indexes) for name, indexes in OF_OTHERS.items()}
    for collection, names in made.items():
        for name in set(names) & set(database[collection].index_information()):
            database[collection].drop_index(name)
    if "forgotten" in database["views"].index_information():
        database["views"].drop_index("forgotten")
    for collection in ("contentviews", "feeds", "trending"):
        ops.drop_collection(collection)


def _forget_views(database: Database) -> None:
    """Forget views after 90 days; the existing system's index of its own, where it is there, serves as well."""
    if not any("expireAfterSeconds" in index for index in database["views"].index_information().values()):
        database["views"].create_index("viewedAt", name="forgotten", expireAfterSeconds=DAYS_VIEWED * 86_400)
