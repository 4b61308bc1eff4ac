"""Moving events out of the database and back.

First everything is written and read again; only then is it deleted, each document only if it is still the same
to the byte. Whatever is interrupted, each document is in the database or in a finished archive, or in both.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pymongo
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database

from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.errors import Conflict, ValidationFailed
from mixillo.ops.archive import files
from mixillo.ops.archive.candidates import DAYS, EVENTS, cutoff
from mixillo.ops.archive.files import ArchiveDamaged, Manifest
from mixillo.ops.integrity.documents import fetch, key, raw
from mixillo.ops.integrity.items import in_batches
from mixillo.ops.jobs import Report
from mixillo.version import VERSION

BATCH = 500
PATIENCE_SECONDS = 120.0


class ArchiveRefused(Conflict):
    """The archive is damaged or unfinished."""

    code, title = "archive_refused", "The archive cannot be used"


def archive(
    database: Database, collection: str, directory: Path, report: Report, *, actor: dict[str, Any], days: int = DAYS
) -> dict[str, Any]:
    """Move what is older than ``days`` days from a collection of events into a new archive in ``directory``::

        {collection, documents, deleted, kept, sizeBytes, compressedBytes, manifest}

    ``kept`` counts documents that were changed or deleted meanwhile and so stay as they are; ``manifest`` is the path
    to give to :func:`unarchive`, ``None`` when nothing was old enough.

    :raises ValidationFailed: the collection does not hold events.
    :raises ArchiveRefused: what was written cannot be read again; nothing was deleted.
    """
    if collection not in EVENTS:
        raise ValidationFailed.of("collection", f"must be one of {', '.join(EVENTS)}")
    old = {EVENTS[collection]: {"$lt": cutoff(days)}}
    with pymongo.timeout(PATIENCE_SECONDS):
        total = database[collection].count_documents(old)
    if not total:
        return {"collection": collection, "documents": 0, "deleted": 0, "kept": 0, "manifest": None}
    place = files.new_directory(directory, collection)
    manifest = _write(database, collection, old, place, total, report)
    _verify(place, manifest)
    path = manifest.write(place)
    deleted = _delete(database, collection, place, manifest, report)
    result = {
        "collection": collection, "documents": manifest.documents, "deleted": deleted,
        "kept": manifest.documents - deleted, "sizeBytes": manifest.size_bytes,
        "compressedBytes": (place / files.DATA).stat().st_size, "manifest": str(path),
    }  # fmt: skip
    audit_log.record("archive.created", actor=actor, target=collection, changes={"after": result})
    return result


def unarchive(database: Database, path: Path, report: Report, *, actor: dict[str, Any]) -> dict[str, Any]:
    """Bring the documents of an archive back; ``path`` is its manifest or directory::

        {collection, documents, restored, present, kept, note}

    ``present`` are there already, ``kept`` are there otherwise than in the archive and stay as they are. ``note``
    warns that the collection deletes old documents by itself. The archive is not touched.

    :raises ArchiveRefused: it is damaged; nothing was restored.
    """
    try:
        manifest = Manifest.read(path)
    except ArchiveDamaged as error:
        raise ArchiveRefused(str(error)) from None
    _verify(path, manifest)
    restored, present, done = 0, 0, 0
    for batch in in_batches(files.read(path), BATCH):
        new, same = _restore(database, manifest.collection, batch)
        restored, present, done = restored + new, present + same, done + len(batch)
        report(done, manifest.documents, manifest.collection)
    result = {
        "collection": manifest.collection, "documents": done, "restored": restored, "present": present,
        "kept": done - restored - present, "note": _note(database, manifest),
    }  # fmt: skip
    audit_log.record("archive.restored", actor=actor, target=manifest.collection, changes={"after": result})
    return result


def _write(
    database: Database, collection: str, old: dict[str, Any], place: Path, total: int, report: Report
) -> Manifest:
    written = files.write(place, _told(_old(database, collection, old), total, f"writing {collection}", report))
    (field,) = old
    return Manifest(
        database=database.name,
        collection=collection,
        field=field,
        cutoff=clock.timestamp(old[field]["$lt"]),
        documents=written.documents,
        sha256=written.sha256,
        size_bytes=written.size_bytes,
        created_at=clock.timestamp(clock.now()),
        version=VERSION,
    )


def _old(database: Database, collection: str, old: dict[str, Any]) -> Iterator[RawBSONDocument]:
    cursor = raw(database, collection).find(old, batch_size=BATCH)
    while True:
        with pymongo.timeout(PATIENCE_SECONDS):
            documents = cursor.to_list(BATCH)
        if not documents:
            return
        yield from documents


def _told(documents: Iterator[RawBSONDocument], total: int, label: str, report: Report) -> Iterator[RawBSONDocument]:
    for done, document in enumerate(documents, 1):
        if done % BATCH == 0 or done == total:
            report(done, total, label)
        yield document


def _verify(place: Path, manifest: Manifest) -> None:
    try:
        files.verify(place, manifest)
    except ArchiveDamaged as error:
        raise ArchiveRefused(f"{error} Nothing was changed in the database.") from None


def _delete(database: Database, collection: str, place: Path, manifest: Manifest, report: Report) -> int:
    deleted = done = 0
    for batch in in_batches(files.read(place), BATCH):
        with pymongo.timeout(PATIENCE_SECONDS):
            deleted += transact(partial(_delete_unchanged, database, collection, batch))
        done += len(batch)
        report(done, manifest.documents, f"deleting from {collection}")
    return deleted


def _delete_unchanged(database: Database, collection: str, batch: list[RawBSONDocument], session: ClientSession) -> int:
    stored = fetch(database, collection, [document["_id"] for document in batch], session)
    unchanged = [
        document["_id"]
        for document in batch
        if (found := stored.get(key(document["_id"]))) is not None and found.raw == document.raw
    ]
    deleted: int = database[collection].delete_many({"_id": {"$in": unchanged}}, session=session).deleted_count
    return deleted


def _restore(database: Database, collection: str, batch: list[RawBSONDocument]) -> tuple[int, int]:
    """Insert what is not there; return how many that were, and how many are there just so."""
    with pymongo.timeout(PATIENCE_SECONDS):
        stored = fetch(database, collection, [document["_id"] for document in batch])
        new = {key(document["_id"]): document for document in batch if key(document["_id"]) not in stored}
        if new:
            raw(database, collection).insert_many(new.values(), ordered=False)
    same = sum(found.raw == document.raw for document in batch if (found := stored.get(key(document["_id"]))))
    return len(new), same


def _note(database: Database, manifest: Manifest) -> str | None:
    for spec in database[manifest.collection].list_indexes():
        if "expireAfterSeconds" in spec and manifest.field in spec["key"]:
            return (
                f"{manifest.collection} deletes documents by itself {spec['expireAfterSeconds']:,} seconds after "
                f"their {manifest.field} ({spec['name']}), so they will not stay for long."
            )
    return None
