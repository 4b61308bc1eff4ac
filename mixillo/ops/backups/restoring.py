"""Restoring: everything is loaded beside what is there and compared; only then does it take its place."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pymongo
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.ops import migrations
from mixillo.ops.backups import layout
from mixillo.ops.backups.errors import BackupError, Progress, database_errors, silent
from mixillo.ops.backups.locating import Backup
from mixillo.ops.backups.manifest import COLLECTION, OPS, OWNER, TIMESERIES, VIEW, Manifest, Part
from mixillo.ops.backups.streams import DOCUMENTS_PER_BATCH, Digest, batches, sha256_of
from mixillo.ops.locks import held

LOCK = "restore"
STAGING = "restoring."
# Backed up without documents, and in use by this very process: their documents stay.
IN_USE = {"locks", "jobs", "backups"}
OF_THE_LISTING = {"ns", "v"}


@dataclass(frozen=True)
class Restored:
    """What was restored: from where, into which databases (by role), and how much."""

    location: str
    databases: dict[str, str]
    collections: int
    documents: int
    indexes: int
    seconds: float


def check(backup: Backup, progress: Progress = silent) -> Manifest:
    """Return the manifest of ``backup`` when every file is there as it was written and this version can use it.

    :raises BackupError: partial, damaged or from another version; nothing else has been touched.
    """
    manifest = backup.manifest()
    known = {migration.name for migration in migrations.discover(migrations.DIRECTORY)}
    if unknown := [name for name in manifest.migrations if name not in known]:
        raise BackupError(
            f"{backup.location} was made by Mixillo {manifest.mixillo_version} with the migration {unknown[0]}, "
            "which this version does not know; use that version or a later one."
        )
    present = set(backup.storage.files(backup.name))
    for number, file in enumerate(manifest.files, 1):
        path = f"{backup.name}/{file.path}"
        if path not in present:
            raise BackupError(f"{backup.location} is damaged: {file.path} is missing.")
        if sha256_of(backup.storage, path) != file.sha256:
            raise BackupError(f"{backup.location} is damaged: {file.path} is not what was written.")
        progress(number, len(manifest.files), "checking files")
    return manifest


def restore(
    backup: Backup, database: Database, ops: Database, *, drop: bool = False, progress: Progress = silent
) -> Restored:
    """Put both databases into the state of ``backup`` and return what was restored.

    Both must be empty, or ``drop`` set: then what they hold is replaced at the end, when everything has been
    loaded and compared. Until then a failure leaves them as they were. Nobody else may write meanwhile.

    :raises BackupError: the backup is damaged, the target is not empty, or the database refuses.
    """
    started = time.monotonic()
    manifest = check(backup, progress)
    targets = {OWNER: database, OPS: ops}
    with pymongo.timeout(None), database_errors("the backup was being restored"):
        for role, target in targets.items():
            if not drop and (found := _present(role, target)):
                raise BackupError(
                    f"{target.name} is not empty ({len(found)} collections, {found[0]['name']} among them); restore "
                    "into another name, or say that it may be dropped."
                )
        with held(ops, LOCK), _staging(targets):
            loader = _Loader(backup, manifest, targets, progress)
            loader.load()
            loader.replace()
    return Restored(
        location=backup.location,
        databases={role: target.name for role, target in targets.items()},
        collections=len(manifest.parts),
        documents=manifest.documents,
        indexes=loader.indexes,
        seconds=round(time.monotonic() - started, 3),
    )


class _Loader:
    """Loads the parts of one backup and puts them in place."""

    def __init__(self, backup: Backup, manifest: Manifest, targets: dict[str, Database], progress: Progress) -> None:
        self._backup = backup
        self._parts = manifest.parts
        self._targets = targets
        self._progress = progress
        self._done, self._total = 0, manifest.documents
        self.indexes = 0

    def load(self) -> None:
        """Load every ordinary collection under a name of its own, compare it and build its indexes."""
        for part in self._of_type(COLLECTION):
            self._load(part, self._targets[part.role][f"{STAGING}{part.name}"])

    def replace(self) -> None:
        """Put what was loaded in its place and drop the rest; then make what cannot be renamed, and the views."""
        for role, target in self._targets.items():
            _drop(target, [found["name"] for found in _present(role, target) if found["type"] != COLLECTION])
        for part in self._of_type(COLLECTION):
            self._targets[part.role][f"{STAGING}{part.name}"].rename(part.name, dropTarget=True)
        for role, target in self._targets.items():
            wanted = {part.name for part in self._parts if part.role == role}
            _drop(target, [found["name"] for found in _present(role, target) if found["name"] not in wanted])
        for part in self._of_type(TIMESERIES):
            self._load(part, self._targets[part.role][part.name])
        for part in self._of_type(VIEW):
            _create(self._targets[part.role][part.name], self._metadata(part)[0])
        for part in filter(_is_in_use, self._parts):
            self._build(part, self._targets[part.role][part.name], *self._metadata(part))

    def _of_type(self, kind: str) -> list[Part]:
        return [part for part in self._parts if part.type == kind and not _is_in_use(part)]

    def _load(self, part: Part, target: Collection) -> None:
        """Make ``target`` from ``part``: options, documents, and then indexes, as a TTL index would delete."""
        options, indexes = self._metadata(part)
        _create(target, options)
        stored = target.database[f"{layout.BUCKETS}{target.name}"] if part.type == TIMESERIES else target
        self._fill(part, stored)
        self._build(part, target, options, indexes)
        self._compare(part, target, indexes)

    def _metadata(self, part: Part) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        path = f"{self._backup.name}/{part.metadata.path}"
        return layout.read_metadata(self._backup.storage.read(path) or b"", path)

    def _fill(self, part: Part, target: Collection) -> None:
        """Insert the documents of ``part`` and read them back.

        :raises BackupError: they are not the ones that were backed up.
        """
        assert part.data is not None
        with database_errors(f"{part.name} was being restored"):
            for batch in batches(self._backup.storage, f"{self._backup.name}/{part.data.path}"):
                target.insert_many(batch, ordered=False, bypass_document_validation=True)
                self._done += len(batch)
                self._progress(self._done, self._total, part.name)
            digest = Digest()
            for raw in target.find_raw_batches(batch_size=DOCUMENTS_PER_BATCH):
                digest.add_batch(raw)
        if (digest.documents, digest.hexadecimal) != (part.documents, part.digest):
            raise BackupError(
                f"The documents of {part.name} are not those that were backed up: {digest.documents} are there, "
                f"{part.documents} were expected."
            )

    def _build(self, part: Part, target: Collection, options: dict[str, Any], indexes: list[dict[str, Any]]) -> None:
        """Build the indexes that are not there: ``_id_`` comes with a collection, others with a time series.

        :raises BackupError: the server refuses one.
        """
        present = {index["name"] for index in target.list_indexes()}
        wanted = [_explicit(index, options) for index in indexes if index["name"] not in present]
        if wanted:
            with database_errors(f"the indexes of {part.name} were being built"):
                target.database.command({"createIndexes": target.name, "indexes": wanted})

    def _compare(self, part: Part, target: Collection, indexes: list[dict[str, Any]]) -> None:
        """Make sure that the indexes are what they were.

        :raises BackupError: one is another, or there are others.
        """
        found = {index["name"]: _comparable(index) for index in target.list_indexes()}
        different = [index["name"] for index in indexes if found.get(index["name"]) != _comparable(index)]
        if different or len(found) != len(indexes):
            raise BackupError(f"The indexes of {part.name} are not as they were: {', '.join(different) or 'too many'}.")
        self.indexes += len(found)


def _create(target: Collection, options: dict[str, Any]) -> None:
    target.database.command({"create": target.name, **options})


def _explicit(index: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return what to ask for: an index without a collation would take over that of its collection."""
    if "collation" in options and "collation" not in index:
        return index | {"collation": {"locale": "simple"}}
    return index


def _drop(target: Database, names: list[str]) -> None:
    for name in names:
        target.drop_collection(name)


def _comparable(index: Mapping[str, Any]) -> dict[str, Any]:
    """Return an index without what depends on the server; the order of its fields counts."""
    kept = {name: value for name, value in index.items() if name not in OF_THE_LISTING}
    return kept | {"key": list(index["key"].items())}


def _is_in_use(part: Part) -> bool:
    return part.role == OPS and part.name in IN_USE


def _present(role: str, target: Database) -> list[Mapping[str, Any]]:
    """Return what a restore replaces in ``target``, as the server lists it, sorted by name."""
    found = [
        entry
        for entry in target.list_collections()
        if layout.is_ours(entry["name"])
        and not entry["name"].startswith(STAGING)
        and not (role == OPS and entry["name"] in IN_USE)
    ]
    return sorted(found, key=lambda entry: entry["name"])


@contextmanager
def _staging(targets: dict[str, Database]) -> Iterator[None]:
    """Leave nothing half-loaded behind, also not what an earlier process did."""
    _remove_staged(targets)
    try:
        yield
    except BaseException:
        with suppress(PyMongoError):
            _remove_staged(targets)
        raise


def _remove_staged(targets: dict[str, Database]) -> None:
    for target in targets.values():
        for name in target.list_collection_names(filter={"name": {"$regex": "^restoring\\."}}):
            target.drop_collection(name)
