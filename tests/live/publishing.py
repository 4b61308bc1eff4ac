"""What a media server calls, and what is known of a stream that is published."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock
from tests.factories.live import stored

PATH = "/api/live/callbacks"
Document = dict[str, Any]
Call = Callable[..., Any]
Publish = tuple[str, str]


def key_of(begun: Document) -> str:
    return begun["streamKey"].partition("?key=")[2]


def state(db: Database, begun: Document) -> str:
    return str(stored(db, {"_id": ObjectId(begun["_id"])})["status"])


def age(db: Database, **by: Any) -> None:
    """Make every moment that is kept of publishers older."""
    past = clock.now() - timedelta(**by)
    db["livestreams"].update_many({"publisher.seenAt": {"$exists": True}}, {"$set": {"publisher.seenAt": past}})
    for stream in db["livestreams"].find({"publisher.endsAt": {"$exists": True}}):
        ends = stream["publisher"]["endsAt"] - timedelta(**by)
        db["livestreams"].update_one({"_id": stream["_id"]}, {"$set": {"publisher.endsAt": ends}})
