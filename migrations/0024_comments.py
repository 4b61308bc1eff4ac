"""Comments: their status, one level of replies, counters that equal the rows, indexes in the order of their lists."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
PINNED = [("contentId", ASCENDING), ("isPinned", DESCENDING)]
APPROVED: dict[str, Any] = {"status": "approved"}
THREADS = APPROVED | {"parentId": None}
INDEXES: dict[str, tuple[list[tuple[str, int]], dict[str, Any] | None]] = {
    "threads_newest": ([*PINNED, *NEWEST], THREADS),
    "threads_oldest": ([*PINNED, ("createdAt", ASCENDING), ("_id", ASCENDING)], THREADS),
    "threads_top": ([*PINNED, ("likesCount", DESCENDING), ("_id", DESCENDING)], THREADS),
    "replies": ([("parentId", ASCENDING), ("createdAt", ASCENDING), ("_id", ASCENDING)], APPROVED),
    "author_newest": ([("userId", ASCENDING), *NEWEST], None),
    "content_newest": ([("contentId", ASCENDING), *NEWEST], None),
    "status_newest": ([("status", ASCENDING), *NEWEST], None),
    "reported_newest": (NEWEST, {"isReported": True}),
    "newest": (NEWEST, None),
}
ONE_PINNED = "one_pinned"
WORDS = "words"
AT_ONCE = 1_000


def upgrade(database: Database, ops: Database) -> None:
    """Fill in what is missing, count what is shown, and create the indexes."""
    comments = database["comments"]
    _fill_in(comments)
    _flatten(comments)
    _leave_one_pinned(comments)
    _count(comments, "parentId", {"status": "approved", "parentId": {"$ne": None}}, comments, "repliesCount")
    _count_posts(comments, database["contents"])
    for name, (keys, only) in INDEXES.items():
        options: dict[str, Any] = {"partialFilterExpression": only} if only else {}
        comments.create_index(keys, name=name, **options)
    pinned: dict[str, Any] = {"partialFilterExpression": {"isPinned": True}}
    comments.create_index([("contentId", ASCENDING)], name=ONE_PINNED, unique=True, **pinned)
    comments.create_index([("text", "text")], name=WORDS, default_language="none")
    # The existing system has it too.
    database["settings"].create_index("key", unique=True)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what it filled in stays."""
    there = database["comments"].index_information()
    for name in [*INDEXES, ONE_PINNED, WORDS]:
        if name in there:
            database["comments"].drop_index(name)


def _fill_in(comments: Collection) -> None:
    new = {"status": {"$exists": False}}
    removed = new | {"deletedAt": {"$type": "date"}}
    comments.update_many(removed, {"$set": {"status": "removed", "isHidden": True, "isPinned": False}})
    comments.update_many(new | {"isHidden": True}, {"$set": {"status": "blocked", "isPinned": False}})
    shown = {"status": "approved", "isHidden": False, "publishedAt": "$createdAt"}
    comments.update_many(new, [{"$set": shown}])
    for field in ("likesCount", "repliesCount"):
        comments.update_many({field: None}, {"$set": {field: 0}})
    comments.update_many({"isPinned": {"$nin": [True, False]}}, {"$set": {"isPinned": False}})


def _flatten(comments: Collection) -> None:
    """Put replies to replies below the comment on top of their thread; again until none is left."""
    lookup = {"from": "comments", "localField": "parentId", "foreignField": "_id", "as": "parent"}
    stages: list[dict[str, Any]] = [
        {"$match": {"parentId": {"$type": "objectId"}}},
        {"$lookup": lookup},
        {"$match": {"parent.parentId": {"$type": "objectId"}}},
        {"$project": {"parentId": 1, "above": {"$first": "$parent.parentId"}}},
    ]
    # A thread that runs in a circle has no top; so many levels are enough for every other.
    for _ in range(50):
        steps = [
            UpdateOne({"_id": found["_id"]}, {"$set": {"parentId": found["above"], "replyToId": found["parentId"]}})
            for found in comments.aggregate(stages)
            if found["above"] != found["_id"]
        ]
        if not steps:
            return
        comments.bulk_write(steps, ordered=False)


def _leave_one_pinned(comments: Collection) -> None:
    stages: list[dict[str, Any]] = [
        {"$match": {"isPinned": True}},
        {"$sort": {"createdAt": -1, "_id": -1}},
        {"$group": {"_id": "$contentId", "ids": {"$push": "$_id"}}},
        {"$match": {"ids.1": {"$exists": True}}},
    ]
    for found in comments.aggregate(stages):
        comments.update_many({"_id": {"$in": found["ids"][1:]}}, {"$set": {"isPinned": False}})


def _count(rows: Collection, by: str, where: dict[str, Any], counted: Collection, counter: str) -> None:
    """Make ``counter`` what there is of ``rows`` for each document; only where it is something else."""
    found = rows.aggregate([{"$match": where}, {"$group": {"_id": f"${by}", "number": {"$sum": 1}}}])
    _set(counted, counter, {each["_id"]: each["number"] for each in found})


def _count_posts(comments: Collection, contents: Collection) -> None:
    """Count for each post what is shown: approved comments with their approved replies."""
    shown = {"$sum": {"$add": [1, "$repliesCount"]}}
    found = comments.aggregate([{"$match": THREADS}, {"$group": {"_id": "$contentId", "number": shown}}])
    _set(contents, "commentsCount", {each["_id"]: each["number"] for each in found})


def _set(documents: Collection, counter: str, numbers: dict[Any, int]) -> None:
    documents.update_many({"_id": {"$nin": list(numbers)}, counter: {"$nin": [0, None]}}, {"$set": {counter: 0}})
    steps = [UpdateOne({"_id": each, counter: {"$ne": n}}, {"$set": {counter: n}}) for each, n in numbers.items()]
    for start in range(0, len(steps), AT_ONCE):
        documents.bulk_write(steps[start : start + AT_ONCE], ordered=False)
