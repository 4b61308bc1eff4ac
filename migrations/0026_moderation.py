"""Moderation: one open case per thing with its place in the queue, indexes in the order of the lists."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
URGENT = [("rank", DESCENDING), ("createdAt", ASCENDING), ("_id", ASCENDING)]
THING = [("contentType", ASCENDING), ("contentId", ASCENDING)]
PRIORITIES = ("low", "medium", "high", "urgent")
OPEN_REPORTS = ["pending", "under_review"]
INDEXES: dict[str, dict[str, list[tuple[str, int]]]] = {
    "reports": {
        "newest": NEWEST,
        "status_newest": [("status", ASCENDING), *NEWEST],
        "reporter_newest": [("reporterId", ASCENDING), *NEWEST],
        "thing_newest": [("reportedId", ASCENDING), *NEWEST],
        "person_newest": [("reportedUserId", ASCENDING), *NEWEST],
    },
    "moderationqueues": {
        "queue": [("status", ASCENDING), *URGENT],
        "urgent": URGENT,
        "owner": [("ownerId", ASCENDING)],
    },
    "strikes": {
        "newest": NEWEST,
        "user_newest": [("userId", ASCENDING), *NEWEST],
        "counting": [("isActive", ASCENDING), ("expiresAt", ASCENDING)],
        "issuer": [("issuedBy", ASCENDING)],
    },
}
ONE_OPEN, SUSPENDED = "one_open", "suspended_until"


def upgrade(database: Database, ops: Database) -> None:
    """Give cases their place in the queue, reports without a case one, and create the indexes."""
    cases = database["moderationqueues"]
    _fill_in(database)
    open_ones: dict[str, Any] = {"partialFilterExpression": {"isOpen": True}}
    cases.create_index(THING, name=ONE_OPEN, unique=True, **open_ones)
    _open_cases(database)
    for collection, indexes in INDEXES.items():
        for name, keys in indexes.items():
            database[collection].create_index(keys, name=name)
    timed: dict[str, Any] = {"partialFilterExpression": {"suspendedUntil": {"$type": "date"}}}
    keys = [("status", ASCENDING), ("suspendedUntil", ASCENDING)]
    database["users"].create_index(keys, name=SUSPENDED, **timed)


def downgrade(database: Database, ops: Database) -> None:
    """Drop the indexes; what was filled in stays."""
    made = {name: list(indexes) for name, indexes in INDEXES.items()}
    made["moderationqueues"].append(ONE_OPEN)
    for collection, names in (made | {"users": [SUSPENDED]}).items():
        for name in set(names) & set(database[collection].index_information()):
            database[collection].drop_index(name)


def _fill_in(database: Database) -> None:
    cases = database["moderationqueues"]
    for rank, priority in enumerate(PRIORITIES):
        cases.update_many({"rank": {"$exists": False}, "priority": priority}, {"$set": {"rank": rank}})
    cases.update_many({"rank": {"$exists": False}}, {"$set": {"rank": 1}})
    stages: list[dict[str, Any]] = [
        {"$match": {"status": {"$in": ["pending", "in_review"]}, "isOpen": {"$exists": False}}},
        {"$sort": {"createdAt": 1, "_id": 1}},
        {"$group": {"_id": {"type": "$contentType", "id": "$contentId"}, "last": {"$last": "$_id"}}},
    ]
    for found in cases.aggregate(stages):
        there = {"contentType": found["_id"]["type"], "contentId": found["_id"]["id"], "isOpen": True}
        if cases.find_one(there, {"_id": 1}) is None:
            cases.update_one({"_id": found["last"]}, {"$set": {"isOpen": True}})
    cases.update_many({"isOpen": {"$exists": False}}, {"$set": {"isOpen": False}})


def _open_cases(database: Database) -> None:
    """Open a case for what open reports are about, where there is none yet."""
    reports, cases = database["reports"], database["moderationqueues"]
    stages: list[dict[str, Any]] = [
        {"$match": {"status": {"$in": OPEN_REPORTS}}},
        {
            "$group": {
                "_id": {"type": "$reportedType", "id": "$reportedId"},
                "reportedBy": {"$addToSet": "$reporterId"},
                "reasons": {"$addToSet": "$reason"},
                "reportCount": {"$sum": 1},
                "createdAt": {"$min": "$createdAt"},
                "ownerId": {"$first": "$reportedUserId"},
            }
        },
    ]
    for found in reports.aggregate(stages):
        thing = found.pop("_id")
        there = {"contentType": thing["type"], "contentId": thing["id"], "isOpen": True}
        found["reportedBy"] = found["reportedBy"][-100:]
        new = found | {"priority": "medium", "rank": 1, "status": "pending", "updatedAt": found["createdAt"]}
        cases.update_one(there, {"$setOnInsert": new}, upsert=True)
