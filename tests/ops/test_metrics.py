"""Counts are exact, whatever fails; percentiles are honest; pages read few documents."""

import io
import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import AutoReconnect, PyMongoError

from mixillo import create_app
from mixillo.config import Settings
from mixillo.core import clock, logs
from mixillo.ops import metrics
from mixillo.ops.metrics import histograms, recording, storing
from mixillo.ops.metrics.groups import group_of
from mixillo.ops.metrics.levels import LEVELS, PERIODS, Window, cover
from mixillo.ops.metrics.recording import Minute, Recorder
from mixillo.ops.metrics.storing import Instance
from mixillo.ops.mongod import Mongod, find_program
from tests.waiting import wait_until

NOON = datetime(2026, 3, 4, 12, 0, 30, tzinfo=UTC)
ONE = Instance("one", "r1", NOON)
TWO = Instance("two", "r1", NOON)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock(NOON)
    monkeypatch.setattr(clock, "now", stopped)
    return stopped


@pytest.fixture
def ops(ops_db: Database) -> Database:
    """The technical database, empty but for its indexes."""
    return ops_db


def minute_of(*requests: tuple[str, str, int, float]) -> Minute:
    """Return one minute's counts of ``(rule, method, status, milliseconds)``."""
    recorder = Recorder()
    for rule, method, status, milliseconds in requests:
        recorder.count(rule, method, status, milliseconds)
    taken = recorder.take()
    assert taken is not None
    return taken


def store_all(ops: Database, recorder: Recorder, instance: Instance = ONE, first: int = 1) -> int:
    number = first
    while minute := recorder.take():
        storing.store(ops, instance, number, minute)
        number += 1
    return number


latencies = st.lists(st.floats(min_value=0, max_value=59_999, allow_nan=False), min_size=1, max_size=300)


@given(latencies, st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0]))
def test_a_percentile_lies_in_the_bucket_of_the_exact_one(values: list[float], share: float) -> None:
    counts = [0] * histograms.BUCKETS
    for value in values:
        counts[histograms.bucket_of(value)] += 1
    exact = sorted(values)[math.ceil(share * len(values)) - 1]
    low, high = histograms.bounds(histograms.bucket_of(exact))
    found = histograms.percentile(counts, share)
    assert found is not None
    assert low <= found <= high


@given(latencies, st.sampled_from([100, 300, 500, 800]))
def test_the_share_under_a_target_is_exact(values: list[float], target: int) -> None:
    counts = [0] * histograms.BUCKETS
    for value in [*values, target, math.nextafter(target, 0)]:
        counts[histograms.bucket_of(value)] += 1
    expected = (sum(value < target for value in values) + 1) / (len(values) + 2)
    assert histograms.share_under(counts, target) == pytest.approx(expected, abs=1e-12)


def test_there_are_32_buckets_with_the_targets_among_the_edges() -> None:
    assert histograms.BUCKETS == 32
    assert {100, 300, 500, 800} <= set(histograms.EDGES)
    assert list(histograms.EDGES) == sorted(set(histograms.EDGES))


def test_without_requests_there_is_no_percentile_and_no_share() -> None:
    empty = [0] * histograms.BUCKETS
    assert histograms.percentile(empty, 0.95) is None
    assert histograms.share_under(empty, 100) is None


def test_beyond_the_last_edge_a_percentile_says_at_least_a_minute() -> None:
    counts = [0] * histograms.BUCKETS
    counts[histograms.bucket_of(200_000)] = 3
    assert histograms.percentile(counts, 0.5) == 60_000


@pytest.mark.parametrize(
    ("rule", "group", "target"),
    [
        ("/health", "health", 100),
        ("/api/health/db", "health", 100),
        ("/api/auth/login", "auth", 300),
        ("/api/content/feed", "feed", 500),
        ("/api/posts/feed", "feed", 500),
        ("/api/products/search", "search", 800),
        ("/api/products/<id:product_id>", "api", None),
        ("/api/healthy", "api", None),
        ("/ops/", "pages", None),
        ("unmatched", "unmatched", None),
    ],
)
def test_routes_belong_to_the_groups_of_the_report(rule: str, group: str, target: int | None) -> None:
    assert (group_of(rule).name, group_of(rule).target) == (group, target)


def test_figures_tell_classes_rates_percentiles_and_the_share_under_target(ops: Database, now: Clock) -> None:
    requests = [("/api/auth/login", "POST", 200, 150.0)] * 90 + [("/api/auth/login", "POST", 401, 20.0)] * 6
    requests += [("/api/auth/login", "POST", 500, 900.0)] * 4
    storing.store(ops, ONE, 1, minute_of(*requests))
    found = metrics.latency(ops, "1h", route="POST /api/auth/login")
    assert found.requests == 100
    assert found.classes == {1: 0, 2: 90, 3: 0, 4: 6, 5: 4}
    assert (found.errors, found.error_rate, found.client_error_rate) == (4, 0.04, 0.06)
    assert found.under_target == 0.96
    assert found.p50 is not None
    assert 150 <= found.p50 <= 200
    assert found.mean == pytest.approx((90 * 150 + 6 * 20 + 4 * 900) / 100)
    assert metrics.latency(ops, "24h", group="auth").as_dict()["errors"] == 4
    assert metrics.latency(ops, "30d").requests == 100
    assert metrics.latency(ops, "7d", route="/api/auth/login").requests == 100
    assert metrics.latency(ops, "1h", route="/api/auth/login", revision="r2").requests == 0
    assert metrics.latency(ops, "1h", revision="r1").requests == 100


def test_two_instances_add_up(ops: Database, now: Clock) -> None:
    storing.store(ops, ONE, 1, minute_of(("/health", "GET", 200, 1.5), ("/health", "GET", 200, 1.6)))
    storing.store(ops, TWO, 1, minute_of(("/health", "GET", 200, 1.7), ("/health", "GET", 503, 250.0)))
    for period in PERIODS:
        found = metrics.by_group(ops, period)["health"]
        assert (found.requests, found.errors, found.under_target) == (4, 1, 0.75)


def test_all_resolutions_say_the_same_and_forget_in_time(ops: Database, now: Clock) -> None:
    storing.store(ops, ONE, 1, minute_of(*[("/health", "GET", 200, 1.5)] * 7))
    for level in LEVELS:
        stored = ops[level.collection].find_one({"series": "GET /health"})
        assert stored["counts"] == {"201": 7}
        assert stored["at"] == level.floor(NOON)
        expiry = ops[level.collection].index_information()["at_1"]["expireAfterSeconds"]
        assert expiry == level.kept.total_seconds()
    for name, days in (("slowrequests", 7), ("heartbeats", 35), ("checks", 35)):
        assert ops[name].index_information()["at_1"]["expireAfterSeconds"] == days * 86_400


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


@pytest.fixture
def flusher(ops: Database, settings: Settings) -> tuple[Recorder, Any]:
    """A recorder and what stores its counts in ``ops``."""
    recorder = Recorder()
    introduction = metrics.hooks.revisions.introduce(settings)
    return recorder, metrics.flushing.Flusher(recorder, lambda: ops, ONE, introduction)


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


@given(
    st.integers(min_value=0, max_value=60 * 24 * 60),
    st.integers(min_value=1, max_value=3 * 24 * 60),
)
def test_a_window_is_covered_without_a_gap_or_an_overlap(since: int, minutes: int) -> None:
    present = NOON + timedelta(days=1)
    start = NOON - timedelta(minutes=since)
    wanted = Window(start, start + timedelta(minutes=minutes))
    spans = cover(wanted, present)
    assert spans[0].start <= wanted.start
    assert spans[-1].end is not None
    assert spans[-1].end >= wanted.end
    for span, following in zip(spans, spans[1:], strict=False):
        assert span.end == following.start
    for span in spans:
        assert span.level.floor(span.start) == span.start
        assert span.start > present - span.level.kept - span.level.step


def test_an_open_window_of_thirty_days_reads_few_documents_of_each_series() -> None:
    spans = cover(Window(NOON - timedelta(days=30)), NOON)
    assert sum((span.end - span.start) // span.level.step for span in spans) <= 23 + 31


def test_a_period_ends_where_it_is_told_to(ops: Database, now: Clock) -> None:
    number = 1
    for _ in range(4):
        storing.store(ops, ONE, number, minute_of(("/health", "GET", 200, 1.0)))
        number += 1
        now.advance(minutes=20)
    assert metrics.latency(ops, "1h", now=NOON.replace(second=0)).requests == 0
    assert metrics.latency(ops, "1h", now=NOON + timedelta(minutes=21)).requests == 2
    assert metrics.latency(ops, "1h").requests == 3
    assert metrics.latency(ops, "24h").requests == 4


@pytest.mark.parametrize("period", PERIODS)
def test_a_chart_has_few_points_with_gaps_and_adds_up(ops: Database, now: Clock, period: str) -> None:
    number = 1
    for minutes in (0, 3, 50, 60 * 5, 60 * 30, 60 * 24 * 6):
        now.moment = NOON - timedelta(minutes=minutes)
        storing.store(ops, ONE, number, minute_of(("/health", "GET", 200, 1.0)))
        number += 1
    now.moment = NOON
    points = metrics.timeline(ops, period, group="health")
    assert len(points) <= 120
    assert sum(point.requests for _, point in points) == metrics.latency(ops, period, group="health").requests
    gaps = [point for _, point in points if not point.requests]
    assert gaps
    assert all(point.p95 is None and point.error_rate is None for point in gaps)
    assert [at for at, _ in points] == sorted(at for at, _ in points)


@pytest.mark.parametrize("period", PERIODS)
def test_no_query_scans_a_collection(ops: Database, now: Clock, period: str) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    storing.store(ops, ONE, 1, minute_of(("/health", "GET", 200, 1.0)))

    class Spy:
        """The database, remembering what it is asked."""

        def __getitem__(self, name: str) -> "Spy":
            self.name = name
            return self

        def find(self, where: dict[str, Any], *arguments: Any, **keywords: Any) -> Any:
            asked.append((self.name, where))
            return ops[self.name].find(where, *arguments, **keywords)

    spy: Any = Spy()
    metrics.latency(spy, period, route="GET /health")
    metrics.latency(spy, period, route="/health", revision="r1")
    metrics.by_group(spy, period)
    metrics.by_route(spy, period)
    metrics.timeline(spy, period)
    metrics.slow_requests(spy, period, route="GET /health")
    metrics.slow_requests(spy, period)
    assert asked
    for name, where in asked:
        plan = json.dumps(ops[name].find(where).explain()["queryPlanner"]["winningPlan"], default=str)
        assert "COLLSCAN" not in plan, (name, where)


def test_slow_requests_are_kept_the_slowest_of_a_minute_only(ops: Database, now: Clock) -> None:
    recorder = Recorder()
    for milliseconds in range(60, 160):
        if recorder.count("/health", "GET", 200, milliseconds):
            recorder.sample("/health", "GET", 200, milliseconds, f"request-{milliseconds}")
    store_all(ops, recorder)
    found = metrics.slow_requests(ops, route="GET /health")
    assert {sample["ms"] for sample in found} == set(range(140, 160))
    assert {"at", "route", "method", "status", "ms", "requestId", "revision"} == set(found[0])
    assert metrics.slow_requests(ops, route="POST /health") == []


def test_a_route_without_a_target_is_slow_from_800_ms_on() -> None:
    recorder = Recorder()
    assert recorder.count("/api/users", "GET", 200, 799.0) is False
    assert recorder.count("/api/users", "GET", 200, 800.0) is True
    assert recorder.count("/api/auth/login", "POST", 200, 300.0) is True
    assert recorder.count("/health", "GET", 200, 99.9) is False


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


def test_prometheus_reads_the_counts_with_the_token_only(settings: Settings, db: Database) -> None:
    assert create_app(settings).test_client().get("/metrics").status_code == 404
    application = create_app(Settings(**(vars(settings) | {"metrics_token": "prometheus-" + "x" * 32})))
    client = application.test_client()
    client.get("/health")
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    bare = client.get("/metrics", headers={"Authorization": "prometheus-" + "x" * 32})
    assert bare.status_code == 401
    answer = client.get("/metrics", headers={"Authorization": "Bearer prometheus-" + "x" * 32})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert 'http_request_duration_seconds_count{route="/health",method="GET",status="2xx"} 1' in answer.text
    assert 'route="/health",method="GET",status="2xx",le="+Inf"} 1' in answer.text


def test_unexpected_database_errors_do_not_escape_a_flush(flusher: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder, moving = flusher
    recorder.count("/health", "GET", 200, 1.0)

    def broken(*_arguments: Any) -> bool:
        raise PyMongoError("broken")

    monkeypatch.setattr("mixillo.ops.metrics.flushing.store", broken)
    assert moving.flush() is False
    moving.close()
    assert moving.waiting() == 1
