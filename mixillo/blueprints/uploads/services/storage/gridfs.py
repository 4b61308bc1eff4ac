"""Files in MongoDB, laid out as GridFS lays them out: ``media.files`` and ``media.chunks`` of the technical database.

The driver's own GridFS writes a file in one go; here a file arrives over several requests, so the pieces are written
by themselves. Any GridFS reader finds them.
"""

from collections.abc import Iterator

from bson import Binary
from pymongo.collection import Collection

from mixillo.blueprints.uploads.services.storage.stored import SignedAddress, Stored
from mixillo.core import clock
from mixillo.core.db import ops_database

FILES, CHUNKS = "media.files", "media.chunks"
# Twice GridFS's own: half as many writes for a file, and little enough to hold one for each reader.
PIECE_BYTES = 512 * 1024


class GridStorage:
    """See :class:`~mixillo.blueprints.uploads.services.storage.Storage`."""

    name = "gridfs"
    piece_bytes = PIECE_BYTES

    def put_piece(self, key: str, number: int, data: bytes) -> None:
        """Store a piece; the first one brings the file's own document, so that none is without."""
        if number == 0:
            fresh = {"filename": key, "length": 0, "chunkSize": PIECE_BYTES, "uploadDate": clock.now()}
            _files().update_one({"_id": key}, {"$setOnInsert": fresh | {"metadata": {"whole": False}}}, upsert=True)
        place = {"files_id": key, "n": number}
        _chunks().replace_one(place, place | {"data": Binary(data)}, upsert=True)

    def piece(self, key: str, number: int) -> bytes:
        """Return a piece; empty where there is none."""
        found = _chunks().find_one({"files_id": key, "n": number}, {"_id": 0, "data": 1})
        return bytes(found["data"]) if found else b""

    def finish(self, key: str, size: int, content_type: str) -> None:
        """Say that the file is whole."""
        whole = {"length": size, "contentType": content_type, "metadata.whole": True}
        _files().update_one({"_id": key}, {"$set": whole})

    def find(self, key: str) -> Stored | None:
        """Return what is known of a finished file."""
        found = _files().find_one({"_id": key, "metadata.whole": True}, {"length": 1, "contentType": 1})
        return Stored(found["length"], found["contentType"]) if found else None

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield bytes piece by piece: a cursor would time out behind a slow reader."""
        for number in range(start // PIECE_BYTES, -(-end // PIECE_BYTES)):
            begins = number * PIECE_BYTES
            data = self.piece(key, number)
            if not data:  # it was deleted meanwhile
                return
            yield data[max(0, start - begins) : end - begins]

    def delete(self, key: str) -> None:
        """Remove the pieces, and then the file: what is cut off in between can be found and removed again."""
        _chunks().delete_many({"files_id": key})
        _files().delete_one({"_id": key})

    def keys(self, after: str, limit: int) -> list[str]:
        """Return the keys behind ``after``."""
        return [
            file["_id"] for file in _files().find({"_id": {"$gt": after}}, {"_id": 1}, sort=[("_id", 1)], limit=limit)
        ]

    def address_to_read(self, key: str, seconds: int) -> str | None:
        """Nobody reads it without us."""
        return None

    def address_to_write(self, key: str, content_type: str, limit: int, seconds: int) -> SignedAddress | None:
        """Nobody writes it without us."""
        return None


def _files() -> Collection:
    return ops_database()[FILES]


def _chunks() -> Collection:
    return ops_database()[CHUNKS]
