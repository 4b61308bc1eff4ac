"""The disk under the database: a mongod whose disk fills up hangs for ever instead of ending."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

MINIMUM_FREE_BYTES = 4 * 1024 * 1024
SECONDS_BETWEEN_LOOKS = 0.25


def is_full(path: Path) -> bool:
    """Return whether the disk that holds ``path`` has no room left to work in."""
    return shutil.disk_usage(path).free < MINIMUM_FREE_BYTES


class DiskWatch:
    """Looks at the disk that holds ``path`` until it is full, and calls ``on_full`` then."""

    def __init__(self, path: Path, on_full: Callable[[], None]) -> None:
        self._path = path
        self._on_full = on_full
        self._done = threading.Event()
        threading.Thread(target=self._look, name="disk", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._done.set()

    def _look(self) -> None:
        while not self._done.wait(SECONDS_BETWEEN_LOOKS):
            if is_full(self._path):
                self._on_full()
                return
