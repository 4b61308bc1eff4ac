"""The server's log file: kept at a bounded size, with warnings repeated on the terminal."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT_BYTES = 50 * 1024 * 1024
SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_BETWEEN_REPETITIONS = 10.0
LOUD = ("WARNING", "ERROR", "CRITICAL")

Told = Callable[[str], None]


class LogFile:
    """Follows the file that the server's lines are appended to, and tells ``say`` the warnings and errors."""

    def __init__(self, path: Path, say: Told) -> None:
        self._path = path
        self._say = say
        self._told: dict[str, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="log", daemon=True)
        self._file = path.open("ab")
        # Read through a description of its own: the server's writes move the position of the other one.
        self._reader = path.open("rb")
        self._position = self._reader.seek(0, os.SEEK_END)

    def fileno(self) -> int:
        """Return the descriptor that the server writes to."""
        return self._file.fileno()

    def __enter__(self) -> "LogFile":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._done.set()
        self._thread.join()
        self._look()
        self._reader.close()
        self._file.close()

    def _follow(self) -> None:
        while not self._done.wait(SECONDS_BETWEEN_LOOKS):
            self._look()
            if self._position > LIMIT_BYTES:
                self._rotate()

    def _look(self) -> None:
        """Tell what was appended since the last look, up to its last complete line."""
        self._reader.seek(self._position)
        fresh = self._reader.read()
        complete = fresh[: fresh.rfind(b"\n") + 1]
        self._position += len(complete)
        for line in complete.splitlines():
            if told := _loud(line):
                self._tell(told)

    def _tell(self, told: str) -> None:
        """Tell something, but not again and again."""
        now = time.monotonic()
        self._told = {text: at for text, at in self._told.items() if at > now - SECONDS_BETWEEN_REPETITIONS}
        if told not in self._told:
            self._told[told] = now
            self._say(told)

    def _rotate(self) -> None:
        """Keep what there is beside the file and begin again; the server goes on appending meanwhile."""
        shutil.copyfile(self._path, self._path.with_suffix(".log.1"))
        self._file.truncate(0)
        self._position = 0


def _loud(line: bytes) -> str | None:
    """Return a warning or an error in one line for people, ``None`` for everything else."""
    if not any(severity.encode() in line for severity in LOUD):
        return None
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    if record.get("severity") not in LOUD:
        return None
    request = record.get("httpRequest")
    if request:
        said = f"{request['requestMethod']} {request['requestUrl']} → {request['status']}"
    else:
        said = " ".join(str(record.get(part, "")) for part in ("message", "error"))
    trace = (record.get("exception") or "").strip().rpartition("\n")[2]
    return f"{record['severity'].lower()}: {' — '.join(part for part in (said.strip(), trace) if part)}"
