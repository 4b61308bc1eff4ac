"""Figures of any period add up, and pages read few documents for them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo import create_app
from mixillo.config import Settings
from mixillo.ops import metrics
from mixillo.ops.metrics import storing
from mixillo.ops.metrics.levels import LEVELS, PERIODS, Window, cover
from mixillo.ops.metrics.recording import Recorder
from tests.ops.metrics.counting import NOON, ONE, TWO, Clock, minute_of, store_all


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
