"""Exports of one's own data: asked for, collected in the background, taken once.

A document of the collection ``privacyexports`` of the technical database::

    {_id, userId, state, requestedAt, claimedAt, readyAt, expiresAt, documents, sizeBytes, fileId}

``state`` is ``waiting``, ``running``, ``ready`` (the file is there), ``taken``, ``failed`` or ``expired``.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import IO, Any

import structlog
from bson import ObjectId
from gridfs import GridFSBucket
from gridfs.errors import NoFile
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.privacy.services.owning import owned
from mixillo.core import audit_log, clock, json
from mixillo.core.db import database, ops_database
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
AT_ONCE = 200
# In memory up to here, in a temporary file beyond.
IN_MEMORY = 1024 * 1024
SHOWN = ("_id", "state", "requestedAt", "readyAt", "expiresAt", "documents", "sizeBytes")
# Never in an export: secrets of the account, and whoever wanted to stay unknown.
SECRET = {
    "users": ("password", "verificationToken", "verificationTokenExpire", "resetPasswordToken", "resetPasswordExpire",
              "fcmTokens", "firebaseUid"),
    "reports": ("reviewNotes", "reviewedBy"),
    "payments": ("stripeClientSecret", "idempotencyKey"),
    "strikes": ("issuedBy",),
    "sessions": ("jti", "previousJti"),
    "orders": ("statusHistory",),
}  # fmt: skip
README = (
    "Everything that Mixillo keeps under your account, one file for each kind of document, as it is stored.\n"
    "Left out are secrets (your password's hash, tokens), and who sent you something without giving a name.\n"
)


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
    found = exports().find({"userId": user_id}, sort=[("requestedAt", -1), ("_id", -1)], limit=AT_ONCE)
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
        documents = _write(file, export["userId"], report)
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


def _write(file: IO[bytes], user_id: ObjectId, report: Report) -> int:
    """Write somebody's documents as a ZIP of JSON files and return how many there were."""
    total = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        for name, documents in _documents(user_id):
            separator, count = b"[", 0
            with archive.open(f"{name}.json", "w", force_zip64=True) as part:
                for document in documents:
                    part.write(separator + json.dumps(_readable(document)))
                    separator, count = b",\n", count + 1
                    if count % AT_ONCE == 0:
                        report(total + count, 0, name)  # and let others be answered: packing is work
                part.write(b"[]" if separator == b"[" else b"]")
            total += count
    return total


def _documents(user_id: ObjectId) -> Iterator[tuple[str, Iterator[Document]]]:
    """Yield the name of each kind of somebody's documents, and these; kinds without any are left out."""
    yield "profile", _found(database()["users"], {"_id": user_id}, "users", user_id)
    yield "sessions", _found(ops_database()["sessions"], {"userId": user_id}, "sessions", user_id)
    fields: dict[str, list[str]] = {}
    for reference in owned():
        fields.setdefault(reference.collection, []).append(reference.path)
    there = set(database().list_collection_names())
    for name in sorted(fields.keys() & there):
        where = {"$or": [{path: user_id} for path in fields[name]]}
        if database()[name].find_one(where, {"_id": 1}):
            yield name, _found(database()[name], where, name, user_id)


def _found(collection: Collection, where: Document, name: str, user_id: ObjectId) -> Iterator[Document]:
    for document in collection.find(where, batch_size=AT_ONCE):
        for field in SECRET.get(name, ()):
            document.pop(field, None)
        if document.get("isAnonymous") and document.get("senderId") != user_id:
            document.pop("senderId", None)
            document.pop("walletTransactionId", None)
        yield document


def _readable(value: Any) -> Any:
    """Return ``value`` with bytes, of which JSON knows nothing, as hexadecimal digits."""
    if isinstance(value, dict):
        return {name: _readable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return value.hex() if isinstance(value, bytes) else value


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
