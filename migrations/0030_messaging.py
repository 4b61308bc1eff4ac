"""Indexes of conversations and messages; what conversations of the existing database lack.

Each person in a conversation gets a standing, which says whether it is put away, and when they last wrote there. The
copy of what was said last goes: what is taken back, or whose author is gone, is not to be found there any more.
"""

from collections.abc import Iterator
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.database import Database

RECENT = [("updatedAt", DESCENDING), ("_id", DESCENDING)]
INDEXES: dict[str, dict[str, list[tuple[str, int]]]] = {
    "conversations": {
        "standing_recent": [
            ("participantStatus.userId", ASCENDING), ("participantStatus.isArchived", ASCENDING), *RECENT,
        ],
        "participants_recent": [("participants", ASCENDING), *RECENT],
    },
    "messages": {
        "talk_newest": [("conversationId", ASCENDING), ("createdAt", DESCENDING), ("_id", DESCENDING)],
    },
}  # fmt: skip
AT_ONCE = 500


def upgrade(database: Database, ops: Database) -> None:
    """Create the indexes, and complete what is there."""
    for collection, indexes in INDEXES.items():
        for name, keys in indexes.items():
            database[collection].create_index(keys, name=name)
    database["conversations"].update_many({"lastMessage": {"$exists": True}}, {"$unset": {"lastMessage": ""}})
    changes: list[UpdateOne] = []
    for talk in database["conversations"].find({}, {"participants": 1, "participantStatus": 1, "createdAt": 1}):
        standings = list(_standings(database, talk))
        if standings != (talk.get("participantStatus") or []):
            changes.append(UpdateOne({"_id": talk["_id"]}, {"$set": {"participantStatus": standings}}))
        if len(changes) == AT_ONCE:
            database["conversations"].bulk_write(changes, ordered=False)
            changes = []
    if changes:
        database["conversations"].bulk_write(changes, ordered=False)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; standings stay as they are."""
    for collection, indexes in INDEXES.items():
        for name in set(indexes) & set(database[collection].index_information()):
            database[collection].drop_index(name)


def _standings(database: Database, talk: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the standing of each who is in a conversation, or was."""
    stored = {each["userId"]: each for each in talk.get("participantStatus") or [] if each.get("userId")}
    people = dict.fromkeys([*stored, *(talk.get("participants") or [])])
    made = {"unreadCount": 0, "isMuted": False, "isArchived": False, "joinedAt": talk.get("createdAt")}
    for user_id in people:
        standing = {"userId": user_id} | made | stored.get(user_id, {})
        if "lastSentAt" not in standing and (last := _last_sent(database, talk["_id"], user_id)):
            standing["lastSentAt"] = last
        yield standing


def _last_sent(database: Database, conversation_id: Any, user_id: Any) -> Any:
    where = {"conversationId": conversation_id, "senderId": user_id}
    found = database["messages"].find_one(where, {"createdAt": 1}, sort=[("createdAt", DESCENDING)], hint="talk_newest")
    return found["createdAt"] if found else None
