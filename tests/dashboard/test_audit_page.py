"""The Audit & jobs page: who did what with which result, filtered and paged, and the long work."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Binary, ObjectId
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.blueprints.dashboard.queries.audit import EXPORTED, NEWEST, PAGE
from mixillo.core import clock
from mixillo.ops import jobs
from tests.dashboard.browsing import Browse

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
Did = Callable[..., ObjectId]
WANTED = {"action": "thing.done", "actor.name": "salma", "result": "ok"}


@pytest.fixture
def did(ops_db: Database) -> Did:
    """Write a line into the log: ``did("thing.done", minutes_ago=5, result="denied")``."""

    def write(action: str = "thing.done", *, minutes_ago: float = 5, name: str = "salma", **fields: Any) -> ObjectId:
        entry = {
            "action": action, "actor": {"kind": "operator", "name": name}, "target": None, "targetId": None,
            "changes": None, "result": "ok", "createdAt": clock.now() - timedelta(minutes=minutes_ago), **fields,
        }  # fmt: skip
        return ops_db["auditlog"].insert_one(entry).inserted_id

    return write


def lines(page: TestResponse) -> list[str]:
    """Return the ids of the entries on the page, from top to bottom."""
    return re.findall(r'<details id="entry-([0-9a-f]{24})"', page.text)


def older(page: TestResponse) -> str | None:
    found = re.search(r'href="([^"#]*cursor=[^"#]*)#audit_log">Older', page.text)
    return found[1].replace("&amp;", "&") if found else None


def rows(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_line_says_who_what_from_where_and_what_changed(browser: Browse, did: Did) -> None:
    target = ObjectId()
    did(
        "user.role_changed", target="users", targetId=target, address="10.1.2.3", requestId="req42",
        changes={"before": {"role": "user", "tags": ["a"]}, "after": {"role": "admin", "since": SINCE}},
    )  # fmt: skip
    page = browser("viewer").get("/ops/audit?action=user.role_changed").text
    for part in ("user.role_changed", "salma", "users", str(target), "10.1.2.3", "req42"):
        assert part in page
    cells = re.findall(r'<th scope="row">(\w+)</th><td class="why">([^<]*)</td><td class="why">([^<]*)</td>', page)
    assert cells == [
        ("role", "user", "admin"),
        ("tags", "[&#34;a&#34;]", "–"),
        ("since", "–", "&#34;2025-01-01T00:00:00.000Z&#34;"),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"done", "denied", "bilal", "other"}),
        ("action=other.done", {"other"}),
        ("actor=bilal", {"bilal"}),
        ("result=denied", {"denied"}),
        ("action=thing.done&actor=salma&result=ok", {"done"}),
        ("actor=bil", set()),
        ("period=1h", {"done"}),
        ("period=24h", {"done", "denied"}),
        ("period=30d", {"done", "denied", "bilal", "other"}),
        ("period=ever", {"done", "denied", "bilal", "other", "ancient"}),
        ("period=nonsense&cursor=nonsense&action=%00", set()),
    ],
)
def test_filters_and_period_are_in_the_url(browser: Browse, did: Did, query: str, expected: set[str]) -> None:
    client = browser()
    written = {
        "done": did(minutes_ago=5),
        "denied": did(minutes_ago=120, result="denied"),
        "bilal": did(minutes_ago=3 * 1440, name="bilal"),
        "other": did("other.done", minutes_ago=3 * 1440),
        "ancient": did(minutes_ago=400 * 1440),
    }
    found = set(lines(client.get(f"/ops/audit?{query}"))) & {str(i) for i in written.values()}
    assert found == {str(written[name]) for name in expected}


def test_pages_hold_every_entry_once_also_those_of_one_moment(browser: Browse, did: Did) -> None:
    written = [did(minutes_ago=5) for _ in range(2 * PAGE + 7)]
    did("other.done")
    client = browser()
    url: str | None = "/ops/audit?action=thing.done"
    seen: list[str] = []
    sizes = []
    while url and len(sizes) < 5:
        page = client.get(url)
        sizes.append(len(lines(page)))
        seen += lines(page)
        url = older(page)
    assert sizes == [PAGE, PAGE, 7]
    assert sorted(seen) == sorted(str(i) for i in written)


def test_what_is_written_meanwhile_shifts_no_page(browser: Browse, did: Did) -> None:
    for minute in range(PAGE + 5):
        did(minutes_ago=10 + minute)
    client = browser()
    first = client.get("/ops/audit?action=thing.done")
    for _ in range(10):
        did(minutes_ago=0)
    second = client.get(older(first) or "")
    assert len(lines(second)) == 5
    assert not set(lines(first)) & set(lines(second))


def test_the_cursor_of_other_filters_leads_to_the_newest(browser: Browse, did: Did) -> None:
    for _ in range(PAGE + 1):
        did()
    other = str(did("other.done"))
    client = browser()
    cursor = (older(client.get("/ops/audit?action=thing.done")) or "").partition("cursor=")[2]
    assert lines(client.get(f"/ops/audit?action=other.done&cursor={cursor}")) == [other]


@pytest.mark.parametrize("field", [None, *WANTED])
def test_a_page_is_read_from_an_index_without_sorting(browser: Browse, ops_db: Database, did: Did, field: str) -> None:
    for minute in range(300):
        if minute % 10:
            did("other.done", minutes_ago=minute, name="bilal", result="denied")
        else:
            did(minutes_ago=minute)
    where = {field: WANTED[field]} if field else {}
    where |= {"createdAt": {"$gte": clock.now() - timedelta(days=7)}}
    plan = ops_db["auditlog"].find(where, sort=NEWEST, limit=PAGE + 1).explain()
    assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] <= PAGE + 1


def test_what_no_index_can_count_is_not_counted(browser: Browse, did: Did) -> None:
    did()
    client = browser()
    assert "1 of 1<" in client.get("/ops/audit?action=thing.done").text
    assert "1 on this page<" in client.get("/ops/audit?action=thing.done&actor=salma").text


def test_the_csv_holds_what_is_filtered_with_both_sides_of_a_change(browser: Browse, did: Did) -> None:
    client = browser()
    did("thing.done", changes={"before": {"n": 1}, "after": {"n": 2}}, address="10.1.2.3")
    did("other.done")
    found = rows(client.get("/ops/audit.csv?action=thing.done"))
    assert len(found) == 1
    assert (found[0]["before"], found[0]["after"], found[0]["address"]) == ('{"n":1}', '{"n":2}', "10.1.2.3")


def test_the_csv_is_bounded(browser: Browse, ops_db: Database) -> None:
    now, actor = clock.now(), {"kind": "system", "name": "mixillo"}
    ops_db["auditlog"].insert_many(
        {"action": "thing.done", "actor": actor, "result": "ok", "createdAt": now} for _ in range(EXPORTED + 5)
    )
    client = browser()
    assert len(rows(client.get("/ops/audit.csv?action=thing.done"))) == EXPORTED
    assert "more than 1,000" in client.get("/ops/audit").text


@pytest.mark.parametrize("changes", [{"before": [1], "after": "x"}, {"after": {"key": Binary(b"\0")}}, {}, {"x": 1}])
def test_whatever_is_stored_can_be_shown(browser: Browse, did: Did, changes: dict[str, Any]) -> None:
    did(changes=changes, result="<b>", name="<script>alert(1)</script>", target="{{7*7}}")
    client = browser()
    page = client.get("/ops/audit")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert client.get("/ops/audit.csv").status_code == 200


def test_jobs_say_how_far_they_are_and_what_came_of_them(browser: Browse, ops_db: Database) -> None:
    me = {"kind": "command", "name": "mixillo probe"}
    client = browser()
    assert "No job has run yet" in client.get("/ops/audit").text
    told = {}

    def work(report: jobs.Report) -> dict[str, Any]:
        report(3, 12, "users")
        told["page"] = client.get("/ops/audit").text
        return {"issues": 1_234, "rate": 38.89}

    jobs.run_inline(ops_db, "integrity.scan", work, actor=me)
    assert '<progress max="12" value="3" aria-label="Progress of integrity.scan">' in told["page"]
    assert "<span>running</span>" in told["page"]

    def fail(report: jobs.Report) -> dict[str, Any]:
        raise ValueError("secret detail")

    with pytest.raises(ValueError, match="secret"):
        jobs.run_inline(ops_db, "probes", fail, actor=me)
    page = client.get("/ops/audit").text
    assert "issues: 1,234, rate: 38.89" in page
    assert "It ended unexpectedly (ValueError); the log has the details." in page
    assert "secret detail" not in page
    only = client.get("/ops/audit?jobs-search=scan").text
    assert '<th scope="row">integrity.scan</th>' in only
    assert '<th scope="row">probes</th>' not in only
    found = rows(client.get("/ops/jobs.csv?jobs-sort=kind"))
    assert [(row["kind"], row["state"], row["progress"]) for row in found] == [
        ("integrity.scan", "done", "1.0"),
        ("probes", "failed", "0.0"),
    ]
    assert found[0]["result"] == '{"issues":1234,"rate":38.89}'


def test_a_job_whose_process_is_gone_is_lost(browser: Browse, ops_db: Database) -> None:
    jobs.run_inline(ops_db, "probes", lambda report: {}, actor={"kind": "operator", "name": "salma"})
    long_ago = clock.now() - timedelta(minutes=5)
    ops_db["jobs"].update_one({}, {"$set": {"state": "running", "heartbeatAt": long_ago, "finishedAt": None}})
    assert "<span>lost</span>" in browser().get("/ops/audit").text
