"""The Database page: figures as the report states them, in whatever order and part they are asked for."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.queries import holdings
from mixillo.ops.database import DatabaseStats, statistics
from tests.dashboard.browsing import Browse, Forward
from tests.waiting import wait_until


@pytest.fixture
def filled(db: Database) -> Iterator[Database]:
    """Collections whose orders by name, documents and size all differ."""
    for name, documents, padding in (("alpha", 3, 2_000), ("beta", 5, 10), ("gamma", 1, 9_000), ("alphabet", 2, 1)):
        db[name].insert_many([{"text": "x" * padding} for _ in range(documents)])
    yield db
    for name in ("alpha", "beta", "gamma", "alphabet"):
        db.drop_collection(name)


def names(page: TestResponse, caption: str = "Collections of mixillo_test") -> list[str]:
    """Return the names in the table with this caption that the fixture made, from top to bottom."""
    table = page.text.partition(f'<caption class="hidden">{caption}</caption>')[2].partition("</table>")[0]
    made = ("alpha", "beta", "gamma", "alphabet")
    return [name for name in re.findall(r'<th scope="row">([^<]*)</th>', table) if name in made]


def test_the_figures_are_those_of_the_database(browser: Browse, filled: Database) -> None:
    page = browser("viewer").get("/ops/database")
    stats = statistics(filled)
    shown = dict(re.findall(r'data-figure="([^"]*)">([^<]*)<', page.text))
    assert shown["Collections"] == f"{len(stats.collections):,}"
    assert shown["Documents"] == f"{stats.documents:,}"
    assert shown["alpha documents"] == "3"
    alpha = next(c for c in stats.collections if c.name == "alpha")
    assert shown["alpha sizeBytes"] == f"{round(alpha.size_bytes / 1024):,}"
    assert shown["alpha averageBytes"] == f"{alpha.average_bytes:,}"
    assert shown["alpha indexes"] == "1"


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["beta", "alpha", "alphabet", "gamma"]),
        ("-documents", ["beta", "alpha", "alphabet", "gamma"]),
        ("documents", ["gamma", "alphabet", "alpha", "beta"]),
        ("name", ["alpha", "alphabet", "beta", "gamma"]),
        ("-name", ["gamma", "beta", "alphabet", "alpha"]),
        ("-averageBytes", ["gamma", "alpha", "beta", "alphabet"]),
        ("-sizeBytes", ["gamma", "alpha", "beta", "alphabet"]),
        ("-nonsense", ["beta", "alpha", "alphabet", "gamma"]),
    ],
)
def test_the_order_is_in_the_url(browser: Browse, filled: Database, sort: str, expected: list[str]) -> None:
    assert names(browser().get(f"/ops/database?all-sort={sort}")) == expected


def test_a_second_click_turns_the_order_round(browser: Browse, filled: Database) -> None:
    client = browser()
    first = client.get("/ops/database?all-sort=-documents").text
    assert 'aria-sort="descending" class="number"><a href="/ops/database?all-sort=documents"' in first
    assert '<a href="/ops/database?all-sort=name"' in first


def test_the_search_looks_at_names_in_any_case(browser: Browse, filled: Database) -> None:
    client = browser()
    assert names(client.get("/ops/database?all-search=ALPHA")) == ["alpha", "alphabet"]
    nothing = client.get("/ops/database?all-search=zzz")
    assert "No collection is called like “zzz”" in nothing.text
    assert "This database has no collections yet" not in nothing.text


def test_our_own_collections_are_listed_apart(browser: Browse, filled: Database) -> None:
    page = browser().get("/ops/database?ops-search=operat&ops-sort=name").text
    owners, _, ours = page.partition('id="technical"')
    assert '<th scope="row">operators</th>' in ours
    assert '<th scope="row">operators</th>' not in owners
    assert '<th scope="row">beta</th>' in owners


def test_a_card_comes_alone_with_the_same_parameters(browser: Browse, filled: Database) -> None:
    client = browser()
    path = "/ops/database?all-search=alpha&all-sort=name"
    card = client.get(path, headers={"HX-Request": "true", "HX-Target": "collections"})
    assert card.text.lstrip().startswith("<section")
    assert "<html" not in card.text
    assert names(card) == ["alpha", "alphabet"]
    several = client.get(path, headers={"HX-Request": "true", "X-Live": "totals,collections,../error"}).text
    assert re.findall(r'<section[^>]* id="([^"]*)"', several) == ["totals", "collections"]


def test_a_card_told_of_a_change_never_shows_what_was_before_it(browser: Browse, filled: Database) -> None:
    client = browser()
    live = {"HX-Request": "true", "X-Live": "collections"}
    client.get("/ops/database")
    filled["beta"].insert_one({})
    assert 'data-figure="beta documents">6<' in client.get("/ops/database", headers=live).text


def test_a_page_shows_figures_of_at_most_ten_seconds_ago_with_their_time(
    browser: Browse, filled: Database, forward: Forward
) -> None:
    client = browser()
    before = client.get("/ops/database").text
    filled["beta"].insert_one({})
    again = client.get("/ops/database").text
    as_of = re.compile(r'id="collections".*?data-as-of="([^"]*)"', re.S)
    assert as_of.search(again)[1] == as_of.search(before)[1]  # type: ignore[index]
    forward(timedelta(seconds=11))
    assert 'data-figure="beta documents">6<' in client.get("/ops/database").text


def rows(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_csv_holds_the_table_as_it_is_shown_with_exact_bytes(browser: Browse, filled: Database) -> None:
    answer = browser("viewer").get("/ops/database.csv?table=all&all-search=alpha&all-sort=name")
    assert answer.mimetype == "text/csv"
    assert re.search(r'filename="?mixillo_test-\d{8}T\d{6}Z\.csv', answer.headers["Content-Disposition"])
    found = rows(answer)
    assert [row["name"] for row in found] == ["alpha", "alphabet"]
    alpha = next(c for c in statistics(filled).collections if c.name == "alpha")
    assert found[0]["sizeBytes"] == str(alpha.size_bytes)
    assert found[0]["measuredAt"].endswith("Z")


def test_the_csv_of_our_own_collections_is_another(browser: Browse, filled: Database) -> None:
    found = [row["name"] for row in rows(browser().get("/ops/database.csv?table=ops"))]
    assert "operators" in found
    assert "beta" not in found


def test_a_spreadsheet_does_not_run_what_a_collection_is_called(browser: Browse, db: Database) -> None:
    hostile = '=HYPERLINK("https://evil.example")'
    db[hostile].insert_one({})
    try:
        found = [row["name"] for row in rows(browser().get("/ops/database.csv?all-search=HYPER"))]
    finally:
        db.drop_collection(hostile)
    assert found == [f"'{hostile}"]


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'-alert(1)-'", "{{7*7}}"]
)
def test_a_collection_cannot_put_code_on_the_page(browser: Browse, db: Database, hostile: str) -> None:
    db[hostile].insert_one({})
    try:
        client = browser()
        for path in ("/ops", "/ops/database", "/ops/database?all-search=alert"):
            text = client.get(path).text
            assert "<script>alert" not in text
            assert "<img" not in text
            assert "49" not in re.findall(r'<th scope="row">([^<]*)</th>', text)
    finally:
        db.drop_collection(hostile)


@pytest.mark.parametrize("field", ["full_name", "search", "username"])
def test_nobody_can_put_code_on_the_page(browser: Browse, client: FlaskClient, field: str) -> None:
    hostile = '"><script>alert(1)</script>'
    if field == "full_name":
        text = browser(full_name=hostile).get("/ops").text
    elif field == "search":
        text = browser().get("/ops/database", query_string={"all-search": hostile, "all-sort": hostile}).text
    else:
        page = client.get("/ops/sign-in")
        token = re.search(r'csrf_token" value="(\w+)"', page.text)
        assert token
        form = {"csrf_token": token[1], "username": hostile, "password": "x", "next": hostile}
        text = client.post("/ops/sign-in", data=form).text
    assert "<script>alert" not in text
    assert "&#34;&gt;&lt;script&gt;" in text


def test_parameters_that_mean_something_to_the_framework_mean_nothing_here(browser: Browse) -> None:
    hostile = "endpoint=x&_external=1&_scheme=javascript&_anchor=x&_method=POST&table=ops&self=1&values=1&name=1"
    for path in ("/ops", "/ops/database", "/ops/database.csv"):
        answer = browser(username=f"amira{len(path)}").get(f"{path}?{hostile}")
        assert answer.status_code == 200
        assert 'href="javascript' not in answer.text


def test_a_tick_scans_nothing_and_sizes_follow_in_the_background(
    browser: Browse, filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveys: list[str] = []

    def survey(asked: Database) -> DatabaseStats:
        surveys.append(asked.name)
        return statistics(asked)

    monkeypatch.setattr(holdings, "statistics", survey)
    client = browser()
    live = {"HX-Request": "true", "X-Live": "collections"}
    size = re.compile(r'data-figure="gamma sizeBytes">([^<]*)<')
    before = size.findall(client.get("/ops/database").text)
    assert sorted(surveys) == ["mixillo_test", "mixillo_test_ops"]
    for documents in range(2, 5):
        filled["gamma"].insert_one({"text": "x" * 50_000})
        text = client.get("/ops/database", headers=live).text
        assert f'data-figure="gamma documents">{documents}<' in text
        assert size.findall(text) == before
    assert len(surveys) == 2
    monkeypatch.setattr(holdings, "SECONDS_BETWEEN_SURVEYS", 0.0)
    monkeypatch.setattr(holdings, "REST", 0)
    client.application.extensions.pop(holdings.EXTENSION)
    client.get("/ops/database")
    filled["gamma"].insert_one({"text": "x" * 50_000})
    gamma = next(c for c in statistics(filled).collections if c.name == "gamma")
    now = [formats.kilobytes(gamma.size_bytes)]
    wait_until(lambda: size.findall(client.get("/ops/database", headers=live).text) == now, 10)
