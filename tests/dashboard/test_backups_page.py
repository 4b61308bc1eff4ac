"""Backups: is there a fresh one that restores; made and verified from the page, restored by a command only."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.core import audit_log, clock
from mixillo.ops import backups, jobs
from mixillo.ops.backups import recorded
from tests.dashboard.browsing import Browse, Forward, csrf_of
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def place(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where backups are kept."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], backup_location=str(tmp_path)))
    return tmp_path


def post(client: FlaskClient, what: str, **form: str) -> TestResponse:
    token = csrf_of(client.get("/ops"))
    return client.post(f"/ops/backups/{what}", data={"csrf_token": token, **form})


def ended(ops: Database, kind: str) -> dict[str, Any]:
    """Return the newest job of ``kind`` when it has ended."""
    ask: Callable[[], Any] = lambda: (found := jobs.latest(ops, kind)) and found["finishedAt"] and found  # noqa: E731
    return wait_until(ask, 30)


def rows(client: FlaskClient) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get("/ops/backups.csv").text.removeprefix("\ufeff"))))


def test_without_a_backup_the_page_says_how_to_make_one(browser: Browse, ops_db: Database) -> None:
    page = browser("viewer").get("/ops/backups").text
    assert "There is none." in page
    assert "<code>mixillo backup create</code>" in page
    assert "mixillo backup restore LOCATION --drop" in page


def test_a_backup_is_made_verified_and_shown(browser: Browse, db: Database, ops_db: Database, place: Path) -> None:
    db["things"].insert_many([{"_id": number} for number in range(25)])
    admin = browser("admin")
    assert post(admin, "create").status_code == 303
    made = ended(ops_db, recorded.CREATE)
    assert made["state"] == "done", made["error"]
    assert (place / made["result"]["name"] / "manifest.json").is_file()
    page = admin.get("/ops/backups").text
    assert "fresh" in page
    assert "not proven" in page
    assert f"mixillo backup restore {made['result']['location']} --drop" in page

    assert post(admin, "verify").status_code == 303
    proven = ended(ops_db, recorded.VERIFY)
    assert proven["result"]["ok"] is True
    page = admin.get("/ops/backups").text
    assert "came out as they went in" in page
    assert "not proven" not in page
    (row,) = rows(admin)
    assert (row["state"], row["verified"]) == ("done", "good")
    assert int(row["documents"]) == made["result"]["documents"] >= 25
    started = ops_db[audit_log.COLLECTION].distinct("changes.after.kind", {"action": "job.started"})
    assert set(started) == {"backup", "backup-verify"}
    db.drop_collection("things")


def test_a_damaged_backup_is_said_to_be_not_good(browser: Browse, db: Database, ops_db: Database, place: Path) -> None:
    found = backups.create(db, ops_db, backups.open_storage(str(place)))
    part = next(file for file in found.files if file.path.endswith(".bson.gz"))
    (place / found.name / part.path).write_bytes(b"something else")
    admin = browser("admin")
    post(admin, "verify", backup=found.name)
    assert ended(ops_db, recorded.VERIFY)["result"]["ok"] is False
    page = admin.get("/ops/backups").text
    assert "is not what was written" in page
    assert rows(admin)[0]["verified"] == "not good"


def test_age_and_proof_have_limits(
    browser: Browse, db: Database, ops_db: Database, place: Path, forward: Forward
) -> None:
    storage = backups.open_storage(str(place))
    found = backups.create(db, ops_db, storage)
    backups.verify(backups.find(storage.location_of(found.name)), db, ops_db)
    forward(timedelta(hours=27))
    page = browser("viewer").get("/ops/backups").text
    assert "stale" in page
    assert "1\u00a0d 3\u00a0h" in page
    assert "too long ago" not in page
    forward(timedelta(days=8))
    assert "too long ago" in browser("viewer", username="later").get("/ops/backups").text


def test_what_failed_is_in_the_history_with_its_reason(
    app: Flask, browser: Browse, ops_db: Database, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = place / "a file"
    blocked.write_text("in the way")
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], backup_location=str(blocked)))
    admin = browser("admin")
    post(admin, "create")
    assert ended(ops_db, recorded.CREATE)["state"] == "failed"
    page = admin.get("/ops/backups").text
    assert "There is none." in page
    assert "cannot be used" in page


def test_a_second_one_at_a_time_is_told_not_started(browser: Browse, ops_db: Database) -> None:
    now = clock.now()
    job = {"kind": recorded.CREATE, "state": "running", "done": 0, "total": 0, "label": "", "result": None}
    people = {"actor": {"kind": "operator", "name": "bilal"}, "parameters": {}, "error": None}
    ops_db[jobs.COLLECTION].insert_one(job | people | {"startedAt": now, "heartbeatAt": now, "finishedAt": None})
    admin = browser("admin")
    post(admin, "create")
    page = admin.get("/ops/backups").text
    assert "bilal started one at" in page
    assert "Started by bilal" in page


@pytest.mark.parametrize("name", ["../../etc", "/etc", "gs://somebody/else", "20200101T000000Z"])
def test_the_form_names_no_path(browser: Browse, ops_db: Database, place: Path, name: str) -> None:
    admin = browser("admin")
    post(admin, "verify", backup=name)
    assert jobs.latest(ops_db, recorded.VERIFY) is None
    assert f"There is no complete backup in {place}." in admin.get("/ops/backups").text


@pytest.mark.parametrize("role", ["viewer", "operator"])
@pytest.mark.parametrize("what", ["create", "verify"])
def test_only_an_admin_makes_and_verifies(browser: Browse, ops_db: Database, role: str, what: str) -> None:
    client = browser(role)
    assert post(client, what).status_code == 403
    assert jobs.recent(ops_db) == []
    assert 'action="/ops/backups' not in client.get("/ops/backups").text


@pytest.mark.parametrize("path", ["/ops/backups", "/ops/backups.csv"])
def test_nobody_sees_them_without_signing_in(app: Flask, ops_db: Database, path: str) -> None:
    assert app.test_client().get(path).status_code == 303
