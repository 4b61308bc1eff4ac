"""Bytes on their way into the storage: piece by piece, so that a file of any size takes the memory of one."""

from typing import IO

from mixillo.blueprints.uploads.services import removing
from mixillo.blueprints.uploads.services.errors import TooLarge, WrongOffset, WrongType
from mixillo.blueprints.uploads.services.kinds import BY_TYPE, kind_of
from mixillo.blueprints.uploads.services.storage import storage
from mixillo.blueprints.uploads.services.writing import Writing
from mixillo.core import clock


def receive(upload: Writing, stream: IO[bytes], *, offset: int, most: int) -> None:
    """Store what ``stream`` has from ``offset`` on, of a file of at most ``most`` bytes.

    Whoever is cut off in the middle finds all that has arrived, to the byte, and goes on there.

    :raises WrongOffset: other bytes are stored than ``offset`` says.
    :raises TooLarge: the file has more bytes; what is stored stays.
    :raises WrongType: by its content it is nothing that is taken; it is given up.
    """
    if offset != upload.received:
        raise WrongOffset(f"{upload.received} bytes are stored.", headers={"Upload-Offset": str(upload.received)})
    number, filled = divmod(offset, storage().piece_bytes)
    piece = bytearray(storage().piece(upload.key, number)[:filled] if filled else b"")
    try:
        while data := stream.read(min(storage().piece_bytes - len(piece), most - _so_far(number, piece) + 1)):
            piece += data
            if _so_far(number, piece) > most:
                del piece[-(_so_far(number, piece) - most) :]
                raise TooLarge(f"It has more than {most} bytes.")
            if len(piece) == storage().piece_bytes:
                whole, piece, number = bytes(piece), bytearray(), number + 1
                _store(upload, number - 1, whole)
    finally:  # whatever ends it: the client may have gone
        if piece and _so_far(number, piece) > upload.received:
            _store(upload, number, bytes(piece))


def arrived(upload: Writing) -> None:
    """Note that all bytes are there, so that the file is finished even if this process dies."""
    upload.note({"fileSize": upload.received, "arrivedAt": clock.now()})


def restart(upload: Writing) -> None:
    """Forget what was sent before."""
    storage().delete(upload.key)
    upload.note({"received": 0})


def _so_far(number: int, piece: bytearray) -> int:
    return number * storage().piece_bytes + len(piece)


def _store(upload: Writing, number: int, piece: bytes) -> None:
    if number == 0 and kind_of(piece) is None and len(piece) >= min(64, upload.document["fileSize"] or 64):
        refusal = WrongType(f"By its content it is none of {', '.join(BY_TYPE)}.")
        removing.fail(upload, refusal)
        raise refusal
    storage().put_piece(upload.key, number, piece)
    upload.note({"received": number * storage().piece_bytes + len(piece)})
