"""The Probes page: a run as the report states it, from the headline down to a case, and the button that starts one."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.core import clock
from mixillo.ops import jobs
from mixillo.ops.probes import history
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS, SKIPPED, Case, Endpoint, Module, ProbeRun
from tests.dashboard.browsing import Browse, csrf_of
from tests.ops.probes.conftest import serving
from tests.waiting import wait_until


def endpoint(name: str, *states: str, detail: str = "") -> Endpoint:
    cases = [
        Case(f"case {n}", state, "200", 200 if state == PASS else 500, 12.0, 100, detail, f"req{n}", proves=True)
        for n, state in enumerate(states)
    ]
    return Endpoint(name, "", cases)


def a_run(*modules: Module, minutes_ago: int = 5, revision: str = "00142", module: str | None = None) -> ProbeRun:
    started = clock.now() - timedelta(minutes=minutes_ago)
    finished = started + timedelta(seconds=12)
    return ProbeRun(
        "http://127.0.0.1:5000", started, module, finished, "production", "1.2", revision, modules=list(modules)
    )


def the_reports() -> ProbeRun:
    """Seven of eighteen endpoints pass, as on the day of the report; two could not be judged."""
    passing = [endpoint(f"GET /api/good/{n}", PASS) for n in range(6)] + [endpoint("GET /api/slow", DEGRADED)]
    failing = [endpoint(f"GET /api/bad/{n}", PASS, FAIL, detail="expected 200, got 500 <b>") for n in range(11)]
    apart = [endpoint("POST /api/mail", BLOCKED), endpoint("DELETE /api/all", SKIPPED)]
    return a_run(Module("users", passing), Module("feed", [*failing, *apart]))


@pytest.fixture
def probed(ops_db: Database) -> ObjectId:
    """The run of the report is the latest."""
    return history.record(ops_db, the_reports())


def shown(page: TestResponse) -> list[str]:
    """Return the names of the endpoints on the page."""
    return re.findall(r'<code class="name">([^<]*)</code>', page.text)


def run_probes(client: FlaskClient, module: str = "") -> TestResponse:
    token = csrf_of(client.get("/ops/probes"))
    return client.post("/ops/probes/run", data={"csrf_token": token, "module": module})


def test_the_pass_rate_is_written_as_in_the_report(browser: Browse, probed: ObjectId) -> None:
    page = browser("viewer").get("/ops/probes").text
    assert 'data-figure="pass rate">7/18, 38.89\u00a0%<' in page
    figures = dict(re.findall(r'data-figure="(Pass|Fail|Degraded|Blocked|Skipped)">([^<]*)<', page))
    assert figures == {"Pass": "6", "Fail": "11", "Degraded": "1", "Blocked": "1", "Skipped": "1"}


def test_without_being_asked_it_shows_what_fails(browser: Browse, probed: ObjectId) -> None:
    page = browser().get("/ops/probes")
    assert shown(page) == [f"GET /api/bad/{n}" for n in range(11)]
    assert "expected 200, got 500 &lt;b&gt;" in page.text
    assert "<code>req1</code>" in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=blocked", ["POST /api/mail"]),
        ("state=degraded", ["GET /api/slow"]),
        ("module=users&state=pass", [f"GET /api/good/{n}" for n in range(6)]),
        ("module=users", [*(f"GET /api/good/{n}" for n in range(6)), "GET /api/slow"]),
        ("module=users&state=fail", []),
        ("state=nonsense&module=nonsense&page=-1&run=x", [f"GET /api/bad/{n}" for n in range(11)]),
    ],
)
def test_state_and_module_are_in_the_url(browser: Browse, probed: ObjectId, query: str, expected: list[str]) -> None:
    assert shown(browser().get(f"/ops/probes?{query}")) == expected


def test_many_endpoints_come_in_pages(browser: Browse, ops_db: Database) -> None:
    history.record(ops_db, a_run(Module("m", [endpoint(f"GET /{n:02}", PASS) for n in range(60)])))
    client = browser()
    pages = [shown(client.get(f"/ops/probes?page={n}")) for n in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [20, 20, 20, 0]
    assert sum(pages, []) == [f"GET /{n:02}" for n in range(60)]


def test_an_older_run_is_a_link_away(browser: Browse, ops_db: Database, probed: ObjectId) -> None:
    older = history.record(ops_db, a_run(Module("m", [endpoint("GET /old", PASS)]), minutes_ago=90, revision="00141"))
    client = browser()
    page = client.get("/ops/probes").text
    assert f'href="/ops/probes?run={older}"' in page
    assert "1/1, 100.00\u00a0%" in client.get(f"/ops/probes?run={older}").text
    by_revision = page.partition('id="probe_revisions"')[2]
    assert re.findall(r'<th scope="row">([^<]*)</th>', by_revision) == ["00142", "00141"]


def test_a_newer_run_of_one_module_does_not_take_the_headline(
    browser: Browse, ops_db: Database, probed: ObjectId
) -> None:
    part = a_run(Module("users", [endpoint("GET /api/good/0", PASS)]), minutes_ago=1, module="users")
    history.record(ops_db, part)
    page = browser().get("/ops/probes").text
    assert 'data-figure="pass rate">7/18, 38.89\u00a0%<' in page
    assert "Module users was probed" in page


def rows(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_csv_holds_every_case_of_what_is_filtered(browser: Browse, probed: ObjectId) -> None:
    client = browser("viewer")
    everything = rows(client.get("/ops/probes.csv?state=all"))
    assert len(everything) == 6 + 1 + 22 + 2
    failing = rows(client.get("/ops/probes.csv?state=fail&module=feed"))
    assert {row["endpoint"] for row in failing} == {f"GET /api/bad/{n}" for n in range(11)}
    assert failing[1] | {"measuredAt": ""} == {
        "endpoint": "GET /api/bad/0", "module": "feed", "case": "case 1", "state": "fail", "expected": "200",
        "actual": "500", "ms": "12.0", "targetMs": "100", "why": "expected 200, got 500 <b>", "requestId": "req1",
        "url": "", "measuredAt": "",
    }  # fmt: skip


@pytest.mark.parametrize("table", ["modules", "runs", "revisions"])
def test_every_table_exports(browser: Browse, probed: ObjectId, table: str) -> None:
    found = rows(browser().get(f"/ops/probes.csv?table={table}"))
    assert [row["rate"] for row in found] == (["0.0", "100.0"] if table == "modules" else ["38.89"])


def test_before_the_first_run_the_page_says_so(browser: Browse) -> None:
    client = browser()
    assert "The probes have not run yet" in client.get("/ops/probes").text
    assert client.get("/ops/probes.csv").status_code == 404


def test_a_viewer_has_no_button_and_may_not_press_it(browser: Browse) -> None:
    client = browser("viewer")
    assert "Run probes" not in client.get("/ops/probes").text
    assert run_probes(client).status_code == 403


@pytest.fixture
def served(app: Flask, monkeypatch: pytest.MonkeyPatch, ops_db: Database) -> Iterator[None]:
    """The application listens at the port of its settings, as it does in earnest."""
    with serving(app) as url:
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], port=int(url.rpartition(":")[2])))
        yield
        wait_until(lambda: ops_db.jobs.find_one({"state": "running"}) is None, 60)


def test_an_operator_probes_the_server_itself_and_the_result_is_on_the_page(
    browser: Browse, served: None, ops_db: Database
) -> None:
    history.record(ops_db, a_run(Module("health", [endpoint("GET /old", PASS)])))
    client = browser("operator")
    answer = run_probes(client, "health")
    assert (answer.status_code, answer.location) == (303, "/ops/probes")
    assert "The probes of health have begun." in client.get("/ops/probes").text
    job = wait_until(lambda: (j := jobs.latest(ops_db, "probes")) and j["state"] != "running" and j, 60)
    assert job["state"] == "done", job
    page = client.get(f"/ops/probes?run={job['result']['runId']}&state=all")
    assert "GET /api/health" in shown(page)
    entry = ops_db["auditlog"].find_one({"action": "job.started"})
    assert entry is not None
    assert (entry["actor"]["name"], entry["targetId"], entry["address"]) == ("amira", job["_id"], "127.0.0.1")
    assert entry["requestId"]


def test_progress_is_on_the_page_and_a_second_run_is_refused_in_words(browser: Browse, ops_db: Database) -> None:
    client = browser("operator")
    told: dict[str, str] = {}

    def work(report: jobs.Report) -> dict[str, object]:
        report(3, 12, "GET /api/health: no token")
        told["running"] = client.get("/ops/probes").text
        told["answer"] = run_probes(client).location
        told["after"] = client.get("/ops/probes").text
        return {}

    jobs.run_inline(ops_db, "probes", work, actor={"kind": "operator", "name": "salma"})
    assert '<progress max="12" value="3" aria-label="Probes">' in told["running"]
    assert "GET /api/health: no token" in told["running"]
    assert "Started by salma" in told["running"]
    assert re.search(r"salma started one at \S+, and it is still running", told["after"])
    assert "still running" not in client.get("/ops/probes").text  # told once
    refused = ops_db["auditlog"].find_one({"action": "probes.run"})
    assert refused is not None
    assert refused["result"] == "job_running"


def test_an_unknown_module_is_refused_before_anything_begins(browser: Browse, ops_db: Database) -> None:
    client = browser("operator")
    run_probes(client, "nonsense")
    assert "there is no such module" in client.get("/ops/probes").text
    assert ops_db["jobs"].find_one() is None


def test_a_run_that_failed_says_why(browser: Browse, ops_db: Database) -> None:
    def work(report: jobs.Report) -> dict[str, object]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.run_inline(ops_db, "probes", work, actor={"kind": "operator", "name": "salma"})
    assert "failed. It was interrupted." in browser().get("/ops/probes").text
