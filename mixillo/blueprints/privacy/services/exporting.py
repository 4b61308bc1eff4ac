"""Exports of one's own data: asked for, collected in the background, taken once.

A document of the collection ``privacyexports`` of the technical database::

    {_id, userId, state, requestedAt, claimedAt, readyAt, expiresAt, documents, sizeBytes, fileId}

``state`` is ``waiting``, ``running``, ``ready`` (the file is there), ``taken``, ``failed`` or ``expired``.
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from bson import ObjectId
from gridfs import GridFSBucket
from gridfs.errors import NoFile
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.privacy.services import collecting
from mixillo.core import audit_log, clock
from mixillo.core.db import ops_database
from mixillo.errors import Conflict, NotFound
from mixillo.ops import jobs
from mixillo.ops.jobs import JobRunning, Report

log = structlog.get_logger(__name__)
Document = dict[str, Any]
COLLECTION, BUCKET, KIND = "privacyexports", "privacyexportfiles", "privacy.export"
WAITING, RUNNING, READY, TAKEN, FAILED, EXPIRED = STATES = (
    "waiting", "running", "ready", "taken", "failed", "expired",
)  # fmt: skip
KEPT = timedelta(days=7)
# Whoever claimed one and has not finished by then is gone.
ABANDONED_AFTER = timedelta(hours=1)
MOST_LISTED = 100
# In memory up to here, in a temporary file beyond.
IN_MEMORY = 1024 * 1024
SHOWN = ("_id", "state", "requestedAt", "readyAt", "expiresAt", "documents", "sizeBytes")


class ExportNotFound(NotFound):
    """There is no such export of this person."""

    code, title = "export_not_found", "There is no such export"


class ExportNotReady(Conflict):
    """The export is not there yet, or not any more."""

    code, title = "export_not_ready", "The export cannot be downloaded"


def exports() -> Collection:
    """Return the stored exports."""
    return ops_database()[COLLECTION]


def request(user_id: ObjectId) -> Document:
    """Ask for an export and return it; one that is on its way, or waits to be taken, is returned instead."""
    now = clock.now()
    # One at a time for each person, by a unique index.
    document = {
        "_id": ObjectId(), "userId": user_id, "state": WAITING, "isOpen": True, "requestedAt": now,
        "claimedAt": None, "readyAt": None, "expiresAt": now + KEPT, "documents": None, "sizeBytes": None,
        "fileId": None,
    }  # fmt: skip
    try:
        exports().insert_one(document)
    except DuplicateKeyError:
        found = exports().find_one({"userId": user_id, "isOpen": True})
        if found:
            return _shown(found)
        raise ExportNotReady("The one before has ended just now; ask again.") from None
    begin()
    return _shown(document)


def begin() -> None:
    """Let what waits be collected in the background, unless that is being done."""
    with suppress(JobRunning):
        jobs.start(ops_database(), KIND, collect_waiting, actor=audit_log.SYSTEM)


def listing(user_id: ObjectId) -> list[Document]:
    """Return somebody's exports, the latest first."""
    found = exports().find({"userId": user_id}, sort=[("requestedAt", -1), ("_id", -1)], limit=MOST_LISTED)
    return [_shown(each) for each in found]


def find(user_id: ObjectId, export_id: ObjectId) -> Document:
    """Return an export.

    :raises ExportNotFound: there is none of this person's.
    """
    found = exports().find_one({"_id": export_id, "userId": user_id})
    if found is None:
        raise ExportNotFound
    return _shown(found)


def take(user_id: ObjectId, export_id: ObjectId) -> Iterator[bytes]:
    """Yield the file of an export, which is gone afterwards.

    :raises ExportNotFound: there is none of this person's.
    :raises ExportNotReady: it is not there yet, was taken, or expired.
    """
    ready = {"_id": export_id, "userId": user_id, "state": READY, "expiresAt": {"$gt": clock.now()}}
    taken = {"$set": {"state": TAKEN}, "$unset": {"isOpen": ""}}
    found = exports().find_one_and_update(ready, taken)
    if found is None:
        state = find(user_id, export_id)["state"]
        raise ExportNotReady(f"It is {state}." if state != READY else "It has expired.")
    return _file(found["fileId"])


def collect_waiting(report: Report) -> Document:
    """Collect what waits, one after the other; the work of a job, whose result is ``{collected}``."""
    done = 0
    while export := _claim():
        report(done, done + 1, str(export["_id"]))
        try:
            _collect(export, report)
        except Exception as error:
            exports().update_one({"_id": export["_id"]}, {"$set": {"state": FAILED}, "$unset": {"isOpen": ""}})
            log.warning("export_failed", export=str(export["_id"]), exc_info=error)
        done += 1
    return {"collected": done}


def look_after() -> None:
    """Let go what nobody took in time, and go on with what was left behind."""
    now = clock.now()
    over = {"state": {"$in": [READY, TAKEN, FAILED]}, "expiresAt": {"$lte": now}, "fileId": {"$ne": None}}
    for export in exports().find(over):
        _remove_file(export["fileId"])
        gone = {"$set": {"state": EXPIRED if export["state"] == READY else export["state"], "fileId": None}}
        exports().update_one({"_id": export["_id"]}, gone | {"$unset": {"isOpen": ""}})
    left = {"state": RUNNING, "claimedAt": {"$lt": now - ABANDONED_AFTER}}
    exports().update_many(left, {"$set": {"state": WAITING}})
    if exports().find_one({"state": WAITING}, {"_id": 1}):
        begin()


def forget(user_id: ObjectId) -> None:
    """Remove somebody's exports."""
    for export in exports().find({"userId": user_id}):
        if export["fileId"]:
            _remove_file(export["fileId"])
    exports().delete_many({"userId": user_id})


def _claim() -> Document | None:
    claimed = {"$set": {"state": RUNNING, "claimedAt": clock.now()}}
    found: Document | None = exports().find_one_and_update(
        {"state": WAITING}, claimed, sort=[("requestedAt", 1)], return_document=ReturnDocument.AFTER
    )
    return found


def _collect(export: Document, report: Report) -> None:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        documents = collecting.write(file, export["userId"], report)
        size = file.tell()
        file.seek(0)
        file_id = _bucket().upload_from_stream(f"{export['_id']}.zip", file)
    now = clock.now()
    ready = {
        "state": READY, "readyAt": now, "expiresAt": now + KEPT, "documents": documents, "sizeBytes": size,
        "fileId": file_id,
    }  # fmt: skip
    if not exports().update_one({"_id": export["_id"], "state": RUNNING}, {"$set": ready}).matched_count:
        _remove_file(file_id)  # its owner is gone meanwhile


def _file(file_id: ObjectId) -> Iterator[bytes]:
    with _bucket().open_download_stream(file_id) as stream:
        while chunk := stream.readchunk():
            yield chunk
    _remove_file(file_id)


def _remove_file(file_id: ObjectId) -> None:
    with suppress(NoFile):
        _bucket().delete(file_id)


def _bucket() -> GridFSBucket:
    return GridFSBucket(ops_database(), BUCKET)


def _shown(export: Document) -> Document:
    return {"id": export["_id"]} | {name: export[name] for name in SHOWN}
