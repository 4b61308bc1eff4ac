"""Finding backups: the place that a URL or path names, the backups in it, and one of them by its name."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mixillo.core import clock
from mixillo.ops.backups.bucket import SCHEME, BucketStorage
from mixillo.ops.backups.errors import BackupError
from mixillo.ops.backups.manifest import FILE, Manifest
from mixillo.ops.backups.storage import DirectoryStorage, Storage

NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
MARKER = "INCOMPLETE"
VERIFICATION = "verification.json"
COMPLETE, PARTIAL, DAMAGED = "complete", "partial", "damaged"


@dataclass(frozen=True)
class Backup:
    """The backup ``name`` in ``storage``; it may be partial or damaged until its manifest is read."""

    storage: Storage
    name: str

    @property
    def location(self) -> str:
        """What a person names the backup by."""
        return self.storage.location_of(self.name)

    def manifest(self) -> Manifest:
        """Return the manifest.

        :raises BackupError: there is none (the backup is partial), it is damaged or of another version.
        """
        content = self.storage.read(f"{self.name}/{FILE}")
        if content is not None:
            return Manifest.parse(content, self.location)
        marker = self.storage.read(f"{self.name}/{MARKER}")
        if marker is None:
            raise BackupError(f"{self.location} is no backup: it has no {FILE}.")
        why = marker.decode("utf-8", "replace").strip()
        raise BackupError(f"{self.location} is a partial backup, it has no {FILE}. {why}")


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue; what only a complete backup has is ``None`` for the others.

    ``state`` is ``complete``, ``partial`` or ``damaged`` (``error`` says why); ``verified`` is ``None`` when
    it was never verified, else the result.
    """

    name: str
    location: str
    state: str
    created_at: datetime
    size_bytes: int | None = None
    documents: int | None = None
    verified: bool | None = None
    verified_at: datetime | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the entry under the names that ``--json`` uses."""
        return {
            "name": self.name,
            "location": self.location,
            "state": self.state,
            "createdAt": self.created_at,
            "sizeBytes": self.size_bytes,
            "documents": self.documents,
            "verified": self.verified,
            "verifiedAt": self.verified_at,
            "error": self.error,
        }


def open_storage(location: str) -> Storage:
    """Return the place that ``location`` names: ``gs://bucket/prefix`` or a directory.

    :raises StorageError: the bucket cannot be used; a directory is looked at only when it is used.
    """
    if location.startswith(f"{SCHEME}://"):
        return BucketStorage(location)
    if "://" in location:
        raise BackupError(f"{location} names neither a directory nor a bucket ({SCHEME}://bucket/prefix).")
    return DirectoryStorage(Path(location))


def find(location: str) -> Backup:
    """Return the backup at ``location``, or the newest complete one when it is a place that holds backups.

    :raises BackupError: there is none.
    """
    parent, _, name = location.rstrip("/").rpartition("/")
    if NAME.fullmatch(name):
        return Backup(open_storage(parent or "."), name)
    storage = open_storage(location)
    complete = [entry for entry in catalogue(storage) if entry.state == COMPLETE]
    if complete:
        return Backup(storage, complete[0].name)
    if storage.location.startswith(f"{SCHEME}://"):
        raise BackupError(f"There is no complete backup in {storage.location}.")
    directory = Path(location).absolute()  # a backup that was copied under a name of its own
    if any((directory / mark).exists() for mark in (FILE, MARKER)):
        return Backup(DirectoryStorage(directory.parent), directory.name)
    raise BackupError(f"There is no complete backup in {storage.location}.")


def catalogue(storage: Storage) -> list[Entry]:
    """Return what is in ``storage``, the newest first; folders that are named otherwise are not ours."""
    names = [name for name in storage.folders() if NAME.fullmatch(name)]
    return [_entry(Backup(storage, name)) for name in sorted(names, key=_order, reverse=True)]


def fresh_name(storage: Storage) -> str:
    """Return an unused name for a backup that begins now: the time in UTC."""
    taken = set(storage.folders())
    name = f"{clock.now():%Y%m%dT%H%M%SZ}"
    return next(
        found for number in range(1, 10_000) if (found := f"{name}-{number}" if number > 1 else name) not in taken
    )


def write_verification(backup: Backup, outcome: dict[str, Any]) -> None:
    """Leave beside the backup what came of verifying it, so that whoever lists the place knows."""
    backup.storage.write(f"{backup.name}/{VERIFICATION}", json.dumps(outcome).encode())


def _entry(backup: Backup) -> Entry:
    begun = datetime.strptime(f"{backup.name[:15]}+0000", "%Y%m%dT%H%M%S%z")
    if backup.storage.read(f"{backup.name}/{FILE}") is None:
        reason = (backup.storage.read(f"{backup.name}/{MARKER}") or b"It has no manifest.").decode("utf-8", "replace")
        return Entry(backup.name, backup.location, PARTIAL, begun, error=reason.strip())
    try:
        manifest = backup.manifest()
    except BackupError as error:
        return Entry(backup.name, backup.location, DAMAGED, begun, error=error.detail)
    verified, verified_at = _verification(backup)
    return Entry(
        name=backup.name,
        location=backup.location,
        state=COMPLETE,
        created_at=manifest.created_at,
        size_bytes=manifest.stored_bytes,
        documents=manifest.documents,
        verified=verified,
        verified_at=verified_at,
    )


def _verification(backup: Backup) -> tuple[bool | None, datetime | None]:
    content = backup.storage.read(f"{backup.name}/{VERIFICATION}")
    try:
        found = json.loads(content or b"")
        return bool(found["ok"]), datetime.fromisoformat(found["verifiedAt"])
    except (ValueError, KeyError, TypeError):
        return None, None


def _order(name: str) -> tuple[str, int]:
    stamp, _, number = name.partition("-")
    return stamp, int(number or 1)
