"""What was counted last is stored before a real server ends."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.ops import metrics
from mixillo.ops.mongod import Mongod
from mixillo.ops.slow_queries.listener import Seen
from mixillo.ops.slow_queries.shapes import shape_of
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
NAME = "mixillo_sigterm"
REQUESTS = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def answers(port: int) -> bool:
    try:
        return get(port, "/health") == 200
    except OSError:
        return False


@pytest.fixture
def names(mongo_client: MongoClient) -> Iterator[str]:
    for name in (NAME, f"{NAME}_ops"):
        mongo_client.drop_database(name)
    yield NAME
    for name in (NAME, f"{NAME}_ops"):
        mongo_client.drop_database(name)


@pytest.mark.slow
@pytest.mark.parametrize("worker", ["eventlet", "gevent", "gthread"])
def test_a_server_that_is_told_to_stop_right_after_traffic_loses_no_count(
    mongod: Mongod, mongo_client: MongoClient, names: str, worker: str
) -> None:
    port = free_port()
    environment = {
        "MONGODB_URI": mongod.uri_of(names),
        "PORT": str(port),
        "MIXILLO_HOST": "127.0.0.1",
        "MIXILLO_WORKER": worker,
        "MIXILLO_RATE_LIMIT": "off",
        "JWT_SECRET": "a" * 40,
        "JWT_REFRESH_SECRET": "b" * 40,
        "K_REVISION": "mixillo-00001-abc",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(port), 30)
        asked = sum(get(port, path) > 0 for path in ("/health", "/nowhere", "/api/health/db") for _ in range(REQUESTS))
        server.send_signal(signal.SIGTERM)
        server.wait(15)
    finally:
        if server.poll() is None:
            server.kill()
    ops = mongo_client[f"{names}_ops"]
    by_route = metrics.by_route(ops, "1h")
    assert by_route[("GET", "unmatched")].requests == REQUESTS
    assert by_route[("GET", "/api/health/db")].requests == REQUESTS
    assert by_route[("GET", "/health")].requests == metrics.latency(ops, "1h").requests - 2 * REQUESTS >= REQUESTS
    assert asked == 3 * REQUESTS
    assert [entry["_id"] for entry in ops["revisions"].find()] == ["mixillo-00001-abc"]
    assert ops["heartbeats"].count_documents({}) >= 1


def test_slow_queries_that_wait_are_stored_at_the_end(app: Flask, ops_db: Database) -> None:
    slow = app.extensions["slow_queries"]
    slow.take()
    slow.give_back([Seen(shape_of("find", {"find": "things", "filter": {"a": 1}}), 1, 200.0, 200.0)])
    metrics.flusher_of(app).close()
    assert slow.waiting == 0
    assert ops_db["slowshapes"].count_documents({"collection": "things"}) == 1


def test_nothing_else_is_tried_when_the_database_did_not_take_the_counts(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, flusher = app.extensions["slow_queries"], metrics.flusher_of(app)
    client.get("/health")
    slow.give_back([Seen(shape_of("find", {"find": "things", "filter": {"a": 1}}), 1, 200.0, 200.0)])
    nowhere: MongoClient = MongoClient("mongodb://127.0.0.1:1", serverSelectionTimeoutMS=10)
    with nowhere, monkeypatch.context() as patched:
        patched.setattr(flusher, "_ops", lambda: nowhere["nothing"])
        flusher.close()
    assert slow.waiting == 1
    flusher.close()
    assert (slow.waiting, flusher.waiting()) == (0, 0)
