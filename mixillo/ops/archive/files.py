"""Archive files: compressed BSON beside a manifest that is written last, and trusted only when both agree."""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from bson.raw_bson import RawBSONDocument

from mixillo.core import clock
from mixillo.ops.integrity.documents import RAW

MANIFEST, DATA, PARTIAL = "manifest.json", "data.bson.gz", "data.bson.gz.partial"
SIZE = 4  # a BSON document begins with its length
LARGEST = 17 * 1024 * 1024
CHUNK = 1024 * 1024


class ArchiveDamaged(Exception):
    """The files are not what their manifest says; nothing was restored or deleted."""


@dataclass(frozen=True)
class Manifest:
    """What an archive holds: documents of ``collection`` whose ``field`` was before ``cutoff``.

    ``sha256`` is that of the documents one after the other, uncompressed; ``size_bytes`` is their length.
    """

    database: str
    collection: str
    field: str
    cutoff: str
    documents: int
    sha256: str
    size_bytes: int
    created_at: str
    version: str

    def write(self, directory: Path) -> Path:
        """Write the manifest into ``directory`` so that it is there whole or not at all, and return its path."""
        path = directory / MANIFEST
        with (directory / f"{MANIFEST}.partial").open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)
            _settle(file)
            os.replace(file.name, path)
        _settle_directory(directory)
        return path

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read a manifest; ``path`` may be its directory.

        :raises ArchiveDamaged: it is none.
        """
        path = path / MANIFEST if path.is_dir() else path
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            raise ArchiveDamaged(f"There is no manifest {path}; without one an archive is unfinished.") from None
        except (ValueError, TypeError):
            raise ArchiveDamaged(f"{path} is not a manifest of an archive.") from None


@dataclass(frozen=True)
class Written:
    """What :func:`write` has written."""

    documents: int
    sha256: str
    size_bytes: int


def write(directory: Path, documents: Iterable[RawBSONDocument]) -> Written:
    """Write ``documents`` into ``directory``; until all of them are on the disk the file has another name."""
    count, size, seal = 0, 0, hashlib.sha256()
    partial = directory / PARTIAL
    with partial.open("wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as compressed:
            for document in documents:
                compressed.write(document.raw)
                seal.update(document.raw)
                count, size = count + 1, size + len(document.raw)
        _settle(file)
    partial.replace(directory / DATA)
    _settle_directory(directory)
    return Written(count, seal.hexdigest(), size)


def read(path: Path) -> Iterator[RawBSONDocument]:
    """Yield the documents of an archive; ``path`` is its directory or manifest.

    :raises ArchiveDamaged: the file cannot be read to its end.
    """
    directory = path if path.is_dir() else path.parent
    try:
        with gzip.open(directory / DATA) as file:
            while document := _next(file):
                yield document
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveDamaged(f"{directory / DATA} cannot be read: {error}.") from None


def verify(path: Path, manifest: Manifest) -> None:
    """Read an archive to its end and compare it with its manifest.

    :raises ArchiveDamaged: they differ.
    """
    count, size, seal = 0, 0, hashlib.sha256()
    for document in read(path):
        seal.update(document.raw)
        count, size = count + 1, size + len(document.raw)
    if (count, size, seal.hexdigest()) != (manifest.documents, manifest.size_bytes, manifest.sha256):
        raise ArchiveDamaged(
            f"The archive holds {count:,} documents of {size:,} bytes that are not the "
            f"{manifest.documents:,} of {manifest.size_bytes:,} bytes that its manifest names."
        )


def new_directory(parent: Path, collection: str) -> Path:
    """Create and return a directory for an archive; what is in it may be personal, so only we may read it."""
    directory = parent / f"{collection}-{clock.now():%Y%m%dT%H%M%S%f}Z"
    directory.mkdir(mode=0o700, parents=True)
    return directory


def _next(file: gzip.GzipFile) -> RawBSONDocument | None:
    head = file.read(SIZE)
    if not head:
        return None
    length = int.from_bytes(head, "little")
    if len(head) < SIZE or not SIZE < length <= LARGEST:
        raise EOFError("it ends or breaks off inside a document")
    raw = head + file.read(length - SIZE)
    if len(raw) < length:
        raise EOFError("it ends inside a document")
    return RawBSONDocument(raw, RAW)


def _settle(file: IO[Any]) -> None:
    """Make sure that what was written outlives a crash."""
    file.flush()
    os.fsync(file.fileno())


def _settle_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
