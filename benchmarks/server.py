"""The real server, as `mixillo serve` starts it, on a data directory of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

START_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """Where it answers, and how long it took until it did."""

    url: str
    data_dir: Path
    start_seconds: float

    @property
    def worker(self) -> int:
        """The process that answers requests."""
        pid = orjson.loads((self.data_dir / "server.json").read_bytes())["pid"]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
        return int(children[0])


@contextmanager
def serving(data_dir: Path | None = None, dataset: str = "report", **environment: str) -> Iterator[Server]:
    """Start the server, yield it, and stop it as Ctrl-C would."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = data_dir or Path(scratch)
        port = _free_port()
        variables = {"PORT": str(port), "MIXILLO_DATA_DIR": str(directory), "MIXILLO_RATE_LIMIT": "off"}
        command = [sys.executable, "-m", "mixillo.cli", "serve", "--dataset", dataset]
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            env={**os.environ, **variables, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process)
            yield Server(url, directory, time.perf_counter() - started)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(f"the server did not answer within {START_SECONDS} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
