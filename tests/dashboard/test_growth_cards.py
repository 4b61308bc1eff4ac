"""Growth and archive candidates on the Database page: from the daily samples, or a word that they do not suffice."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.blueprints.dashboard.queries.growing import signed
from mixillo.core import clock
from mixillo.ops import growth
from tests.dashboard.auditing import look
from tests.dashboard.browsing import Browse, Forward

PLANTED = "eventtrackings"
GROWTH = {"HX-Request": "true", "X-Live": "growth"}
ARCHIVE = {"HX-Request": "true", "X-Live": "archive"}


@pytest.fixture
def planted(db: Database) -> Iterator[Database]:
    """A collection of events, ten of them four months old."""
    now = clock.now()
    old = [{"timestamp": now - timedelta(days=120 + n), "text": "x" * 1_000} for n in range(10)]
    db[PLANTED].insert_many([*old, *({"timestamp": now, "text": "x" * 1_000} for _ in range(20))])
    yield db
    db.drop_collection(PLANTED)
    db.drop_collection("<img src=x>'")


@pytest.fixture
def grown(planted: Database, ops_db: Database, forward: Forward) -> Database:
    """The same, which has grown by seven documents a day for two days."""
    growth.take(planted, ops_db)
    planted[PLANTED].insert_many([{"timestamp": clock.now(), "text": "x" * 1_000} for _ in range(14)])
    forward(timedelta(days=2))
    growth.take(planted, ops_db)
    return planted


def figures(page: TestResponse) -> dict[str, str]:
    found = re.findall(rf'data-figure="{PLANTED} (\w+)">([^<]*)<', page.text)
    return {name: text.replace("\u00a0", " ") for name, text in found}


def exported(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_growth_is_told_by_day_and_week_with_where_it_leads(browser: Browse, grown: Database) -> None:
    page = browser("viewer").get("/ops/database", headers=GROWTH)
    shown = figures(page)
    assert (shown["documents"], shown["documentsPerDay"], shown["documentsPerWeek"]) == ("44", "+7", "+49")
    assert shown["since"] == "2 d"
    (row,) = [row for row in growth.growth(grown.client[f"{grown.name}_ops"]) if row.collection == PLANTED]
    assert row.bytes_per_day
    assert shown["bytesPerDay"] == signed(row.bytes_per_day / 1024)
    assert shown["projectedBytes"] == f"{round((row.size_bytes + 30 * row.bytes_per_day) / 1024):,}"
    assert "a day, +49 a week" in page.text
    assert "Insufficient data" not in page.text


def test_only_what_has_changed_is_listed_unless_all_is_asked_for(browser: Browse, grown: Database) -> None:
    client = browser()
    names = re.compile(r'<th scope="row">([^<]*)</th>')
    assert names.findall(client.get("/ops/database", headers=GROWTH).text) == [PLANTED]
    everything = names.findall(client.get("/ops/database?growth=all&growth-sort=collection", headers=GROWTH).text)
    assert len(everything) > 5
    assert everything == sorted(everything)
    assert names.findall(client.get("/ops/database?growth=all&growth-search=EVENTTR", headers=GROWTH).text) == [PLANTED]
    nothing = client.get("/ops/database?growth-search=zzz", headers=GROWTH)
    assert "No collection here is called like “zzz”" in nothing.text


def test_one_sample_is_insufficient_data_and_none_is_none(
    browser: Browse, planted: Database, ops_db: Database, forward: Forward
) -> None:
    client = browser()
    assert "No sample has been taken yet" in client.get("/ops/database", headers=GROWTH).text
    assert client.get("/ops/database.csv?table=growth").status_code == 404
    look(planted, ops_db)
    page = client.get("/ops/database?growth=all", headers=GROWTH)
    assert "Insufficient data" in page.text
    assert figures(page)["documentsPerDay"] == "—"
    assert figures(page)["since"] == "insufficient data"
    forward(timedelta(days=1))
    look(planted, ops_db)
    text = client.get("/ops/database", headers=GROWTH).text
    assert "Insufficient data" not in text


def test_what_shrinks_is_told_too(browser: Browse, planted: Database, ops_db: Database, forward: Forward) -> None:
    growth.take(planted, ops_db)
    planted[PLANTED].delete_many({"timestamp": {"$lt": clock.now() - timedelta(days=100)}})
    forward(timedelta(days=2))
    growth.take(planted, ops_db)
    assert figures(browser().get("/ops/database", headers=GROWTH))["documentsPerDay"] == "−5"


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0"), (0.04, "0"), (0.5, "+0.5"), (-0.5, "−0.5"), (3, "+3"), (12.4, "+12"), (-1234.5, "−1,234")],
)
def test_amounts_have_a_sign(amount: float, text: str) -> None:
    assert signed(amount) == text


def test_the_csv_of_growth_is_exact(browser: Browse, grown: Database) -> None:
    (row,) = exported(browser().get("/ops/database.csv?table=growth"))
    assert row["collection"] == PLANTED
    assert float(row["documentsPerDay"]) == pytest.approx(7, abs=0.01)
    assert row["since"] < row["measuredAt"]


def test_old_events_are_listed_with_a_command_that_only_counts(
    browser: Browse, planted: Database, ops_db: Database
) -> None:
    client = browser("viewer")
    assert "Nobody has looked for old events yet" in client.get("/ops/database", headers=ARCHIVE).text
    look(planted, ops_db)
    page = client.get("/ops/database", headers=ARCHIVE)
    assert figures(page)["documents"] == "10"
    assert "<strong>10 events</strong>" in page.text
    command = f"mixillo db archive --older-than 90 --collection {PLANTED} --to archive --dry-run"
    assert page.text.count(command) == 2
    assert "<form" not in page.text.replace("<search><form", "")
    (row,) = exported(client.get("/ops/database.csv?table=archive"))
    assert (row["collection"], row["documents"], row["field"]) == (PLANTED, "10", "timestamp")
    assert int(row["sizeBytes"]) > 10_000


def test_no_old_event_is_good_news(browser: Browse, planted: Database, ops_db: Database) -> None:
    planted[PLANTED].delete_many({"timestamp": {"$lt": clock.now() - timedelta(days=100)}})
    look(planted, ops_db)
    assert "No event is older than 90 days" in browser().get("/ops/database", headers=ARCHIVE).text


def test_a_hostile_collection_stays_a_name(browser: Browse, planted: Database, ops_db: Database) -> None:
    planted["<img src=x>'"].insert_one({})
    look(planted, ops_db)
    ops_db["growthsamples"].update_one({}, {"$set": {"archivable.0.collection": "<img src=x>'"}})
    text = browser().get("/ops/database?growth=all", headers={"HX-Request": "true", "X-Live": "growth,archive"}).text
    assert "<img" not in text
    assert """--collection '<img src=x>'"'"'' --to""" in unescape(text)
