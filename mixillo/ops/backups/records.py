"""What the dashboard knows of backups: a record of each in the ops collection ``backups``.

A record is ``{_id, name, location, state, startedAt, createdAt, snapshotAt, size, documents, seconds, error,
verifiedAt, verified, verificationError, removedAt}``; ``state`` is ``running``, ``done``, ``failed`` or
``interrupted``. The storage itself says what there is; the records are not part of a backup.
"""

from typing import Any

from bson import ObjectId
from pymongo import WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.backups.manifest import Manifest

COLLECTION = "backups"
RUNNING, DONE, FAILED, INTERRUPTED = "running", "done", "failed", "interrupted"

Record = dict[str, Any]


def latest(ops: Database) -> Record | None:
    """Return the newest backup that succeeded and is still kept."""
    return ops[COLLECTION].find_one({"state": DONE, "removedAt": None}, sort=[("createdAt", -1), ("_id", -1)])


def latest_verified(ops: Database) -> Record | None:
    """Return the kept backup that was last verified with success."""
    good = {"state": DONE, "removedAt": None, "verified": True}
    return ops[COLLECTION].find_one(good, sort=[("verifiedAt", -1), ("_id", -1)])


def history(ops: Database, limit: int = 50) -> list[Record]:
    """Return the newest records whatever came of them, the newest first."""
    return list(ops[COLLECTION].find().sort([("startedAt", -1), ("_id", -1)]).limit(limit))


def anchor(ops: Database) -> Collection:
    """Return the collection of the records, for durable writes."""
    return ops[COLLECTION].with_options(write_concern=WriteConcern("majority"))


def begin(ops: Database, name: str, location: str) -> ObjectId:
    """Record that a backup is being made; the caller is the only one who makes one now."""
    anchor(ops).update_many({"state": RUNNING}, {"$set": {"state": INTERRUPTED, "error": "Its process is gone."}})
    record = {"name": name, "location": location, "state": RUNNING, "startedAt": clock.now(), "removedAt": None}
    found: ObjectId = anchor(ops).insert_one(record).inserted_id
    return found


def succeed(ops: Database, record_id: ObjectId, manifest: Manifest) -> None:
    """Record that the backup is complete."""
    figures = {
        "state": DONE,
        "createdAt": manifest.created_at,
        "snapshotAt": manifest.snapshot_at,
        "size": manifest.stored_bytes,
        "documents": manifest.documents,
        "seconds": manifest.seconds,
        "error": None,
    }
    anchor(ops).update_one({"_id": record_id}, {"$set": figures})


def fail(ops: Database, record_id: ObjectId, reason: str) -> None:
    """Record why there is no backup."""
    anchor(ops).update_one({"_id": record_id}, {"$set": {"state": FAILED, "error": reason, "createdAt": clock.now()}})


def note_verification(ops: Database, location: str, manifest: Manifest | None, error: str | None) -> None:
    """Record what came of verifying the backup at ``location``, also of one that another system made."""
    outcome: Record = {"verifiedAt": clock.now(), "verified": error is None, "verificationError": error}
    if ops[COLLECTION].update_one({"location": location}, {"$set": outcome}).matched_count or manifest is None:
        return
    known = {"name": manifest.name, "location": location, "startedAt": manifest.snapshot_at, "removedAt": None}
    record_id = ops[COLLECTION].insert_one(known | outcome).inserted_id
    succeed(ops, record_id, manifest)


def note_removal(ops: Database, location: str) -> None:
    """Record that the backup is no longer kept."""
    ops[COLLECTION].update_many({"location": location}, {"$set": {"removedAt": clock.now()}})
