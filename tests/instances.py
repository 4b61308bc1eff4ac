"""Several real servers with one Redis between them, as Cloud Run would run them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from mixillo.config import Settings
from tests.waiting import wait_until

ROOT = Path(__file__).parents[1]


@dataclass
class Process:
    """A program that is started, killed and started again under the same command."""

    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    running: subprocess.Popen | None = None

    def start(self) -> None:
        self.running = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=os.environ | self.environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def send(self, number: signal.Signals) -> None:
        assert self.running
        self.running.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it; whom SIGKILL ends cannot end its own children, so they are killed with it."""
        if self.running and self.running.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(self.running.pid, number)
            else:
                self.running.send_signal(number)
            self.running.wait(20)


@dataclass
class Instances:
    """The addresses of the servers, their programs, and Redis."""

    urls: list[str]
    servers: list[Process]
    redis: Process


NAMES = ("one", "two", "three")


@contextmanager
def serving_many(settings: Settings, directory: Path, count: int = 2, **more: str) -> Iterator[Instances]:
    """Start ``count`` servers and a Redis, yield them when they answer, and end them; ``more`` are their settings."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    redis_port = free_port()
    redis = Process([program, "--port", str(redis_port), "--save", "", "--dir", str(directory)])
    started = Instances([], [], redis)
    try:
        redis.start()
        for name in NAMES[:count]:
            port = free_port()
            environment = {
                "NODE_ENV": "test",
                "PORT": str(port),
                "MIXILLO_HOST": "127.0.0.1",
                "MONGODB_URI": settings.mongodb_uri,
                "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
                "JWT_SECRET": settings.jwt_secret,
                "JWT_REFRESH_SECRET": settings.jwt_refresh_secret,
                "MIXILLO_DATA_DIR": str(directory),
                "MIXILLO_RATE_LIMIT": "off",
                "MIXILLO_INSTANCE": name,
                **more,
            }
            server = Process([sys.executable, "-m", "gunicorn", "wsgi:app"], environment)
            server.start()
            started.servers.append(server)
            started.urls.append(f"http://127.0.0.1:{port}")
        for url in started.urls:
            wait_until(lambda url=url: answers(url), seconds=60)
        yield started
    finally:
        for process in (*started.servers, redis):
            process.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/health/db", timeout=5).ok
    except requests.RequestException:
        return False
