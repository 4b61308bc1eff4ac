"""MP4 and QuickTime files: boxes in boxes. What tells where and by whom they were made is blanked in place.

Telephones write the place of recording into videos. It lies in boxes that no player needs: named ``free`` and filled
with zeros they are skipped, and no byte behind them moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from mixillo.blueprints.uploads.services.errors import Unreadable

# Far more than a file of any length has; a hostile one is all boxes.
MOST_BOXES = 20_000
TELLING = (b"udta", b"meta", b"uuid", b"XMP_")
HOLDING = (b"moov", b"trak")
BLANK = 64 * 1024


class Bytes(Protocol):
    """Bytes that can be read and written anywhere."""

    size: int

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to but without ``end``."""

    def write(self, start: int, data: bytes) -> None:
        """Replace the bytes at ``start``."""


@dataclass(frozen=True)
class Box:
    """A box of ``kind`` from ``start`` to ``end``; what it holds begins at ``inside``."""

    kind: bytes
    start: int
    inside: int
    end: int


def scrub(file: Bytes) -> Box:
    """Blank what tells of people and places, and return the box that describes the film.

    :raises Unreadable: the file is not all boxes, or there is no such one.
    """
    found = None
    for box in _boxes(file, 0, file.size, [0]):
        if box.kind in TELLING:
            _blank(file, box)
        elif box.kind == b"moov" and found is None:
            found = box
            _scrub_inside(file, box, [0])
    if found is None:
        raise Unreadable("It does not say what is in it.")
    return found


def _scrub_inside(file: Bytes, box: Box, counted: list[int]) -> None:
    for inner in _boxes(file, box.inside, box.end, counted):
        if inner.kind in TELLING:
            _blank(file, inner)
        elif inner.kind in HOLDING:
            _scrub_inside(file, inner, counted)


def _boxes(file: Bytes, start: int, end: int, counted: list[int]) -> Iterator[Box]:
    """Yield the boxes that lie between ``start`` and ``end``, one behind the other."""
    while start < end:
        counted[0] += 1
        box = _box(file.read(start, min(start + 16, end)), start, end)
        if box is None:
            if set(file.read(start, min(start + BLANK, end))) <= {0}:  # some programs pad with zeros
                return
            raise Unreadable("It is damaged, or has something else behind it.")
        if counted[0] > MOST_BOXES:
            raise Unreadable("It is in too many parts.")
        yield box
        start = box.end


def _box(head: bytes, start: int, end: int) -> Box | None:
    """Return the box that begins with ``head``, ``None`` where none does."""
    if len(head) < 8 or not all(32 <= byte < 127 or byte == 0xA9 for byte in head[4:8]):
        return None
    size, inside = int.from_bytes(head[:4]), start + 8
    if size == 1:
        size, inside = int.from_bytes(head[8:16]), start + 16
    elif size == 0:
        size = end - start
    if size < inside - start or start + size > end:
        return None
    return Box(head[4:8], start, inside, start + size)


def _blank(file: Bytes, box: Box) -> None:
    file.write(box.start + 4, b"free")
    for at in range(box.inside, box.end, BLANK):
        file.write(at, bytes(min(BLANK, box.end - at)))
