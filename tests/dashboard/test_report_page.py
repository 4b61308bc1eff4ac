"""The Report page: what an operator freezes stays as it was, and everybody may read it."""

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.config import Settings
from mixillo.ops import datasets, jobs
from mixillo.ops.integrity.scan import scan
from mixillo.ops.report import build, freeze, frozen
from tests.dashboard.browsing import Browse, csrf_of
from tests.waiting import wait_until

ME = {"kind": "operator", "name": "amira"}


@pytest.fixture
def kept(db: Database, ops_db: Database, settings: Settings) -> str:
    """A frozen report on the original's database; its id."""
    datasets.load(db, "report")
    scan(db, ops_db, lambda *_: None)
    return str(freeze(ops_db, build(settings, db, ops_db), actor=ME))


def freeze_now(browser: FlaskClient, period: str = "7d") -> int:
    token = csrf_of(browser.get("/ops/report"))
    return browser.post("/ops/report", data={"csrf_token": token, "period": period}).status_code


def test_an_operator_freezes_a_report_that_is_then_listed(browser: Browse, ops_db: Database) -> None:
    operator = browser("operator")
    assert "No report has been frozen yet" in operator.get("/ops/report").text
    assert freeze_now(operator) == 303
    wait_until(lambda: (jobs.latest(ops_db, "report") or {}).get("state") == "done")
    (stored,) = frozen(ops_db)
    assert (stored["period"], stored["actor"]["name"]) == ("7d", "amira")
    page = operator.get("/ops/report").text
    assert f"/ops/report/{stored['_id']}" in page
    assert stored["sentence"] in page


def test_a_viewer_reads_and_does_not_freeze(browser: Browse, ops_db: Database) -> None:
    viewer = browser("viewer")
    assert "Freeze a report now" not in viewer.get("/ops/report").text
    assert freeze_now(viewer) == 403
    assert frozen(ops_db) == []


def test_the_page_shows_the_report_and_hands_out_its_files(browser: Browse, kept: str) -> None:
    viewer = browser("viewer")
    page = viewer.get(f"/ops/report/{kept}").text
    assert "6 contents with invalid creators" in page
    assert "1,193" in page
    assert " style=" not in page
    markdown = viewer.get(f"/ops/report/{kept}/md")
    assert markdown.mimetype == "text/markdown"
    assert markdown.headers["Content-Disposition"].startswith("attachment; filename=mixillo-report-")
    assert "6 contents with invalid creators" in markdown.text
    html = viewer.get(f"/ops/report/{kept}/html")
    assert html.text.startswith("<!doctype html>")
    assert "unsafe-inline" not in html.headers["Content-Security-Policy"]
    assert html.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_it_stays_as_it_was_when_the_database_changes(browser: Browse, kept: str, db: Database) -> None:
    db["contents"].delete_many({})
    assert "6 contents with invalid creators" in browser("viewer").get(f"/ops/report/{kept}").text


def test_the_list_is_exported(browser: Browse, kept: str) -> None:
    text = browser("viewer").get("/ops/report.csv").text.removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["actor"], row["period"]) == ("amira", "24h")


@pytest.mark.parametrize("path", ["/ops/report/nonsense", "/ops/report/64b7f3a2c9e77a0012ab34cd", "/ops/report/x/md"])
def test_there_is_nothing_under_another_id(browser: Browse, ops_db: Database, path: str) -> None:
    assert browser("viewer").get(path).status_code == 404


@pytest.mark.parametrize("path", ["/ops/report", "/ops/report.csv", "/ops/report/64b7f3a2c9e77a0012ab34cd/html"])
def test_nobody_sees_them_without_signing_in(app: Flask, ops_db: Database, path: str) -> None:
    assert app.test_client().get(path).status_code == 303
