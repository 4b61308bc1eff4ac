"""What the sockets of this process do, counted in memory: cheap, and read by whoever keeps figures.

Nothing is written here, and nothing waits but for the moment that adding up takes.
"""

import threading
from collections import Counter, deque
from typing import Any

from blinker import Signal

from mixillo.extensions import socketio

# Client events: all of them, those that were answered with an error, those above the pace; connections that were
# refused, and cut for going on; what was sent to sockets, and sent again to those who came back.
ASKED, REFUSED, LIMITED, TURNED_AWAY, CUT, DELIVERED, REPLAYED = COUNTED = (
    "asked", "refused", "limited", "turnedAway", "cut", "delivered", "replayed",
)  # fmt: skip
# How long things took is kept for so many deliveries between two looks; of more the latest.
MOST_LAGS = 5_000

beaten = Signal("This process has sockets and looked after them: sent every two seconds, and once after the last.")


class Figures:
    """Counts since the start of the process; each looker takes what is new to it."""

    def __init__(self) -> None:
        # How much was counted since the start: who sees another number knows that something has happened.
        self.counted = 0
        self._counts: Counter[str] = Counter()
        self._lags: deque[float] = deque(maxlen=MOST_LAGS)
        self._guard = threading.Lock()

    def count(self, what: str, number: int = 1) -> None:
        """Count ``number`` more of one of ``COUNTED``."""
        with self._guard:
            self._counts[what] += number
            self.counted += number

    def told_after(self, milliseconds: float) -> None:
        """Note how long after it was written down something was told here."""
        self._lags.append(max(0.0, milliseconds))

    def take(self) -> tuple[Counter[str], list[float]]:
        """Return what was counted since the last time, and the milliseconds between writing down and telling."""
        with self._guard:
            counts, self._counts = self._counts, Counter()
        lags = []
        while self._lags:
            lags.append(self._lags.popleft())
        return counts, lags


figures = Figures()


def open_sockets(namespace: str) -> int:
    """Return how many sockets of a namespace are open on this process."""
    return in_room(namespace, None)


def in_room(namespace: str, room: Any) -> int:
    """Return how many sockets of this process are in a room; ``None`` is the room of all."""
    manager = getattr(socketio.server, "manager", None)
    return len(manager.rooms.get(namespace, {}).get(room, ())) if manager else 0
