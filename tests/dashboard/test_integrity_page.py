"""The Integrity page: from the scan to the plan, the typed confirmation, the repair, and back again."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.ops import jobs
from mixillo.ops.datasets import load
from mixillo.ops.integrity import runs
from tests.dashboard.browsing import PASSWORD, Browse, Forward, csrf_of
from tests.ops.integrity.world import stored
from tests.waiting import wait_until

ORPHANS = 6  # the contents of the report whose creators are gone


@pytest.fixture
def report(app: Flask, db: Database, ops_db: Database) -> Iterator[Database]:
    """The database of the stabilization report; jobs have ended when it goes."""
    # What was there has its indexes, from migrations and first writes, for all tests of this worker.
    there = set(db.list_collection_names())
    load(db, "report")
    yield db
    idle(ops_db)
    for name in set(db.list_collection_names()) - there:
        db.drop_collection(name)


@pytest.fixture
def orphaned(app: Flask, db: Database, ops_db: Database) -> Iterator[Database]:
    """Six contents whose creators are gone and one whose creator is there, as fast as tests want it."""
    creator = db["users"].insert_one({"username": "user1", "email": "user1@example.com"}).inserted_id
    owners = [creator, *(ObjectId() for _ in range(ORPHANS))]
    db["contents"].insert_many([{"userId": owner, "title": "film"} for owner in owners])
    yield db
    idle(ops_db)
    db["contents"].delete_many({})


def idle(ops: Database) -> None:
    wait_until(lambda: ops["jobs"].find_one({"state": "running"}) is None, 30)


def press(client: FlaskClient, path: str, **form: str) -> TestResponse:
    """Send the form at ``path`` of the page, and wait for the job that it starts."""
    page = client.get("/ops/integrity")
    headers = {"Referer": "http://localhost/ops/integrity"}
    answer = client.post(f"/ops/integrity/{path}", data={"csrf_token": csrf_of(page), **form}, headers=headers)
    idle(client.application.extensions["test_ops"])
    return answer


@pytest.fixture(autouse=True)
def ops_at_hand(app: Flask, ops_db: Database) -> None:
    app.extensions["test_ops"] = ops_db


def newest(ops: Database, collection: str) -> dict[str, Any]:
    found = ops[collection].find_one(sort=[("_id", -1)])
    assert found is not None
    return found


def plan(client: FlaskClient, ops: Database, action: str = "delete", **form: str) -> dict[str, Any]:
    press(client, "plan", action=action, **form)
    return newest(ops, "integrityplans")


def apply(client: FlaskClient, ops: Database, made: dict[str, Any], typed: str = "") -> TestResponse:
    return press(client, f"plans/{made['_id']}/apply", confirmation=typed or made["confirmation"])


def told(client: FlaskClient) -> str:
    """Return the notice that is on the page now."""
    return re.sub("<[^>]*>", "", client.get("/ops/integrity").text.partition('role="alert">')[2].partition("</p>")[0])


def rows(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_on_the_report_exactly_the_six_contents_lead_nowhere(browser: Browse, report: Database) -> None:
    client = browser("operator")
    assert "Nothing has been scanned yet" in client.get("/ops/integrity").text
    press(client, "scan")
    page = client.get("/ops/integrity").text
    assert f'data-figure="Issues">{ORPHANS}<' in page
    table = page.partition('id="references"')[2].partition("</table>")[0]
    assert re.findall(r'<th scope="row">([^<]*)</th>', table) == ["contents.userId"]
    exported = rows(client.get("/ops/integrity.csv?table=references"))
    assert [(r["reference"], r["target"], r["policy"], r["checked"], r["missing"]) for r in exported] == [
        ("contents.userId", "users", "reassign", "6", "6")
    ]
    orphans = {str(document["_id"]) for document in report["contents"].find({}, {"_id": 1})}
    assert set(exported[0]["samples"].split(", ")) == orphans


def test_all_declared_references_are_listed_with_their_policy(browser: Browse, report: Database) -> None:
    client = browser()
    press(client, "scan")
    exported = {row["reference"]: row for row in rows(client.get("/ops/integrity.csv?show=all"))}
    assert len(exported) > 200
    assert exported["likes.contentId"]["policy"] == "delete"
    assert exported["wallets.userId"]["policy"] == "report"
    page = client.get("/ops/integrity?show=all&references-search=likes").text
    assert '<th scope="row">likes.contentId</th>' in page


@pytest.mark.parametrize(("action", "left"), [("delete", 0), ("reassign", ORPHANS)])
def test_a_plan_is_applied_and_taken_back_byte_for_byte(
    browser: Browse, orphaned: Database, ops_db: Database, action: str, left: int
) -> None:
    before = stored(orphaned)
    client = browser()
    press(client, "scan")
    made = plan(client, ops_db, action)
    page = client.get("/ops/integrity").text
    assert f"{action} {ORPHANS}</code>" in page
    assert stored(orphaned) == before  # a plan changes nothing
    apply(client, ops_db, made)
    assert told(client) == "The plan is being applied."
    assert orphaned["contents"].count_documents({}) == 1 + left
    press(client, "scan")
    assert "Every reference leads somewhere" in client.get("/ops/integrity").text
    run = newest(ops_db, "integrityruns")
    assert f"undo {ORPHANS}</code>" in client.get("/ops/integrity").text
    press(client, f"runs/{run['_id']}/undo", confirmation=f"undo {ORPHANS}")
    assert stored(orphaned) == before
    assert f"{ORPHANS} restored, 0 kept as they are" in client.get("/ops/integrity").text


def test_a_document_that_changed_since_the_plan_is_left_alone_and_said_so(
    browser: Browse, orphaned: Database, ops_db: Database
) -> None:
    client = browser()
    made = plan(client, ops_db)
    changed = orphaned["contents"].find_one(sort=[("_id", -1)])
    assert changed is not None
    orphaned["contents"].update_one({"_id": changed["_id"]}, {"$set": {"title": "new"}})
    apply(client, ops_db, made)
    page = client.get("/ops/integrity").text
    assert "5 deleted, 0 changed, 1 left alone" in page
    assert f"<code>{changed['_id']}</code></th><td>contents</td>" in page
    assert "It has been changed since the plan." in page


@pytest.mark.parametrize("typed", ["delete 5", "6", "DELETE 6", " "])
def test_other_words_apply_nothing(browser: Browse, orphaned: Database, ops_db: Database, typed: str) -> None:
    client = browser()
    made = plan(client, ops_db)
    apply(client, ops_db, made, typed)
    assert "type &#39;delete 6&#39; to apply this plan" in told(client)
    assert orphaned["contents"].count_documents({}) == 1 + ORPHANS
    refused = ops_db["auditlog"].find_one({"action": "integrity.apply"})
    assert refused is not None
    assert (refused["result"], refused["address"]) == ("validation_failed", "127.0.0.1")


def test_a_plan_of_yesterday_is_not_applied(
    browser: Browse, orphaned: Database, ops_db: Database, forward: Forward
) -> None:
    client = browser()
    made = plan(client, ops_db)
    forward(timedelta(minutes=14))
    client.get("/ops")
    ops_db["integrityplans"].update_one({"_id": made["_id"]}, {"$set": {"expiresAt": made["createdAt"]}})
    assert 'name="confirmation"' not in client.get("/ops/integrity").text
    apply(client, ops_db, made)
    assert "The plan is older than an hour" in told(client)
    assert orphaned["contents"].count_documents({}) == 1 + ORPHANS


def test_a_plan_may_be_for_one_reference_only(browser: Browse, orphaned: Database, ops_db: Database) -> None:
    client = browser("operator")
    assert plan(client, ops_db, only="contents.userId")["documents"] == ORPHANS
    assert plan(client, ops_db, only="likes.contentId")["documents"] == 0
    press(client, "plan", action="delete", only="nothing.here")
    assert "there is no such reference" in told(client)
    press(client, "plan", action="burn")
    assert "choose delete or reassign" in told(client)


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_an_admin_applies_and_takes_back(browser: Browse, orphaned: Database, ops_db: Database, role: str) -> None:
    made = plan(browser(username="chief"), ops_db)
    client = browser(role)
    page = client.get("/ops/integrity").text
    assert "This needs the role admin." in page
    assert 'name="confirmation"' not in page
    assert apply(client, ops_db, made).status_code == 403
    assert press(client, f"runs/{ObjectId()}/undo", confirmation="undo 6").status_code == 403
    assert orphaned["contents"].count_documents({}) == 1 + ORPHANS


@pytest.mark.parametrize("path", ["scan", "plan"])
def test_a_viewer_starts_nothing(browser: Browse, ops_db: Database, path: str) -> None:
    client = browser("viewer")
    assert press(client, path, action="delete").status_code == 403
    page = client.get("/ops/integrity").text
    assert "Scan now" not in page
    assert "Make a plan" not in page
    assert ops_db["jobs"].find_one() is None


def test_applying_asks_for_the_password_first(
    browser: Browse, orphaned: Database, ops_db: Database, forward: Forward
) -> None:
    client = browser()
    made = plan(client, ops_db)
    forward(timedelta(minutes=16))
    offered = re.search(r'href="(/ops/confirm\?next=[^"]*)"', client.get("/ops/integrity").text)
    assert offered
    assert apply(client, ops_db, made).location == "/ops/confirm?next=/ops/integrity"
    assert orphaned["contents"].count_documents({}) == 1 + ORPHANS
    page = client.get(offered[1].replace("&amp;", "&"))
    target = re.search(r'name="next" value="([^"]*)"', page.text)
    assert target
    form = {"csrf_token": csrf_of(page), "password": PASSWORD, "next": target[1]}
    assert client.post("/ops/confirm", data=form).location == f"/ops/integrity?plan={made['_id']}"
    apply(client, ops_db, made)
    assert orphaned["contents"].count_documents({}) == 1


def test_taking_back_asks_for_the_password_too(
    browser: Browse, orphaned: Database, ops_db: Database, forward: Forward
) -> None:
    client = browser()
    apply(client, ops_db, plan(client, ops_db))
    run = newest(ops_db, "integrityruns")
    forward(timedelta(minutes=16))
    asked = press(client, f"runs/{run['_id']}/undo", confirmation=f"undo {ORPHANS}")
    assert asked.location == "/ops/confirm?next=/ops/integrity"
    assert newest(ops_db, "integrityruns")["undo"] is None


def test_a_run_that_was_killed_can_be_taken_up_again_from_the_page(
    browser: Browse, orphaned: Database, ops_db: Database
) -> None:
    client = browser()
    made = plan(client, ops_db)
    apply(client, ops_db, made)
    run = newest(ops_db, "integrityruns")
    ops_db["integrityruns"].update_one({"_id": run["_id"]}, {"$set": {"state": runs.RUNNING}})
    page = client.get("/ops/integrity").text
    assert "Applying it was interrupted after 6 of 6 documents" in page
    apply(client, ops_db, made)
    assert newest(ops_db, "integrityruns")["state"] == runs.DONE


def test_a_repair_in_progress_is_watched_and_no_second_one_begins(
    browser: Browse, orphaned: Database, ops_db: Database
) -> None:
    client = browser()
    seen: dict[str, str] = {}
    token = csrf_of(client.get("/ops/integrity"))

    def work(report: jobs.Report) -> dict[str, object]:
        report(200, 1_000, "likes, level 1")
        seen["page"] = client.get("/ops/integrity").text
        client.post("/ops/integrity/plan", data={"csrf_token": token, "action": "delete"})
        seen["told"] = told(client)
        return {}

    me = {"kind": "operator", "name": "salma"}
    jobs.run_inline(ops_db, runs.CHANGE_JOB, work, actor=me, parameters={"planId": ObjectId()})
    assert '<progress max="1000" value="200" aria-label="Repair">' in seen["page"]
    assert "salma started one at" in seen["told"]


@pytest.mark.parametrize("which", ["nothing", "64b7f3a2c9e77a0012ab34cd"])
def test_what_does_not_exist_is_said_on_the_page(browser: Browse, which: str) -> None:
    client = browser()
    for path in (f"plans/{which}/apply", f"runs/{which}/undo"):
        assert press(client, path, confirmation="x").location == "/ops/integrity"
        assert "There is no" in told(client) or "There is nothing" in told(client)


@pytest.mark.parametrize("table", ["references", "scans", "runs", "plan"])
def test_every_table_exports(browser: Browse, orphaned: Database, ops_db: Database, table: str) -> None:
    client = browser()
    if table == "plan":
        assert client.get("/ops/integrity.csv?table=plan").status_code == 404
    press(client, "scan")
    apply(client, ops_db, plan(client, ops_db))
    found = rows(client.get(f"/ops/integrity.csv?table={table}"))
    assert len(found) == 1
    assert found[0]["measuredAt"].endswith("Z")
