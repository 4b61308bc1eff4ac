"""Streams of BSON: their digest, and their way in and out of gzip files with flat memory."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from bson.raw_bson import RawBSONDocument

from mixillo.ops.backups.errors import BackupError
from mixillo.ops.backups.storage import Storage

LENGTH_BYTES = 4
MAX_DOCUMENT_BYTES = 17 * 1024 * 1024
READ_BYTES = 1024 * 1024
DOCUMENTS_PER_BATCH = 1_000
BYTES_PER_BATCH = 8 * 1024 * 1024
COMPRESSION = 6
MODULUS = 1 << 256


class Digest:
    """Counts documents and sums up their SHA-256 hashes: the same documents give the same digest in any order."""

    def __init__(self) -> None:
        self.documents = 0
        self.size_bytes = 0
        self._sum = 0

    def add(self, document: bytes | memoryview) -> None:
        """Take one document in."""
        self.documents += 1
        self.size_bytes += len(document)
        self._sum += int.from_bytes(hashlib.sha256(document).digest(), "big")

    def add_batch(self, batch: bytes) -> None:
        """Take in whole documents that stand one after the other."""
        view, start = memoryview(batch), 0
        while start < len(view):
            end = start + int.from_bytes(view[start : start + LENGTH_BYTES], "little")
            self.add(view[start:end])
            start = end

    @property
    def hexadecimal(self) -> str:
        """The digest of all documents so far."""
        return f"{self._sum % MODULUS:064x}"


class HashingWriter:
    """A file that remembers the hash and the size of what went through it; it cannot be sought in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, content: bytes) -> int:
        """Write ``content``."""
        self._file.write(content)
        self._hash.update(content)
        self.size_bytes += len(content)
        return len(content)

    def flush(self) -> None:
        """Let the file below decide when to flush."""

    @property
    def sha256(self) -> str:
        """The hash of everything written so far."""
        return self._hash.hexdigest()


@contextmanager
def compressing(target: HashingWriter) -> Iterator[gzip.GzipFile]:
    """Compress into ``target``; no name and no time go in, so that the same content gives the same file."""
    with gzip.GzipFile("", "wb", COMPRESSION, cast("IO[bytes]", target), mtime=0) as file:
        yield file


def sha256_of(storage: Storage, path: str) -> str:
    """Return the hash of a stored file."""
    found = hashlib.sha256()
    with storage.reading(path) as file:
        while piece := file.read(READ_BYTES):
            found.update(piece)
    return found.hexdigest()


def batches(storage: Storage, path: str) -> Iterator[list[RawBSONDocument]]:
    """Yield the documents of a stored ``.bson.gz`` in batches of bounded size.

    :raises BackupError: the file is not whole.
    """
    batch: list[RawBSONDocument] = []
    size = 0
    with storage.reading(path) as compressed:
        for raw in _documents(compressed, path):
            batch.append(RawBSONDocument(raw))
            size += len(raw)
            if len(batch) >= DOCUMENTS_PER_BATCH or size >= BYTES_PER_BATCH:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _documents(compressed: IO[bytes], path: str) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=compressed, mode="rb") as file:
            while head := file.read(LENGTH_BYTES):
                length = int.from_bytes(head, "little")
                if len(head) < LENGTH_BYTES or not LENGTH_BYTES < length <= MAX_DOCUMENT_BYTES:
                    raise BackupError(f"{path} is damaged: it does not hold whole documents.")
                raw = head + file.read(length - LENGTH_BYTES)
                if len(raw) < length:
                    raise BackupError(f"{path} is damaged: it ends in the middle of a document.")
                yield raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BackupError(f"{path} is damaged: {error}.") from error
