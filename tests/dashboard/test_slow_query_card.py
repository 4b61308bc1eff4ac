"""Slow query shapes on the Database page: how slow, read how, served by what, and one of them explained."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.config import Settings
from mixillo.ops import jobs
from tests.dashboard.auditing import fill, look, slow
from tests.dashboard.browsing import Browse, csrf_of
from tests.waiting import wait_until

PLANTED = "aplanted"
CARD = {"HX-Request": "true", "X-Live": "slow_queries"}


@pytest.fixture
def planted(db: Database) -> Iterator[Database]:
    """A collection that has to be read through."""
    fill(db, PLANTED)
    yield db
    db.drop_collection(PLANTED)


@pytest.fixture
def shape(planted: Database, ops_db: Database) -> str:
    """A slow query that an index would help, seen a hundred times, and a slower one that none would."""
    slow(ops_db, PLANTED, ("name", "regex"), took=(90_000.0,))
    return slow(ops_db, PLANTED, ("status", "eq"), sort="views", took=(110.0,) * 96 + (700.0,) * 4)


def names(page: TestResponse) -> list[str]:
    """Return the shapes in the table from top to bottom."""
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a></th>', page.text)


def figure(page: TestResponse, name: str) -> str:
    found = re.search(rf'data-figure="[^"]*status[^"]* {name}">([^<]*)<', page.text)
    assert found, page.text
    return found[1].replace("\u00a0", " ")


def test_a_shape_is_shown_with_its_times_and_the_index_that_would_serve(browser: Browse, shape: str) -> None:
    page = browser("viewer").get("/ops/database", headers=CARD)
    assert names(page)[0] == f"find {PLANTED} {{name regex}}"
    assert (figure(page, "count"), figure(page, "maxMs")) == ("100", "700 ms")
    assert 100 <= float(figure(page, "p95Ms").removesuffix(" ms")) <= 125
    assert (figure(page, "examined"), figure(page, "returned")) == ("—", "—")
    assert figure(page, "suggestion") == "status: 1, views: -1"


def test_one_shape_opens_with_the_command_that_creates_its_index(browser: Browse, shape: str) -> None:
    client = browser("viewer")
    listed = client.get("/ops/database", headers=CARD)
    assert "createIndex" not in listed.text
    link = re.search(r'<a href="([^"]*)">find aplanted {status', listed.text)
    assert link
    page = client.get(unescape(link[1]), headers=CARD)
    command = (
        f"""mongosh "$MONGODB_URI" --eval 'db.getCollection("{PLANTED}").createIndex({{"status": 1, "views": -1}})'"""
    )
    assert command in unescape(page.text)
    assert "<code>status: 1, views: -1</code>" in page.text
    assert "GET /api/feed" in page.text
    assert "Explain it now" not in page.text


def test_an_operator_has_it_explained_and_the_index_is_then_called_missing(
    browser: Browse, shape: str, ops_db: Database
) -> None:
    viewer = browser("viewer", username="vera")
    path = f"/ops/database/queries/{shape}/explain"
    assert viewer.post(path, data={"csrf_token": csrf_of(viewer.get("/ops/database"))}).status_code == 403
    client = browser("operator", username="omar")
    token = {"csrf_token": csrf_of(client.get("/ops/database"))}
    assert client.post(path, data=token).status_code == 303
    wait_until(lambda: (jobs.latest(ops_db, "slow_queries.explain") or {}).get("state") == "done", 20)
    page = client.get("/ops/database", headers=CARD)
    text = unescape(page.text)
    assert "an index would help" in text
    assert "COLLSCAN: 1,500 examined for 75" in text
    assert (figure(page, "examined"), figure(page, "returned")) == ("1,500", "75")
    health = client.get("/ops/database?verdict=missing", headers={"HX-Request": "true", "X-Live": "index_health"})
    assert "aplanted/status_1_views_-1" in health.text
    client.post("/ops/database/queries/nonsense/explain", data=token)
    assert "There is no such slow query." in client.get("/ops/database").text


def test_the_audit_explains_by_itself(browser: Browse, shape: str, planted: Database, ops_db: Database) -> None:
    look(planted, ops_db)
    assert figure(browser().get("/ops/database", headers=CARD), "examined") == "1,500"


def test_a_way_of_searching_that_no_index_serves_says_so(browser: Browse, planted: Database, ops_db: Database) -> None:
    hopeless = slow(ops_db, PLANTED, ("name", "regex"), took=(200.0,))
    page = browser().get(f"/ops/database?shape={hopeless}", headers=CARD)
    assert "none: the way it searches cannot use one" in page.text
    assert "createIndex" not in page.text


def test_shapes_are_sorted_searched_and_exported(browser: Browse, shape: str, ops_db: Database) -> None:
    slow(ops_db, "orders", ("paid", "eq"), took=(5_000.0,))
    client = browser()
    assert [name.split()[1] for name in names(client.get("/ops/database?slow-sort=-count", headers=CARD))][0] == PLANTED
    assert names(client.get("/ops/database?slow-search=ORDERS", headers=CARD)) == ["find orders {paid eq}"]
    assert "No slow query has “zzz” in it" in client.get("/ops/database?slow-search=zzz", headers=CARD).text
    answer = client.get("/ops/database.csv?table=slow&slow-sort=-maxMs")
    found = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["maxMs"] for row in found] == ["90000.0", "5000.0", "700.0"]
    assert found[2]["suggestion"] == "status: 1, views: -1"
    assert found[2]["examined"] == ""


def test_no_slow_query_and_no_recording_are_two_things(
    browser: Browse, app: Flask, db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()
    assert "No query was slow" in client.get("/ops/database", headers=CARD).text
    monkeypatch.setitem(app.config, "SETTINGS", Settings(**{**vars(settings), "slow_query_ms": 0}))
    assert "Slow queries are not recorded" in client.get("/ops/database", headers=CARD).text


def test_a_hostile_collection_stays_a_name(browser: Browse, ops_db: Database) -> None:
    shape = slow(ops_db, "<img src=x onerror=alert(1)>'\"`id`", ("a", "eq"), took=(200.0,))
    client = browser()
    for path in ("/ops/database", f"/ops/database?shape={shape}", "/ops/database?shape=<script>alert(1)</script>"):
        text = client.get(path, headers=CARD).text
        assert "<img" not in text
        assert "<script" not in text
    quoted = unescape(client.get(f"/ops/database?shape={shape}", headers=CARD).text)
    assert """--eval 'db.getCollection("<img src=x onerror=alert(1)>'"'"'\\"`id`")""" in quoted
