"""A database that does not answer: health says so at once, everything recovers by itself."""

import os
import signal
import time

import pytest

from tests.system.conftest import Serve
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("worker", ["eventlet", "gthread"])
def test_a_frozen_database_is_noticed_within_three_seconds_and_forgotten_when_it_moves(
    serve: Serve, worker: str
) -> None:
    server = serve("--dataset", "none", MIXILLO_WORKER=worker).wait_until_ready()
    assert server.get("/api/health/db").status_code == 200
    os.kill(server.mongod_pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        answer = server.get("/api/health/db")
        assert time.monotonic() - started < 3
        assert answer.status_code == 503
        assert answer.json()["connected"] is False
        alive = server.get("/health", timeout=2)
        assert alive.status_code == 200
        refused = server.post("/api/auth/login", {"email": "nobody@example.com", "password": "whatever-42"})
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
    finally:
        os.kill(server.mongod_pid, signal.SIGCONT)
    wait_until(lambda: server.get("/api/health/db").status_code == 200, 5)
    assert server.register("rosalind")
    assert server.stop() == 0


def test_a_frozen_database_does_not_hinder_the_stop(serve: Serve) -> None:
    server = serve("--dataset", "none").wait_until_ready()
    os.kill(server.mongod_pid, signal.SIGSTOP)
    assert server.stop() == 0
