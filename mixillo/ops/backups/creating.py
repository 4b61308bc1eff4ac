"""Making a backup: every collection as of one moment, file by file, the manifest last."""

import os
import socket
import time
from contextlib import suppress

import pymongo
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops import migrations
from mixillo.ops.backups import layout, records
from mixillo.ops.backups.errors import BackupError, Progress, database_errors, silent
from mixillo.ops.backups.locating import MARKER, Backup, fresh_name
from mixillo.ops.backups.manifest import FILE, OPS, OWNER, TIMESERIES, VIEW, Manifest, Part, StoredFile
from mixillo.ops.backups.snapshot import Snapshot, Source, snapshot
from mixillo.ops.backups.storage import Storage
from mixillo.ops.backups.streams import Digest, HashingWriter, compressing
from mixillo.ops.locks import held
from mixillo.version import VERSION

LOCK = "backup"
# Collections whose documents belong to the processes of the moment, or must not come back to life with old data.
# Their options and indexes are kept: a restored database is not migrated again.
WITHOUT_DOCUMENTS = {
    "locks": "leases of processes that run now",
    "jobs": "work of processes that run now",
    "backups": "the place that holds the backups says what there is",
    "sessions": "a session that was ended since would be valid again; people sign in anew",
    "operatorsessions": "a session that was ended since would be valid again; operators sign in anew",
    "setuplinks": "a link that was used since would work again",
    "loginfailures": "wrong guesses of the last minutes",
}


def create(database: Database, ops: Database, storage: Storage, *, progress: Progress = silent) -> Manifest:
    """Back up both databases as of one moment, writes going on meanwhile, and return the manifest.

    What is cut off half-way has no manifest, is marked as incomplete, and is never taken for a backup.

    :raises BackupError: the storage or the database refuses; the record of the attempt says why.
    """
    with pymongo.timeout(None), database_errors("the backup was being made"), held(ops, LOCK):
        backup = Backup(storage, fresh_name(storage))
        record_id = records.begin(ops, backup.name, backup.location)
        try:
            manifest = _create(database, ops, backup, progress)
        except BaseException as error:
            with suppress(Exception):  # what failed first is what the operator is told
                records.fail(ops, record_id, _sentence(error))
            raise
        records.succeed(ops, record_id, manifest)
        return manifest


def _create(database: Database, ops: Database, backup: Backup, progress: Progress) -> Manifest:
    started = time.monotonic()
    _mark(backup, f"It was begun at {clock.timestamp(clock.now())} by process {os.getpid()} on {socket.gethostname()}.")
    databases = {OWNER: database, OPS: ops}
    with database_errors("the backup was being made"), snapshot(databases, records.anchor(ops)) as moment:
        parts = _Dump(backup, moment, progress).run()
        manifest = Manifest(
            name=backup.name,
            created_at=clock.now(),
            snapshot_at=moment.moment,
            seconds=round(time.monotonic() - started, 3),
            mixillo_version=VERSION,
            server_version=str(database.client.server_info()["version"]),
            databases={role: found.name for role, found in databases.items()},
            migrations=_applied(ops),
            parts=tuple(parts),
            left_out=_left_out(moment.sources),
            notes=tuple(_notes(moment.sources)),
        )
    backup.storage.write(f"{backup.name}/{FILE}", manifest.as_bytes())
    backup.storage.remove(f"{backup.name}/{MARKER}")
    return manifest


def is_emptied(source: Source) -> bool:
    """Whether only the options and indexes of ``source`` are backed up."""
    return source.role == OPS and source.name in WITHOUT_DOCUMENTS


class _Dump:
    """One pass over the collections; knows how many documents are done."""

    def __init__(self, backup: Backup, moment: Snapshot, progress: Progress) -> None:
        self._backup = backup
        self._moment = moment
        self._progress = progress
        self._done = 0
        self._total = sum(s.stored.estimated_document_count() for s in moment.sources if s.type != VIEW)

    def run(self) -> list[Part]:
        """Write every collection and return what the manifest says of them."""
        return [self._named(number, source) for number, source in enumerate(self._moment.sources, 1)]

    def _named(self, number: int, source: Source) -> Part:
        """Write one collection; whatever goes wrong is told with its place.

        :raises BackupError: with the reason, and what becomes of the folder.
        """
        try:
            with database_errors(f"{source.name} was being backed up"):
                return self._write(source)
        except BackupError as error:
            place = f"collection {number} of {len(self._moment.sources)}"
            sentence = f"{error.detail.removesuffix('.')} ({place}); {self._backup.location} is marked as incomplete."
            with suppress(BackupError):
                _mark(self._backup, error.detail)
            raise BackupError(sentence) from error

    def _write(self, source: Source) -> Part:
        metadata = self._metadata(source)
        data, digest = (None, Digest()) if source.type == VIEW else self._documents(source)
        self._moment.check(source)
        self._done += digest.documents
        self._progress(self._done, max(self._total, self._done), source.name)
        return Part(
            role=source.role,
            name=source.name,
            type=source.type,
            documents=digest.documents,
            size_bytes=digest.size_bytes,
            digest=digest.hexadecimal,
            consistent=source.consistent,
            metadata=metadata,
            data=data,
        )

    def _metadata(self, source: Source) -> StoredFile:
        content = layout.write_metadata(source.name, source.type, source.options, source.indexes(), source.uuid)
        path = layout.metadata_path(self._backup.name, source.database.name, source.name)
        with self._backup.storage.writing(path) as file:
            target = HashingWriter(file)
            target.write(content)
        return self._stored(path, target)

    def _documents(self, source: Source) -> tuple[StoredFile, Digest]:
        path = layout.data_path(self._backup.name, source.database.name, source.name, source.type)
        digest = Digest()
        with self._backup.storage.writing(path) as file:
            target = HashingWriter(file)
            with compressing(target) as compressed:
                for batch in () if is_emptied(source) else self._moment.batches(source):
                    compressed.write(batch)
                    digest.add_batch(batch)
                    done = self._done + digest.documents
                    self._progress(done, max(self._total, done), source.name)
        return self._stored(path, target), digest

    def _stored(self, path: str, written: HashingWriter) -> StoredFile:
        return StoredFile(path.removeprefix(f"{self._backup.name}/"), written.sha256, written.size_bytes)


def _mark(backup: Backup, why: str) -> None:
    backup.storage.write(f"{backup.name}/{MARKER}", f"{why}\n".encode())


def _applied(ops: Database) -> tuple[str, ...]:
    return tuple(sorted(ops[migrations.COLLECTION].distinct("_id", {"appliedAt": {"$ne": None}})))


def _left_out(sources: list[Source]) -> tuple[dict[str, str], ...]:
    emptied = [source.name for source in sources if is_emptied(source)]
    return tuple({"collection": name, "reason": WITHOUT_DOCUMENTS[name]} for name in emptied)


def _notes(sources: list[Source]) -> list[str]:
    """Return a sentence for each collection that is not an ordinary one."""
    capped = [
        f"{s.name} is capped, so it may be some seconds newer than the rest." for s in sources if not s.consistent
    ]
    series = [f"{s.name} is a time series, kept as its buckets." for s in sources if s.type == TIMESERIES]
    views = [f"{s.name} is a view, kept as its definition." for s in sources if s.type == VIEW]
    return capped + series + views


def _sentence(error: BaseException) -> str:
    return error.detail if isinstance(error, BackupError) else f"It was interrupted ({type(error).__name__})."
