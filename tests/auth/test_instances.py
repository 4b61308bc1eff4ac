"""Two instances, as Cloud Run would run them: what one ends, the other cuts."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from flask import Flask
from pymongo.database import Database

from mixillo.config import Settings
from tests.factories.auth import make_session
from tests.factories.users import make_user
from tests.sockets import Socket
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen]:
    started = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(20)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/health/db", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture
def instances(settings: Settings, db: Database, tmp_path: Path) -> Iterator[list[str]]:
    """Two real servers with one Redis between them."""
    redis = shutil.which("redis-server")
    if redis is None:
        pytest.skip("redis-server is not installed")
    redis_port, urls = free_port(), []
    with ExitStack() as stack:
        stack.enter_context(process(redis, "--port", str(redis_port), "--save", "", "--dir", str(tmp_path)))
        for _ in range(2):
            port = free_port()
            environment = {
                "NODE_ENV": "test",
                "PORT": str(port),
                "MIXILLO_HOST": "127.0.0.1",
                "MONGODB_URI": settings.mongodb_uri,
                "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
                "JWT_SECRET": settings.jwt_secret,
                "JWT_REFRESH_SECRET": settings.jwt_refresh_secret,
                "MIXILLO_DATA_DIR": str(tmp_path),
            }
            stack.enter_context(process(sys.executable, "-m", "gunicorn", "wsgi:app", **environment))
            urls.append(f"http://127.0.0.1:{port}")
        for url in urls:
            wait_until(lambda url=url: answers(url), seconds=60)
        yield urls


def test_a_session_that_ends_on_one_instance_is_cut_on_the_other(
    app: Flask, db: Database, instances: list[str]
) -> None:
    ada = make_user(db)
    ended, kept = make_session(app, ada)[1]["token"], make_session(app, ada)[1]["token"]
    first, second = Socket(instances[1], {"token": ended}), Socket(instances[1], {"token": kept})
    assert first.is_open
    headers = {"Authorization": f"Bearer {ended}"}
    assert requests.post(f"{instances[0]}/api/auth/logout", headers=headers, timeout=5).ok
    wait_until(lambda: not first.is_open, seconds=1.0)
    assert first.told("session:ended") == [{"code": "logged_out"}]
    assert second.is_open
    first.close()
    second.close()
