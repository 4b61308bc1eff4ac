"""How many events a socket may send: what is too much is refused, and who goes on is cut."""

import time
from dataclasses import dataclass

PER_SECOND, AT_ONCE = 30.0, 30.0
# So many refusals without a pause end the connection.
MOST_REFUSED = 30


@dataclass(slots=True)
class _Pace:
    left: float
    at: float
    refused: int = 0


class Paces:
    """The paces of the sockets of a process."""

    def __init__(self) -> None:
        self._of: dict[str, _Pace] = {}

    def may_send(self, socket_id: str) -> bool:
        """Count an event, and return whether it is within the limit."""
        now = time.monotonic()
        pace = self._of.setdefault(socket_id, _Pace(AT_ONCE, now))
        pace.left = min(AT_ONCE, pace.left + (now - pace.at) * PER_SECOND)
        pace.at = now
        if pace.left == AT_ONCE:
            pace.refused = 0
        if pace.left < 1:
            pace.refused += 1
            return False
        pace.left -= 1
        return True

    def is_flooding(self, socket_id: str) -> bool:
        """Return whether the socket goes on although it was refused."""
        return self._of[socket_id].refused > MOST_REFUSED

    def forget(self, socket_id: str) -> None:
        """Forget a socket that is gone."""
        self._of.pop(socket_id, None)
