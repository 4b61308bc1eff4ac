"""The manifest: what a backup holds, down to the hash of each file. A folder without one is not a backup."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mixillo.core import clock
from mixillo.ops.backups.errors import BackupError

FILE = "manifest.json"
FORMAT = 1
OWNER, OPS = "owner", "ops"
COLLECTION, VIEW, TIMESERIES = "collection", "view", "timeseries"


@dataclass(frozen=True)
class StoredFile:
    """A file of the backup: path inside its folder, hash and size as stored (compressed)."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Part:
    """One collection, view or time series.

    ``role`` says which database it belongs to: the owner's or the technical one. ``digest`` is that of all
    documents, ``size_bytes`` their uncompressed size. ``consistent`` is false where the server cannot read the
    collection (a capped one) at the moment of the others. A view has no ``data``.
    """

    role: str
    name: str
    type: str
    documents: int
    size_bytes: int
    digest: str
    consistent: bool
    metadata: StoredFile
    data: StoredFile | None = None

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """The files that the part is made of."""
        return (self.metadata, self.data) if self.data else (self.metadata,)


@dataclass(frozen=True)
class Manifest:
    """A whole backup; ``snapshot_at`` is the one moment that all consistent parts show.

    ``databases`` maps a role to the database's name at the time. ``left_out`` lists the collections whose
    documents are not backed up, with the reason.
    """

    name: str
    created_at: datetime
    snapshot_at: datetime
    seconds: float
    mixillo_version: str
    server_version: str
    databases: dict[str, str]
    migrations: tuple[str, ...]
    parts: tuple[Part, ...]
    left_out: tuple[dict[str, str], ...]
    notes: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def documents(self) -> int:
        """Documents in all parts."""
        return sum(part.documents for part in self.parts)

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """All files but the manifest itself."""
        return tuple(file for part in self.parts for file in part.files)

    @property
    def stored_bytes(self) -> int:
        """The size of all files, compressed."""
        return sum(file.size_bytes for file in self.files)

    def as_bytes(self) -> bytes:
        """Return the file's content, which carries a checksum of itself."""
        values = asdict(self)
        for name in ("created_at", "snapshot_at"):
            values[name] = clock.timestamp(values[name])
        return json.dumps(values | {"checksum": _checksum(values)}, indent=1).encode()

    @classmethod
    def parse(cls, content: bytes, where: str) -> "Manifest":
        """Read a manifest.

        :raises BackupError: it is damaged, or in a format of another version.
        """
        try:
            values = json.loads(content)
            checksum = values.pop("checksum")
            found = values["format"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BackupError(f"The manifest of {where} is damaged: it cannot be read.") from None
        if found != FORMAT:
            raise BackupError(
                f"The backup {where} is in format {found}, and this version reads format {FORMAT}; "
                f"use Mixillo {values.get('mixillo_version', 'of its time')}."
            )
        if checksum != _checksum(values):
            raise BackupError(f"The manifest of {where} is damaged: its checksum does not fit.")
        return cls(**_typed(values))


def _checksum(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a manifest whose checksum fits, as the fields have them."""
    parts = tuple(Part(**part | {name: _file(part[name]) for name in ("metadata", "data")}) for part in values["parts"])
    moments = {name: datetime.fromisoformat(values[name]) for name in ("created_at", "snapshot_at")}
    lists = {name: tuple(values[name]) for name in ("migrations", "left_out", "notes")}
    return values | moments | lists | {"parts": parts}


def _file(values: dict[str, Any] | None) -> StoredFile | None:
    return StoredFile(**values) if values else None
