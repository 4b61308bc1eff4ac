"""Alerts: what fires and what to do, who looks after it, who was told; each action leaves its line."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.core import audit_log, clock
from mixillo.ops import alerts
from mixillo.ops.alerts import stored
from mixillo.ops.alerts.states import FIRING, Alert
from tests.dashboard.browsing import Browse, Forward, csrf_of

RULE = "errors-fast"


def fire(ops: Database, rule: str = RULE) -> None:
    """Store an alert that fires since five minutes."""
    since = clock.now() - timedelta(minutes=5)
    alert = Alert(rule, FIRING, since, 0.25, 40, "25.00% of 40 in 5 min", 0.1, opened_at=since, evaluated_at=since)
    ops[stored.ALERTS].replace_one({"_id": rule}, stored.dump(alert), upsert=True)


def act(client: FlaskClient, what: str, **form: str) -> TestResponse:
    token = csrf_of(client.get("/ops"))
    return client.post(f"/ops/alerts/{what}", data={"csrf_token": token, **form}, follow_redirects=True)


def row_of(ops: Database, rule: str = RULE) -> dict[str, Any]:
    return next(row for row in alerts.overview(ops) if row["rule"] == rule)


def audited(ops: Database) -> dict[str, Any]:
    found = ops[audit_log.COLLECTION].find_one({"action": {"$regex": "^alert"}}, sort=[("_id", -1)])
    assert found
    return found


def rows(client: FlaskClient, table: str) -> list[dict[str, str]]:
    answer = client.get(f"/ops/alerts.csv?table={table}")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_what_fires_stands_first_with_what_to_do(browser: Browse, ops_db: Database) -> None:
    viewer = browser("viewer")
    assert "Nothing fires" in viewer.get("/ops/alerts").text
    fire(ops_db)
    page = viewer.get("/ops/alerts").text
    assert "1\u00a0alert" in page
    assert "25.00%, limit 10.00%" in page
    overview = viewer.get("/ops").text
    assert 'firing</span></span><span class="note">Many requests fail' in overview, "a title is no word for a badge"
    assert "Open Alerts: each says what to do." in overview
    assert "if a revision did it, go back to the one before" in page


def test_every_rule_has_its_row_the_worst_first(browser: Browse, ops_db: Database) -> None:
    fire(ops_db, "backup-stale")
    found = rows(browser("viewer"), "rules")
    assert len(found) == len(alerts.RULES)
    assert (found[0]["title"], found[0]["state"], found[0]["value"]) == ("There is no fresh backup", "firing", "0.25")
    assert found[-1]["value"] == ""  # nothing was measured, which is not nothing


def test_acknowledging_is_told_shown_and_audited(browser: Browse, ops_db: Database) -> None:
    fire(ops_db)
    page = act(browser("operator"), f"{RULE}/acknowledge", note="I am <on> it").text
    assert "You look after errors-fast" in page
    assert "I am &lt;on&gt; it" in page
    assert row_of(ops_db)["state"] == "acknowledged"
    entry = audited(ops_db)
    assert (entry["action"], entry["targetId"], entry["actor"]["name"]) == ("alert.acknowledged", RULE, "amira")
    assert (entry["changes"]["before"]["state"], entry["changes"]["after"]["state"]) == ("firing", "acknowledged")


def test_what_does_not_fire_cannot_be_acknowledged(browser: Browse, ops_db: Database) -> None:
    assert "does not fire now" in act(browser("operator"), f"{RULE}/acknowledge").text
    assert audited(ops_db)["result"] == "alert_not_firing"


def test_a_silence_has_an_end_and_a_reason_and_can_be_ended(
    browser: Browse, ops_db: Database, forward: Forward
) -> None:
    fire(ops_db)
    operator = browser("operator")
    act(operator, f"{RULE}/silence", **{"for": "4h", "reason": "moving the database"})
    silence = row_of(ops_db)["silence"]
    assert timedelta(hours=3.9) < silence["until"] - clock.now() <= timedelta(hours=4)
    page = operator.get(f"/ops/alerts?rule={RULE}").text
    assert "moving the database" in page
    assert "Behind it: firing" in page
    assert "Nothing fires" in operator.get("/ops/alerts").text
    assert "People are told of errors-fast again" in act(operator, f"{RULE}/unsilence").text
    assert row_of(ops_db)["state"] == "firing"
    assert [entry["what"] for entry in rows(operator, "history")] == ["unsilenced", "silenced"]
    act(operator, f"{RULE}/silence", **{"for": "30m", "reason": "again"})
    forward(timedelta(minutes=29))
    assert row_of(ops_db)["state"] == "silenced"
    forward(timedelta(minutes=2))
    assert row_of(ops_db)["state"] == "firing"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"for": "4h", "reason": " "}, "reason: Must have 1 to 500 characters."),
        ({"for": "10y", "reason": "x"}, "for: Must be one of"),
        ({"reason": "x"}, "for: Must be one of"),
    ],
)
def test_a_silence_without_end_or_reason_is_refused(
    browser: Browse, ops_db: Database, form: dict[str, str], told: str
) -> None:
    assert told in act(browser("operator"), f"{RULE}/silence", **form).text
    assert row_of(ops_db)["silence"] is None


def test_a_rule_that_does_not_exist_is_told_not_made(browser: Browse, ops_db: Database) -> None:
    operator = browser("operator")
    assert "There is no rule nothing" in act(operator, "nothing/silence", **{"for": "1h", "reason": "x"}).text
    assert ops_db[stored.ALERTS].count_documents({"_id": "nothing"}) == 0
    assert "There is no rule “nothing”" in operator.get("/ops/alerts?rule=nothing").text


@pytest.mark.parametrize("what", [f"{RULE}/acknowledge", f"{RULE}/silence", f"{RULE}/unsilence", "test"])
def test_a_viewer_changes_nothing_and_sees_no_form(browser: Browse, ops_db: Database, what: str) -> None:
    fire(ops_db)
    viewer = browser("viewer")
    assert act(viewer, what, **{"for": "1h", "reason": "x"}).status_code == 403
    assert row_of(ops_db)["state"] == "firing"
    for page in ("/ops/alerts", f"/ops/alerts?rule={RULE}"):
        assert f'action="/ops/alerts/{RULE}' not in viewer.get(page).text


def test_a_form_of_another_session_changes_nothing(browser: Browse, ops_db: Database) -> None:
    fire(ops_db)
    answer = browser("operator").post(f"/ops/alerts/{RULE}/acknowledge", data={"csrf_token": "0" * 64})
    assert answer.status_code == 403
    assert row_of(ops_db)["state"] == "firing"


def test_without_addresses_a_test_says_so(browser: Browse, ops_db: Database) -> None:
    assert "ALERT_URLS is not set" in act(browser("operator"), "test").text


def test_a_test_that_does_not_arrive_is_told_without_the_address(
    app: Flask, browser: Browse, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = replace(app.config["SETTINGS"], alert_urls=("json://user:hunter2@127.0.0.1:9/hook",))
    monkeypatch.setitem(app.config, "SETTINGS", telling)
    page = act(browser("operator"), "test").text
    assert "1 of 1 addresses did not take the test. json: Refused or not reachable." in page
    assert "hunter2" not in page
    assert audited(ops_db)["result"] == "failed"


def test_one_rule_has_its_own_history(browser: Browse, ops_db: Database) -> None:
    operator = browser("operator")
    for rule in (RULE, "backup-stale"):
        act(operator, f"{rule}/silence", **{"for": "1h", "reason": f"because of {rule}"})
    page = operator.get("/ops/alerts?rule=backup-stale").text
    assert "because of backup-stale" in page
    assert "because of errors-fast" not in page


def test_the_delivery_log_shows_attempts_without_the_address(browser: Browse, ops_db: Database, app: Flask) -> None:
    secret = "json://user:hunter2@127.0.0.1:9/hook"
    fire(ops_db)
    alert = stored.find(ops_db, RULE)
    notice = alerts.notices.compose(alert, alerts.rules.named(RULE), "firing", clock.now(), "http://localhost")
    ops_db[alerts.delivery.COLLECTION].insert_many(alerts.delivery.queued(notice, [secret]))
    alerts.deliver(ops_db, [secret])
    operator = browser("operator")
    page = operator.get("/ops/alerts").text
    assert "hunter2" not in page
    (entry,) = rows(operator, "deliveries")
    assert (entry["rule"], entry["state"], entry["attempts"]) == (RULE, "queued", "1")
    assert entry["error"]


def test_an_admin_changes_a_rule_and_makes_it_as_delivered_again(browser: Browse, ops_db: Database) -> None:
    admin = browser("admin")
    page = act(admin, f"{RULE}/change", threshold="12.5", sample="40", enabled="yes").text
    assert f"{RULE} is changed, from its next evaluation on." in page
    row = row_of(ops_db)
    assert (row["threshold"], row["minimumSample"], row["enabled"]) == (0.125, 40, True)
    assert "changed from 10.00%" in admin.get(f"/ops/alerts?rule={RULE}").text
    entry = audited(ops_db)
    assert (entry["action"], entry["targetId"], entry["actor"]["name"]) == ("alert.rule_changed", RULE, "amira")
    assert entry["changes"]["before"] == {"threshold": 0.1, "minimumSample": 20, "enabled": True}
    assert entry["changes"]["after"] == {"threshold": 0.125, "minimumSample": 40, "enabled": True}
    act(admin, f"{RULE}/reset")
    assert (row_of(ops_db)["threshold"], row_of(ops_db)["minimumSample"]) == (0.1, 20)
    assert audited(ops_db)["action"] == "alert.rule_reset"
    assert "As delivered" not in admin.get(f"/ops/alerts?rule={RULE}").text


@pytest.mark.parametrize(
    ("rule", "shown", "typed", "kept"),
    [("errors-slow", "4", "7", 0.07), ("latency-feed", "500", "650", 650.0), ("backup-stale", "26", "30", 30.0)],
)
def test_limits_are_typed_in_the_unit_that_people_use(
    browser: Browse, ops_db: Database, rule: str, shown: str, typed: str, kept: float
) -> None:
    admin = browser("admin")
    assert (
        f'name="threshold" type="number" min="0" step="any" value="{shown}"'
        in admin.get(f"/ops/alerts?rule={rule}").text
    )
    act(admin, f"{rule}/change", threshold=typed, sample="")
    assert row_of(ops_db, rule)["threshold"] == kept
    assert f'step="any" value="{typed}"' in admin.get(f"/ops/alerts?rule={rule}").text


def test_a_rule_is_switched_off_and_what_is_empty_is_as_delivered(browser: Browse, ops_db: Database) -> None:
    admin = browser("admin")
    act(admin, f"{RULE}/change", threshold="30", sample="40", enabled="no")
    assert row_of(ops_db)["enabled"] is False
    act(admin, f"{RULE}/change", threshold="", sample="", enabled="yes")
    row = row_of(ops_db)
    assert (row["threshold"], row["minimumSample"], row["enabled"]) == (0.1, 20, True)


@pytest.mark.parametrize(
    "form",
    [
        {"threshold": "-1"}, {"threshold": "101"}, {"threshold": "nan"}, {"threshold": "1e400"}, {"threshold": "much"},
        {"sample": "0"}, {"sample": "2.5"}, {"sample": "9223372036854775808"}, {"sample": "few"},
    ],
)  # fmt: skip
def test_a_limit_that_makes_no_sense_is_refused(browser: Browse, ops_db: Database, form: dict[str, str]) -> None:
    page = act(browser("admin"), f"{RULE}/change", **form).text
    assert "Must be" in page
    row = row_of(ops_db)
    assert (row["threshold"], row["minimumSample"]) == (0.1, 20)
    assert audited(ops_db)["result"] == "validation_failed"


@pytest.mark.parametrize("what", ["change", "reset"])
def test_only_an_admin_changes_a_rule(browser: Browse, ops_db: Database, what: str) -> None:
    operator = browser("operator")
    assert "Change the rule" not in operator.get(f"/ops/alerts?rule={RULE}").text
    assert act(operator, f"{RULE}/{what}", threshold="50").status_code == 403
    assert ops_db["alertrules"].count_documents({}) == 0
