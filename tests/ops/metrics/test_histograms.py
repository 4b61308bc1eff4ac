"""Percentiles and shares are honest, whatever was measured."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixillo.ops.metrics import histograms
from mixillo.ops.metrics.groups import group_of
from mixillo.ops.metrics.recording import Recorder

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


def test_a_route_without_a_target_is_slow_from_800_ms_on() -> None:
    recorder = Recorder()
    assert recorder.count("/api/users", "GET", 200, 799.0) is False
    assert recorder.count("/api/users", "GET", 200, 800.0) is True
    assert recorder.count("/api/auth/login", "POST", 200, 300.0) is True
    assert recorder.count("/health", "GET", 200, 99.9) is False
