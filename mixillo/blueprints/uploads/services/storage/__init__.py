"""Where the bytes are kept: the technical database by default (GridFS), else a bucket. Both behave alike."""

from collections.abc import Iterator
from typing import Protocol

from flask import current_app

from mixillo.blueprints.uploads.services.storage.bucket import SCHEME, BucketStorage
from mixillo.blueprints.uploads.services.storage.gridfs import GridStorage
from mixillo.blueprints.uploads.services.storage.stored import SignedAddress, Stored
from mixillo.config import Settings

__all__ = ["SignedAddress", "Storage", "Stored", "open_storage", "storage"]


class Storage(Protocol):
    """Keeps files under keys.

    A file arrives in pieces of ``piece_bytes``, of which only the last may be shorter, and can be read as a file once
    it is ``finish``\\ ed. Writing a piece again replaces it, so that whoever was cut off goes on where it was.
    Whatever the place refuses is a :class:`~mixillo.errors.ServiceUnavailable` or an error of the database.
    """

    name: str
    piece_bytes: int

    def put_piece(self, key: str, number: int, data: bytes) -> None:
        """Store piece ``number`` of a file, durably."""

    def piece(self, key: str, number: int) -> bytes:
        """Return a piece of a file that is not finished; empty where there is none."""

    def finish(self, key: str, size: int, content_type: str) -> None:
        """Make a file of the pieces; doing it again is harmless."""

    def find(self, key: str) -> Stored | None:
        """Return what is known of a finished file, ``None`` where there is none."""

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes of a finished file from ``start`` up to but without ``end``."""

    def delete(self, key: str) -> None:
        """Remove a file, finished or not; one that is not there is no error."""

    def keys(self, after: str, limit: int) -> list[str]:
        """Return keys in their order, those behind ``after``, for those who look for what was forgotten."""

    def address_to_read(self, key: str, seconds: int) -> str | None:
        """Return where anybody may read the file for a while, without us; ``None`` where there is no such thing."""

    def address_to_write(self, key: str, content_type: str, limit: int, seconds: int) -> SignedAddress | None:
        """Return where anybody may write the file for a while, without us; ``None`` where there is no such thing."""


def open_storage(settings: Settings) -> Storage:
    """Return the storage that ``settings`` name."""
    return BucketStorage(settings.media) if settings.media.startswith(f"{SCHEME}://") else GridStorage()


def storage() -> Storage:
    """Return the storage of the running application."""
    found: Storage = current_app.extensions["media"]
    return found
