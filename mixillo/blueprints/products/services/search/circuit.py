"""Keeping callers from a server that does not answer, so that each does not wait for it anew."""

import threading
import time
from collections.abc import Callable

SECONDS = 10.0


class Circuit:
    """Closed while a server answers; open from a failure on. Then one caller at a time tries again, after a while."""

    def __init__(self, seconds: float = SECONDS, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._tried_again_at: float | None = None
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether the last try failed."""
        return self._tried_again_at is not None

    def lets_through(self) -> bool:
        """Return whether the caller may try; while it does, others may not if the circuit is open."""
        with self._lock:
            if self._tried_again_at is None:
                return True
            if self._now() < self._tried_again_at:
                return False
            self._tried_again_at = self._now() + self._seconds
            return True

    def failed(self) -> None:
        """Open it."""
        with self._lock:
            self._tried_again_at = self._now() + self._seconds

    def succeeded(self) -> None:
        """Close it."""
        with self._lock:
            self._tried_again_at = None
