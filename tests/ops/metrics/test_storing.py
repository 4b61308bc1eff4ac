"""Counts are exact, whatever fails."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import AutoReconnect, PyMongoError

from mixillo import create_app
from mixillo.config import Settings
from mixillo.core import logs
from mixillo.ops import metrics
from mixillo.ops.metrics import histograms, recording, storing
from mixillo.ops.metrics.recording import Minute, Recorder
from mixillo.ops.mongod import Mongod, find_program
from tests.ops.metrics.counting import NOON, ONE, Clock, minute_of
from tests.waiting import wait_until


def test_storing_again_what_was_stored_counts_once(ops: Database, now: Clock) -> None:
    minute = minute_of(("/health", "GET", 200, 1.5), ("/api/users", "GET", 200, 900.0))
    minute.keep((900.0, "x", {"at": NOON, "route": "/api/users", "ms": 900.0}))
    assert storing.store(ops, ONE, 1, minute) is True
    assert storing.store(ops, ONE, 1, minute) is False
    assert metrics.latency(ops, "1h").requests == 2
    assert ops["slowrequests"].count_documents({}) == 1
    assert storing.store(ops, ONE, 2, minute) is True
    assert metrics.latency(ops, "1h").requests == 4


def test_what_was_stored_without_an_answer_is_not_counted_twice(
    ops: Database, now: Clock, monkeypatch: pytest.MonkeyPatch, flusher: Any
) -> None:
    recorder, moving = flusher
    recorder.count("/health", "GET", 200, 1.0)
    real = storing.store

    def stored_but_lost(*arguments: Any) -> bool:
        real(*arguments)
        raise AutoReconnect("the answer was lost")

    monkeypatch.setattr("mixillo.ops.metrics.flushing.store", stored_but_lost)
    assert moving.flush() is False
    assert moving.waiting() == 1
    monkeypatch.setattr("mixillo.ops.metrics.flushing.store", real)
    recorder.count("/health", "GET", 200, 1.0)
    assert moving.flush() is True
    assert moving.waiting() == 0
    assert metrics.latency(ops, "1h").requests == 2


@pytest.mark.slow
def test_counts_survive_a_database_that_is_killed_in_mid_flush(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "STORE_SECONDS", 1.0)
    server = Mongod(tmp_path, find_program(""))
    server.start()
    with MongoClient(server.uri, tz_aware=True, serverSelectionTimeoutMS=1_000, timeoutMS=1_500) as client:
        ops = client["mixillo_ops"]
        recorder = Recorder()
        moving = metrics.flushing.Flusher(recorder, lambda: ops, ONE, metrics.hooks.revisions.introduce(settings))
        real, kills = storing._increments, iter((True, True))

        def kill_the_server(minute: Minute) -> Any:
            if next(kills, False):
                server.process.kill()
            return real(minute)

        monkeypatch.setattr(storing, "_increments", kill_the_server)
        for round_ in range(3):
            for _ in range(50):
                recorder.count("/health", "GET", 200, 1.0)
            stored = moving.flush()
            assert stored is (round_ == 2)
            if not stored:
                assert moving.waiting() == 50 * (round_ + 1)
                server.process.wait()
                server.start()
        assert metrics.latency(ops, "1h").requests == 150
        assert metrics.latency(ops, "30d", group="health").requests == 150
    server.stop()


def test_a_long_outage_costs_little_memory_and_no_count(now: Clock) -> None:
    recorder = Recorder()
    for _ in range(600):
        recorder.count("/health", "GET", 200, 1.0)
        now.advance(minutes=1)
    assert len(recorder._held) <= recording.MINUTES_HELD + 12
    counted = 0
    while minute := recorder.take():
        counted += minute.requests
    assert counted == 600


def test_a_clock_that_is_set_back_loses_nothing(now: Clock) -> None:
    recorder = Recorder()
    for minutes in (0, 5, -3, -2, 9):
        now.advance(minutes=minutes)
        recorder.count("/health", "GET", 200, 1.0)
    assert recorder.pending() == 5
    assert sum(row[histograms.bucket_of(1.0)] for row in recorder.totals().values()) == 5


def test_made_up_methods_and_paths_make_no_series_of_their_own(app: Flask, client: FlaskClient) -> None:
    recorder = metrics.recorder_of(app)
    before = set(recorder.totals())
    for number in range(30):
        client.get(f"/nothing/{number}")
        client.open("/health", method=f"BREW{number}")
    assert {key[:2] for key in set(recorder.totals()) - before} <= {("unmatched", "GET"), ("unmatched", "OTHER")}


def test_counts_agree_with_the_access_log_to_the_request(
    mongo_client: MongoClient, settings: Settings, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    application = create_app(Settings(**(vars(settings) | {"access_log": True})))
    logs.configure("INFO")
    client = application.test_client()
    for _ in range(5):
        client.get("/health")
        client.get("/api/health/db")
        client.get("/nowhere")
        client.head("/health")
        client.post("/health")
        client.post("/api/ops/checks", json={})
        client.options("/api/health")
        client.get("/ops/", headers={"Accept": "text/html"})
    assert metrics.flusher_of(application).flush()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    logged = [line["httpRequest"]["status"] // 100 for line in lines if line["message"] == "request"]
    found = metrics.latency(ops_db, "1h")
    assert len(logged) == found.requests == 40
    assert {status: logged.count(status) for status in range(1, 6)} == found.classes
    assert sum(figures.requests for figures in metrics.by_route(ops_db, "1h").values()) == 40


def test_nothing_is_counted_when_metrics_are_off(settings: Settings, db: Database) -> None:
    application = create_app(Settings(**(vars(settings) | {"metrics": False})))
    application.test_client().get("/health")
    assert metrics.recorder_of(application).pending() == 0


def test_a_failed_flush_is_tried_again(flusher: Any, ops: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder, moving = flusher

    def away(*_arguments: Any) -> bool:
        raise AutoReconnect("away")

    with monkeypatch.context() as patched:
        patched.setattr("mixillo.ops.metrics.flushing.store", away)
        for _ in range(3):
            recorder.count("/health", "GET", 200, 1.0)
            assert moving.flush() is False
    assert moving.waiting() == 3
    assert moving.flush() is True
    assert metrics.latency(ops, "1h").requests == 3


def test_two_flushes_at_once_store_everything_once(flusher: Any, ops: Database) -> None:
    recorder, moving = flusher
    for _ in range(100):
        recorder.count("/health", "GET", 200, 1.0)
    for _ in range(5):
        metrics.flushing.socketio.start_background_task(moving.flush)
    moving.close()
    wait_until(lambda: moving.waiting() == 0)
    assert metrics.latency(ops, "1h").requests == 100


def test_unexpected_database_errors_do_not_escape_a_flush(flusher: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder, moving = flusher
    recorder.count("/health", "GET", 200, 1.0)

    def broken(*_arguments: Any) -> bool:
        raise PyMongoError("broken")

    monkeypatch.setattr("mixillo.ops.metrics.flushing.store", broken)
    assert moving.flush() is False
    moving.close()
    assert moving.waiting() == 1
