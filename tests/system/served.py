"""`mixillo serve` as a child process, and everything a test wants to know of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import requests
from pymongo import MongoClient

from mixillo.ops import mongod, processes
from tests.waiting import wait_until

PROJECT = Path(__file__).parents[2]
READY = "Ctrl-C stops everything."
SURROUNDINGS = ("PATH", "HOME", "LANG", "MIXILLO_MONGOD")


class Served:
    """One run of `mixillo serve`; nothing of the developer's own settings reaches it."""

    def __init__(self, data_dir: Path, *arguments: str, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = int(environment.get("PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = surroundings() | {
            "PORT": str(self.port),
            "MIXILLO_HOST": "127.0.0.1",
            "MIXILLO_DATA_DIR": str(data_dir),
            **environment,
        }
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mixillo.cli", "serve", *arguments],
            cwd=data_dir.parent,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self.seconds = 0.0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if READY in line:
                self.seconds = time.monotonic() - self.started
            self.lines.append(line.rstrip("\n"))
        self.process.stdout.close()

    @property
    def output(self) -> str:
        """What it has printed so far, on both streams."""
        return "\n".join(self.lines)

    def wait_until_ready(self, seconds: float = 90) -> "Served":
        """Return when everything answers."""
        wait_until(lambda: self.seconds or self.process.poll() is not None, seconds)
        assert self.seconds, f"it ended with {self.process.returncode}: {self.output}"
        return self

    def wait_until_ended(self, seconds: float = 60) -> int:
        """Return the exit status, with all output read."""
        status = self.process.wait(seconds)
        self._reader.join()
        return status

    def stop(self, signum: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does, and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        return self.wait_until_ended()

    @property
    def setup_link(self) -> str:
        """The link for the first operator that was printed at the start."""
        found = re.search(r"http://\S+/ops/setup\S+", self.output)
        assert found, self.output
        return found[0].replace(f"http://localhost:{self.port}", self.url)

    @property
    def mongo_uri(self) -> str:
        """The connection string of its database."""
        running = mongod.running(self.data_dir)
        assert running
        return running.uri_of("mixillo")

    @property
    def mongod_pid(self) -> int:
        """The embedded database's process."""
        running = mongod.running(self.data_dir)
        assert running
        return running.pid

    @property
    def gunicorn_pid(self) -> int:
        """The web server's first process."""
        return int(json.loads((self.data_dir / "server.json").read_text("utf-8"))["pid"])

    @property
    def worker_pid(self) -> int:
        """The process that answers requests."""
        pid = self.gunicorn_pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
        assert len(children) == 1, children
        return int(children[0])

    def pids(self) -> list[int]:
        """Return every process that belongs to it."""
        return [self.process.pid, self.gunicorn_pid, self.worker_pid, self.mongod_pid]

    def client(self) -> MongoClient:
        """Return a client of its database, which outlasts restarts."""
        return MongoClient(self.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=10_000)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Ask for ``path``."""
        return requests.get(f"{self.url}{path}", **{"timeout": 10, **options})

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        """Send ``body`` as JSON to ``path``."""
        return requests.post(f"{self.url}{path}", json=body, **{"timeout": 10, **options})

    def register(self, name: str) -> dict[str, Any]:
        """Sign somebody up and return the answer's data, tokens included."""
        body = {
            "username": name,
            "email": f"{name}@example.com",
            "password": "a-quiet-harbour-42",
            "fullName": f"{name.title()} Example",
        }
        answer = self.post("/api/auth/register", body)
        assert answer.status_code == 201, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data


def surroundings() -> dict[str, str]:
    """Return the few variables of this process that a program needs."""
    return {name: os.environ[name] for name in SURROUNDINGS if name in os.environ}


def command(*arguments: str, data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a `mixillo` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "mixillo.cli", *arguments],
        cwd=data_dir.parent,
        env=surroundings() | {"MIXILLO_DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gone(pid: int) -> bool:
    """Return whether the process has ended."""
    return processes.command_of(pid) == ""
