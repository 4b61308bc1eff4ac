"""The JavaScript client, as somebody in a stream who is cut off at times and comes back."""

import json
import shutil
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "system" / "js"


def need() -> None:
    """Skip where it is not installed."""
    if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("needs node and tests/install.sh")


class Person:
    """One client: ``say`` lines; ``rows`` are what it tells, ``{event, …}`` in order.

    It connects to ``urls`` in turn; with one alone it comes back by itself, as clients do.
    """

    def __init__(self, urls: list[str], token: str, transports: str, stream_id: Any) -> None:
        self.rows: list[dict[str, Any]] = []
        arguments = [",".join(urls), token, transports, str(stream_id)]
        self._process = subprocess.Popen(
            ["node", "person.js", *arguments], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.rows.append(json.loads(line))

    def __enter__(self) -> "Person":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        with self._process:
            self._process.stdin.close()
            self._reader.join()

    def say(self, text: str, *, cut: bool = False) -> None:
        """Say something after what was said before; with ``cut``, the connection ends before the answer comes."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"text": text, "cut": cut}) + "\n")
        self._process.stdin.flush()

    def told(self, event: str) -> list[dict[str, Any]]:
        """Return the rows of ``event`` so far."""
        return [row for row in list(self.rows) if row["event"] == event]

    @property
    def texts(self) -> list[str]:
        """The lines it has heard, in the order they came."""
        return [row["text"] for row in self.told("live:message")]
