"""Security & configuration: what is in force, what was tried, and never a secret's value."""

import csv
import io
from dataclasses import replace

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.config import Settings, declarations
from mixillo.core import audit_log, http
from mixillo.ops import jobs, security
from tests.conftest import SECRETS
from tests.dashboard.browsing import Browse, csrf_of
from tests.waiting import wait_until


@pytest.fixture
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with secrets that must not be seen."""
    settings: Settings = app.config["SETTINGS"]
    canaries = {"metrics_token": "canary-metrics", "checker_secret": "canary-checker", "smtp_url": "smtp://u:canary@h"}
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, alert_urls=("json://canary@h/p",), **canaries))
    return app


def test_no_secret_is_on_the_page_or_in_its_tables(guarded: Flask, browser: Browse, ops_db: Database) -> None:
    viewer = browser("viewer")
    for path in ("", ".csv", ".csv?table=secrets", ".csv?table=limits"):
        text = viewer.get(f"/ops/security{path}").text
        assert "canary" not in text
        assert not [value for value in SECRETS.values() if value in text]


def test_weak_secrets_are_findings(guarded: Flask, browser: Browse, ops_db: Database) -> None:
    page = browser("viewer").get("/ops/security").text
    assert "MIXILLO_METRICS_TOKEN is shorter than 32 characters." in page
    assert "openssl rand -hex 32" in page


def test_every_setting_has_its_row(browser: Browse, ops_db: Database) -> None:
    export = browser("viewer").get("/ops/security.csv").text
    rows = list(csv.DictReader(io.StringIO(export.removeprefix("\ufeff"))))
    assert {row["name"] for row in rows} == {declared.metadata["name"] for declared in declarations()}


def test_a_header_that_is_not_sent_is_told(browser: Browse, ops_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = browser("viewer")
    assert "<span>missing</span>" not in viewer.get("/ops/security").text
    monkeypatch.delitem(http.HEADERS, "Referrer-Policy")
    page = viewer.get("/ops/security").text
    assert "Referrer-Policy was not sent with API and page and error." in page
    assert "<span>missing</span>" in page


def test_the_rate_limit_is_tried_from_the_page(browser: Browse, ops_db: Database) -> None:
    operator = browser("operator")
    page = operator.get("/ops/security")
    assert "It has not been tried yet" in page.text
    answer = operator.post("/ops/security/rate-limit", data={"csrf_token": csrf_of(page)})
    assert answer.status_code == 303
    job = wait_until(lambda: (found := jobs.latest(ops_db, security.KIND)) and found["state"] == "done" and found)
    assert job["result"]["refused"] is True
    page = operator.get("/ops/security").text
    assert "100,000" in page
    assert "Retry-After" in page
    assert "refuses" in page
    entry = ops_db[audit_log.COLLECTION].find_one({"action": "job.started"})
    assert entry is not None
    assert entry["actor"]["name"] == "amira"


def test_a_viewer_does_not_try_it(browser: Browse, ops_db: Database) -> None:
    viewer = browser("viewer")
    page = viewer.get("/ops/security")
    assert "Try it" not in page.text
    assert viewer.post("/ops/security/rate-limit", data={"csrf_token": csrf_of(page)}).status_code == 403
    assert jobs.latest(ops_db, security.KIND) is None


@pytest.mark.parametrize("path", ["/ops/security", "/ops/security.csv"])
def test_nobody_sees_it_without_signing_in(app: Flask, ops_db: Database, path: str) -> None:
    assert app.test_client().get(path).status_code == 303
