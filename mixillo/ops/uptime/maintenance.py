"""Maintenance windows: announced times that count neither as up nor as down."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock
from mixillo.errors import ValidationFailed

COLLECTION = "maintenance"


@dataclass(frozen=True)
class Maintenance:
    """One announced window."""

    id: ObjectId
    start: datetime
    end: datetime
    reason: str
    by: str


def announce(ops: Database, start: datetime, end: datetime, reason: str, *, by: str) -> Maintenance:
    """Announce a window and return it.

    :raises ValidationFailed: it ends before it begins.
    """
    if end <= start:
        raise ValidationFailed.of("end", "Must be after the start.")
    document = {"start": start, "end": end, "reason": reason, "by": by, "createdAt": clock.now()}
    added = ops[COLLECTION].insert_one(document)
    return Maintenance(added.inserted_id, start, end, reason, by)


def cancel(ops: Database, window: ObjectId) -> bool:
    """Take a window back; return whether there was one."""
    return ops[COLLECTION].delete_one({"_id": window}).deleted_count == 1


def windows(ops: Database, since: datetime, until: datetime | None = None) -> list[Maintenance]:
    """Return the windows that reach into the time from ``since`` to ``until`` (or are still to come), in order."""
    where: dict[str, object] = {"end": {"$gt": since}}
    if until:
        where["start"] = {"$lt": until}
    found = ops[COLLECTION].find(where, sort=[("start", 1)])
    return [Maintenance(w["_id"], w["start"], w["end"], w["reason"], w["by"]) for w in found]
