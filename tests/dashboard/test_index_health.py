"""Index health on the Database page: each verdict with its reason, the worst first, and who may have it made anew."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.ops import indexes, jobs
from tests.dashboard.auditing import fill, look, slow
from tests.dashboard.browsing import Browse, Forward, csrf_of
from tests.waiting import wait_until

PLANTED = "aplanted"
HOSTILE = "<img src=x onerror=alert(1)>'\"`id`"
# Asks for the card as it is now, and not as a page may have shown it seconds ago.
CARD = {"HX-Request": "true", "X-Live": "index_health"}


@pytest.fixture
def planted(db: Database) -> Iterator[Database]:
    """A collection with a superfluous index of each kind, and one that is missing."""
    fill(db, PLANTED)
    collection = db[PLANTED]
    collection.create_index("owner")
    collection.create_index([("owner", -1)])
    collection.create_index("views")
    collection.create_index([("views", 1), ("owner", 1)])
    collection.create_index("never")
    collection.create_index("unique", unique=True, sparse=True)
    yield db
    db.drop_collection(PLANTED)


@pytest.fixture
def audited(planted: Database, ops_db: Database, forward: Forward) -> Database:
    """The same after eight days of observation."""
    slow(ops_db, PLANTED, ("status", "eq"), ("views", "range"), took=(340.0, 120.0))
    look(planted, ops_db)
    for name in ("owner", "views"):
        planted[PLANTED].find_one({name: 1}, hint=f"{name}_1")
    forward(timedelta(days=8))
    look(planted, ops_db)
    return planted


def rows(page: TestResponse) -> dict[str, str]:
    """Return the verdict on each planted index in the order of the page."""
    card = page.text.partition('id="index_health"')[2].partition("</table>")[0]
    row = re.compile(r'<th scope="row">([^<]*)</th>\s*<td[^>]*><span[^>]*><svg.*?</svg><span>(.*?)<')
    found = row.findall(card)
    return {unescape(name).partition("/")[2]: verdict for name, verdict in found if name.startswith(PLANTED)}


def exported(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_every_kind_of_verdict_is_on_the_page_the_worst_first(browser: Browse, audited: Database) -> None:
    page = browser("viewer").get("/ops/database", headers=CARD)
    found = rows(page)
    assert list(found.values()) == ["missing", "duplicate", "redundant prefix", "unused", "unused"]
    assert found["status_1_views_1"] == "missing"
    assert found["views_1"] == "redundant prefix"
    assert {found["never_1"], found["views_1_owner_1"]} == {"unused"}
    text = unescape(page.text)
    assert "Its keys (views: 1) are the first of views_1_owner_1 (views: 1, owner: 1)." in text
    assert "1,500 documents examined for 75 (IXSCAN)" in text
    assert "Not used in 8.0 days on 1 server." in text


def test_each_verdict_comes_with_the_command_that_follows(browser: Browse, audited: Database) -> None:
    answer = browser().get("/ops/database.csv?table=indexes&verdict=all&indexes-search=" + PLANTED)
    commands = {row["index"].partition("/")[2]: row["command"] for row in exported(answer)}
    assert commands["views_1"] == f"mixillo db indexes --hide {PLANTED}/views_1"
    assert f'db.getCollection("{PLANTED}").createIndex({{"status": 1, "views": 1}})' in commands["status_1_views_1"]
    assert commands["_id_"] == commands["unique_1"] == ""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("verdict=unused", ["never_1", "views_1_owner_1"]),
        ("verdict=duplicate&indexes-search=PLANTED/OWNER", 1),
        ("verdict=redundant+prefix", ["views_1"]),
        ("verdict=missing", ["status_1_views_1"]),
        ("verdict=all&indexes-search=aplanted/un", ["unique_1"]),
        ("verdict=all&indexes-search=aplanted&indexes-sort=index", 8),
        ("verdict=nonsense", 5),
    ],
)
def test_verdicts_are_filtered_and_searched(
    browser: Browse, audited: Database, query: str, expected: list[str] | int
) -> None:
    found = list(rows(browser().get(f"/ops/database?{query}", headers=CARD)))
    assert (len(found) if isinstance(expected, int) else sorted(found)) == expected


def test_sizes_and_uses_sort_and_are_exact_in_the_csv(browser: Browse, audited: Database) -> None:
    answer = browser().get("/ops/database.csv?table=indexes&verdict=all&indexes-search=aplanted&indexes-sort=-uses")
    found = exported(answer)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=database-indexes-")
    uses = [int(row["uses"] or 0) for row in found]
    assert uses[0] > 0
    assert uses == sorted(uses, reverse=True)
    sizes = audited.command({"collStats": PLANTED})["indexSizes"]
    assert {row["index"].partition("/")[2]: row["sizeBytes"] for row in found if row["verdict"] != "missing"} == {
        name: str(size) for name, size in sizes.items()
    }


def test_the_verdicts_are_made_by_the_audit_and_not_by_a_look(
    browser: Browse, audited: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the page judges indexes")

    monkeypatch.setattr(indexes.recorded, "verdicts", never)
    audited[PLANTED].drop_index("never_1")
    live = {"HX-Request": "true", "X-Live": "index_health,totals"}
    assert "never_1" in rows(client.get("/ops/database", headers=live))


def test_an_operator_has_the_audit_made_and_a_viewer_only_looks(
    browser: Browse, planted: Database, ops_db: Database
) -> None:
    viewer = browser("viewer", username="vera")
    page = viewer.get("/ops/database")
    assert "The indexes have not been judged yet" in page.text
    assert "Audit now" not in page.text
    assert viewer.get("/ops/database.csv?table=indexes").status_code == 404
    assert viewer.post("/ops/database/audit", data={"csrf_token": csrf_of(page)}).status_code == 403
    operator = browser("operator", username="omar")
    page = operator.get("/ops/database")
    assert "Audit now" in page.text
    assert operator.post("/ops/database/audit", data={"csrf_token": csrf_of(page)}).status_code == 303
    wait_until(lambda: (jobs.latest(ops_db, "database.audit") or {}).get("state") == "done", 20)
    page = operator.get("/ops/database")
    assert "The audit has begun." in page.text
    assert rows(page)["views_1"] == "redundant prefix"
    entry = ops_db["auditlog"].find_one({"action": "job.started"})
    assert entry
    assert entry["actor"]["name"] == "omar"


def test_an_index_that_was_made_is_missing_no_more(browser: Browse, audited: Database, ops_db: Database) -> None:
    audited[PLANTED].create_index([("status", 1), ("views", 1), ("owner", 1)])
    look(audited, ops_db)
    assert "missing" not in rows(browser().get("/ops/database", headers=CARD)).values()


def test_what_is_hidden_waits_to_be_dropped(browser: Browse, audited: Database, ops_db: Database) -> None:
    indexes.hide(audited, ops_db, PLANTED, "views_1", actor={"kind": "command", "name": "test"})
    look(audited, ops_db)
    client = browser()
    assert rows(client.get("/ops/database", headers=CARD))["views_1"] == "keep, hidden"
    assert f"mixillo db indexes --drop {PLANTED}/views_1" in client.get("/ops/database", headers=CARD).text


def test_nothing_to_do_is_said_and_is_not_an_empty_table(browser: Browse, db: Database, ops_db: Database) -> None:
    look(db, ops_db)
    ops_db["indexverdicts"].update_one({}, {"$pull": {"verdicts": {"verdict": {"$ne": "keep"}}}})
    client = browser()
    assert "Every index earns its place" in client.get("/ops/database", headers=CARD).text
    nothing = client.get("/ops/database?verdict=all&indexes-search=zzz", headers=CARD)
    assert "No index here is called like “zzz”" in nothing.text
    assert "No index has this verdict" in client.get("/ops/database?verdict=unused", headers=CARD).text


def test_hostile_names_stay_names(browser: Browse, db: Database, ops_db: Database) -> None:
    db[HOSTILE].create_index("a", name="=<script>alert(1)</script>")
    db[HOSTILE].create_index([("a", 1), ("b", 1)])
    try:
        look(db, ops_db)
        client = browser()
        text = client.get("/ops/database").text
        found = exported(client.get("/ops/database.csv?table=indexes&verdict=redundant+prefix"))
    finally:
        db.drop_collection(HOSTILE)
    assert "<img" not in text
    assert "<script>alert" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    (row,) = found
    assert row["command"].endswith("""'<img src=x onerror=alert(1)>'"'"'"`id`/=<script>alert(1)</script>'""")
