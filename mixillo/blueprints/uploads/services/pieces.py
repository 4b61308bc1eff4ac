"""A file that has arrived in a storage and is not finished yet: bytes that can be read and written anywhere."""

from mixillo.blueprints.uploads.services.storage import Storage


class Pieces:
    """The ``size`` bytes under ``key``; the piece that was read last is remembered."""

    def __init__(self, storage: Storage, key: str, size: int) -> None:
        self.size = size
        self._storage, self._key = storage, key
        self._last: tuple[int, bytes] = (-1, b"")

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to but without ``end``."""
        step, parts = self._storage.piece_bytes, []
        for number in range(start // step, -(-min(end, self.size) // step)):
            begins = number * step
            parts.append(self._piece(number)[max(0, start - begins) : end - begins])
        return b"".join(parts)

    def write(self, start: int, data: bytes) -> None:
        """Replace the bytes at ``start``."""
        step = self._storage.piece_bytes
        while data:
            number, inside = divmod(start, step)
            piece, part = bytearray(self._piece(number)), data[: step - inside]
            piece[inside : inside + len(part)] = part
            self._storage.put_piece(self._key, number, bytes(piece))
            self._last = (number, bytes(piece))
            start, data = start + len(part), data[len(part) :]

    def _piece(self, number: int) -> bytes:
        if self._last[0] != number:
            self._last = (number, self._storage.piece(self._key, number))
        return self._last[1]
