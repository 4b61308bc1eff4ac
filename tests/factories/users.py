"""People."""

from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.users.models import Follow, User
from mixillo.core.passwords import hash_password

PASSWORD = "correct horse battery"
PASSWORD_HASH = hash_password(PASSWORD)
_numbers = count(1)


def make_user(db: Database, **fields: Any) -> dict[str, Any]:
    """Store an active user (password ``PASSWORD``) and return the document; ``fields`` are stored as given."""
    number = next(_numbers)
    username = fields.get("username", f"person_{number}")
    defaults = {"username": username, "email": f"{username.lower()}@example.com", "fullName": f"Person {number}"}
    document = User(**defaults | {"password": PASSWORD_HASH}).to_mongo().to_dict() | fields
    db["users"].insert_one(document)
    return document


def make_follow(db: Database, follower: dict[str, Any], followed: dict[str, Any]) -> None:
    """Let the first follow the second, counters included."""
    pair = Follow(followerId=follower["_id"], followingId=followed["_id"])
    db["follows"].insert_one(pair.to_mongo().to_dict())
    db["users"].update_one({"_id": follower["_id"]}, {"$inc": {"followingCount": 1}})
    db["users"].update_one({"_id": followed["_id"]}, {"$inc": {"followersCount": 1}})


def counters(db: Database, user: dict[str, Any]) -> tuple[int, int]:
    """Return a person's stored numbers of followers and followed."""
    stored = db["users"].find_one({"_id": user["_id"]})
    return stored["followersCount"], stored["followingCount"]


def unknown_id() -> ObjectId:
    """Return an id that nothing has."""
    return ObjectId()
