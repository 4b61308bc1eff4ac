"""Verifying: a backup is good when it has been restored, and what came out is what went in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.core import clock
from mixillo.ops.backups import records
from mixillo.ops.backups.errors import BackupError, Progress, database_errors, silent
from mixillo.ops.backups.locating import Backup, write_verification
from mixillo.ops.backups.manifest import Manifest
from mixillo.ops.backups.restoring import restore
from mixillo.ops.locks import held

LOCK = "backup-verify"
SCRATCH = "_verify_"


@dataclass(frozen=True)
class Verification:
    """What came of restoring a backup into a scratch database; ``error`` says what is wrong with it."""

    location: str
    ok: bool
    verified_at: datetime
    seconds: float
    documents: int = 0
    indexes: int = 0
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome under the names that ``--json`` and the file beside the backup use."""
        return {
            "location": self.location,
            "ok": self.ok,
            "verifiedAt": clock.timestamp(self.verified_at),
            "seconds": self.seconds,
            "documents": self.documents,
            "indexes": self.indexes,
            "error": self.error,
        }


def verify(backup: Backup, database: Database, ops: Database, *, progress: Progress = silent) -> Verification:
    """Check every file, restore into a scratch database of the same server, compare, and record the outcome.

    :raises BackupError: the database or the storage cannot be used, which says nothing about the backup.
    """
    started = time.monotonic()
    manifest, error, documents, indexes = None, None, 0, 0
    with database_errors("the backup was being verified"), held(ops, LOCK), _scratch(database) as scratch:
        try:
            manifest = backup.manifest()
            restored = restore(backup, *scratch, progress=progress)
            documents, indexes = restored.documents, restored.indexes
        except BackupError as failure:
            error = failure.detail
        outcome = Verification(
            location=backup.location,
            ok=error is None,
            verified_at=clock.now(),
            seconds=round(time.monotonic() - started, 3),
            documents=documents,
            indexes=indexes,
            error=error,
        )
        _record(backup, ops, manifest, outcome)
    return outcome


def _record(backup: Backup, ops: Database, manifest: Manifest | None, outcome: Verification) -> None:
    records.note_verification(ops, backup.location, manifest, outcome.error)
    if manifest is not None:
        write_verification(backup, outcome.as_dict())


@contextmanager
def _scratch(database: Database) -> Iterator[tuple[Database, Database]]:
    """Yield two empty databases that are gone afterwards; also remove those of a process that was killed."""
    prefix = f"{database.name[:20]}{SCRATCH}"
    client = database.client
    _drop(client.list_database_names(), prefix, database)
    name = f"{prefix}{clock.random_token(6).replace('-', '_')}"
    try:
        yield client[name], client[f"{name}_ops"]
    finally:
        with suppress(PyMongoError):
            _drop([name, f"{name}_ops"], prefix, database)


def _drop(names: list[str], prefix: str, database: Database) -> None:
    for name in names:
        if name.startswith(prefix):
            database.client.drop_database(name)
