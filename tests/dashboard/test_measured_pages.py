"""Endpoints, Uptime and Revisions: what was measured, with its samples; what was not is said to be unknown."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.dashboard.charts import chart
from mixillo.core import clock
from mixillo.ops import revisions
from mixillo.ops.metrics.hooks import flusher_of
from mixillo.ops.uptime import Pulse
from tests.dashboard.browsing import Browse


def ask(app: Flask, path: str, times: int) -> None:
    """Send requests through the application, and store their counts."""
    client = app.test_client()
    for _ in range(times):
        client.get(path)
    assert flusher_of(app).flush(wait=True)


def rows(browser_answer: str) -> dict[str, dict[str, str]]:
    return {row["route"]: row for row in csv.DictReader(io.StringIO(browser_answer.removeprefix("\ufeff")))}


def test_the_endpoints_page_counts_every_request(app: Flask, ops_db: Database, browser: Browse) -> None:
    viewer = browser("viewer")
    flusher_of(app).flush(wait=True)
    before = rows(viewer.get("/ops/endpoints.csv").text).get("GET /api/users/stats", {"requests": "0"})
    ask(app, "/api/users/stats", 7)
    after = rows(viewer.get("/ops/endpoints.csv").text)["GET /api/users/stats"]
    assert int(after["requests"]) - int(before["requests"]) == 7
    page = viewer.get("/ops/endpoints").text
    assert "GET /api/users/stats" in page
    assert "p95 below" in page or "p95 over" in page or "no requests" in page


def test_routes_sort_and_search_by_the_url(app: Flask, ops_db: Database, browser: Browse) -> None:
    viewer = browser("viewer")
    ask(app, "/api/users/stats", 1)
    found = viewer.get("/ops/endpoints?routes-search=/api/users/stats").text
    assert "GET /api/users/stats" in found
    assert "GET /api/health<" not in found
    assert "No route is called like" in viewer.get("/ops/endpoints?routes-search=nothing-like-it").text


def test_a_period_nobody_knows_is_the_usual_one(browser: Browse, ops_db: Database) -> None:
    page = browser("viewer").get("/ops/endpoints?period=century").text
    assert "last 24h" in page


def test_unknown_time_is_never_shown_as_up(browser: Browse, ops_db: Database) -> None:
    page = browser("viewer").get("/ops/uptime").text
    assert "Nothing is known about this time yet" in page
    assert "100.00" not in page


def test_heartbeats_show_as_uptime_with_their_coverage(browser: Browse, ops_db: Database) -> None:
    pulse, now = Pulse("one", "r1"), clock.now()
    for minutes in range(2, 62):
        pulse.note(now - timedelta(minutes=minutes), 10, 0)
    pulse.store(ops_db)
    page = browser("viewer").get("/ops/uptime").text
    assert "100.00\u00a0% of" not in page
    assert 'class="up"' in page
    assert "No incident is known" in page


def test_imported_revisions_say_that_nothing_was_measured(browser: Browse, ops_db: Database) -> None:
    revisions.import_rows(ops_db, revisions.REPORT_REVISIONS)
    page = browser("viewer").get("/ops/revisions").text
    for name in ("00141-8t6", "00142-fp7", "00143-xxx"):
        assert name in page
    assert "nothing was measured here" in page
    export = csv.DictReader(io.StringIO(browser("viewer", username="vera").get("/ops/revisions.csv").text))
    assert len(list(export)) == 3


def test_a_running_revision_without_enough_requests_is_not_judged(
    app: Flask, ops_db: Database, browser: Browse
) -> None:
    ask(app, "/health", 3)
    revisions.record(ops_db, revisions.introduce(app.config["SETTINGS"]))
    page = browser("viewer").get("/ops/revisions").text
    assert "insufficient data" in page


@pytest.mark.parametrize("path", ["/ops/endpoints", "/ops/uptime", "/ops/revisions", "/ops/endpoints.csv"])
def test_nobody_sees_them_without_signing_in(app: Flask, ops_db: Database, path: str) -> None:
    assert app.test_client().get(path).status_code == 303


def test_a_gap_parts_the_line_and_a_lone_point_is_still_seen() -> None:
    now = clock.now()
    values = [5.0, 6.0, None, 7.0, None]
    points = [(now + timedelta(minutes=number), value) for number, value in enumerate(values)]
    drawn = chart(points, "ms", end=now + timedelta(minutes=5), target=10, deployments=[(now, "r1")])
    assert [len(line.split()) for line in drawn.lines] == [2, 2]
    assert "2 of 5 points without data" in drawn.words
    assert [marker.x for marker in drawn.markers] == [0.0]


def test_a_chart_of_nothing_says_so() -> None:
    now = clock.now()
    assert chart([(now, None)], "ms", end=now).is_empty
