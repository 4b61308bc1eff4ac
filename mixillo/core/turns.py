"""Turns: transactions of this process that change the same documents wait for each other.

MongoDB lets the second writer of a document fail, and it starts again; where many want the same few documents, most of
the work is done for nothing and some never come through. Nothing depends on turns: other instances take theirs, and
what conflicts with them is repeated as before.
"""

import threading
import time
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager

# Keys share so many locks: two that fall on one wait for each other without need, which is rare and harmless.
_LOCKS = [threading.Lock() for _ in range(4096)]


@contextmanager
def taken(keys: Iterable[Hashable], seconds: float) -> Iterator[None]:
    """Hold the turn of each of ``keys`` (ids of what is about to change); after ``seconds`` go on without."""
    deadline = time.monotonic() + seconds
    held = []
    try:
        # In one order for all, so that nobody waits in a circle.
        for place in sorted({hash(key) % len(_LOCKS) for key in keys}):
            if _LOCKS[place].acquire(timeout=max(0.0, deadline - time.monotonic())):
                held.append(_LOCKS[place])
        yield
    finally:
        for lock in held:
            lock.release()
