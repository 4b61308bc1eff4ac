"""What is dear to compute and may be a little old: kept in this process for some seconds.

Whoever asks while it is being computed waits for it, so that many who ask at once cost one computation.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import current_app

Value = TypeVar("Value")
MOST = 256


@dataclass
class _Slot:
    value: Any = None
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Keeper:
    """Keeps the values that were asked for last, at most ``MOST``."""

    def __init__(self) -> None:
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, seconds: float, compute: Callable[[], Value]) -> Value:
        """Return what ``compute()`` returned for ``key`` within the last ``seconds``, or returns now."""
        slot = self._slot(key)
        with slot.lock:
            if time.monotonic() >= slot.until:
                slot.value = compute()
                slot.until = time.monotonic() + seconds
            value: Value = slot.value
            return value

    def forget(self) -> None:
        """Compute everything anew."""
        with self._lock:
            self._slots.clear()

    def _slot(self, key: Hashable) -> _Slot:
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            if len(self._slots) > MOST:
                self._slots.popitem(last=False)
            return slot


def keeper() -> Keeper:
    """Return the one of this application."""
    found: Keeper = current_app.extensions.setdefault("kept", Keeper())
    return found


def kept(key: Hashable, seconds: float, compute: Callable[[], Value]) -> Value:
    """Return what ``compute()`` returned for ``key`` within the last ``seconds``, or returns now.

    ``key`` names what is computed and everything that it depends on.
    """
    return keeper().get(key, seconds, compute)
