"""Making and verifying as jobs: what the dashboard starts and the commands run."""

from typing import Any

import pymongo
from pymongo.database import Database

from mixillo.ops.backups.creating import create
from mixillo.ops.backups.locating import Backup
from mixillo.ops.backups.manifest import Manifest
from mixillo.ops.backups.storage import Storage
from mixillo.ops.backups.verifying import verify
from mixillo.ops.jobs import Report, Work

CREATE, VERIFY = "backup", "backup-verify"


def creation(database: Database, ops: Database, storage: Storage) -> Work:
    """Return the work of a job that backs up both databases, for ``jobs.start(ops, CREATE, …)``.

    The result: ``{name, location, createdAt, snapshotAt, databases, collections, documents, sizeBytes, seconds,
    leftOut, notes}``.
    """

    def work(report: Report) -> dict[str, Any]:
        return _created(storage, create(database, ops, storage, progress=report))

    return work


def verification(database: Database, ops: Database, backup: Backup) -> Work:
    """Return the work of a job that restores ``backup`` into a scratch database, for ``jobs.start(ops, VERIFY, …)``.

    The result is that of :meth:`~.verifying.Verification.as_dict`: a backup that is not good is no failed job.
    """

    def work(report: Report) -> dict[str, Any]:
        with pymongo.timeout(None):
            return verify(backup, database, ops, progress=report).as_dict()

    return work


def _created(storage: Storage, manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "location": storage.location_of(manifest.name),
        "createdAt": manifest.created_at,
        "snapshotAt": manifest.snapshot_at,
        "databases": manifest.databases,
        "collections": len(manifest.parts),
        "documents": manifest.documents,
        "sizeBytes": manifest.stored_bytes,
        "seconds": manifest.seconds,
        "leftOut": list(manifest.left_out),
        "notes": list(manifest.notes),
    }
