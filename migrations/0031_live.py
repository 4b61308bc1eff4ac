"""Indexes of live streams; one running stream per host, and a sign of life for those that run."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from mixillo.core import clock

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
RUNNING = ["starting", "live", "paused"]
INDEXES: dict[str, list[tuple[str, int]]] = {
    "newest": list(NEWEST),
    "newest_status": [("status", ASCENDING), *NEWEST],
    "newest_host": [("hostId", ASCENDING), *NEWEST],
    "newest_host_status": [("hostId", ASCENDING), ("status", ASCENDING), *NEWEST],
    "since": [("status", ASCENDING), ("statusAt", ASCENDING)],
    "alive": [("status", ASCENDING), ("aliveAt", ASCENDING)],
    "soonest": [("status", ASCENDING), ("scheduledFor", ASCENDING), ("_id", ASCENDING)],
}
# Of what holds for few.
PARTIAL: dict[str, tuple[list[tuple[str, int]], dict[str, Any], bool]] = {
    "running_host": ([("hostId", ASCENDING)], {"status": {"$in": RUNNING}}, True),
    "business_id": ([("streamId", ASCENDING)], {"streamId": {"$gt": ""}}, True),
    "unsettled": ([("isSettled", ASCENDING), ("statusAt", ASCENDING)], {"isSettled": False}, False),
    "featured": ([("isFeatured", ASCENDING)], {"isFeatured": True}, False),
    "given": ([("totalGiftsValue", ASCENDING)], {"totalGiftsValue": {"$gt": 0}}, False),
}


def upgrade(database: Database, ops: Database) -> None:
    """End what a host has running besides the latest, give the rest a sign of life, and create the indexes."""
    streams, now = database["livestreams"], clock.now()
    seen: set[Any] = set()
    for stream in streams.find({"status": {"$in": RUNNING}}, {"hostId": 1}, sort=NEWEST):
        if stream["hostId"] in seen:
            ended = {"status": "ended", "endedAt": now, "currentViewers": 0, "failureReason": "superseded"}
            streams.update_one({"_id": stream["_id"]}, {"$set": ended})
        seen.add(stream["hostId"])
    fresh = {"aliveAt": now, "statusAt": now}
    streams.update_many({"status": {"$in": RUNNING}, "aliveAt": {"$exists": False}}, {"$set": fresh})
    for name, keys in INDEXES.items():
        streams.create_index(keys, name=name)
    for name, (keys, where, is_unique) in PARTIAL.items():
        streams.create_index(keys, name=name, partialFilterExpression=where, unique=is_unique)
    database["liveshoppingsessions"].create_index("livestreamId", unique=True, name="livestreamId_1")
    _index_providers(database)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what it ended stays so."""
    streams = database["livestreams"]
    for name in {*INDEXES, *PARTIAL} & set(streams.index_information()):
        streams.drop_index(name)
    if "in_turn" in database["streamproviders"].index_information():
        database["streamproviders"].drop_index("in_turn")
    if "livestreamId_1" in database["liveshoppingsessions"].index_information():
        database["liveshoppingsessions"].drop_index("livestreamId_1")


def _index_providers(database: Database) -> None:
    """Index who carries media; the existing database has one of the two indexes."""
    providers = database["streamproviders"]
    if not any(index["key"] == [("name", 1)] for index in providers.index_information().values()):
        providers.create_index("name")
    providers.create_index([("enabled", ASCENDING), ("priority", ASCENDING), ("_id", ASCENDING)], name="in_turn")
