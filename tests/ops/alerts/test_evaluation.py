"""From measured figures to notices that arrive: once, whoever evaluates."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.errors import ValidationFailed
from mixillo.ops import alerts, metrics
from mixillo.ops.alerts import evaluation, stored
from mixillo.ops.alerts.outage import Outage
from mixillo.ops.mongod import Mongod, find_program
from tests.ops.alerts.conftest import Traffic, Webhook, arrived
from tests.waiting import wait_until

ME = {"kind": "operator", "name": "ada"}
FAST = "errors-fast"


def in_a_minute(minutes: int = 1) -> datetime:
    return clock.now() + timedelta(minutes=minutes)


def fire(ops: Database, settings: Settings) -> None:
    """Evaluate twice, a minute apart."""
    for minute in (0, 1):
        alerts.evaluate(ops, settings, now=in_a_minute(minute))


def state(ops: Database, rule: str = FAST) -> str:
    return next(row["state"] for row in alerts.overview(ops) if row["rule"] == rule)


def test_failing_requests_fire_and_one_notice_arrives(
    ops: Database, traffic: Traffic, telling: Settings, webhook: Webhook
) -> None:
    traffic.add(100, 30)
    fire(ops, telling)
    assert state(ops) == "firing"
    notices = arrived(webhook, 2)  # the slow rule sees the same errors
    titles = sorted(notice["title"] for notice in notices)
    assert titles[0] == "Alert (page): Many requests fail now"
    body = next(notice["message"] for notice in notices if notice["title"] == titles[0])
    assert "30.00%, limit 10.00%" in body
    assert "30.00% of 100 in 5 min" in body
    log = alerts.log_of(ops, rule=FAST)
    assert [(entry["state"], entry["attempts"], entry["target"]) for entry in log] == [("sent", 1, "json")]


def test_evaluating_again_changes_and_tells_nothing(
    ops: Database, traffic: Traffic, telling: Settings, webhook: Webhook
) -> None:
    traffic.add(100, 30)
    fire(ops, telling)
    before = (len(alerts.history(ops)), len(webhook.received))
    outcome = alerts.evaluate(ops, telling, now=in_a_minute(1))
    assert outcome.changed == ()
    assert (len(alerts.history(ops)), len(webhook.received)) == before


def test_many_instances_at_once_tell_once(ops: Database, traffic: Traffic, telling: Settings, webhook: Webhook) -> None:
    traffic.add(100, 30)
    for minute in (0, 1, 2):
        moment = in_a_minute(minute)
        with ThreadPoolExecutor(6) as instances:
            list(instances.map(lambda _n, at=moment: alerts.evaluate(ops, telling, now=at), range(6)))
    arrived(webhook, 2)
    changes = [(entry["from"], entry["to"]) for entry in alerts.history(ops, rule=FAST)]
    assert changes == [("pending", "firing"), ("ok", "pending")]


def test_a_small_sample_is_insufficient_data(ops: Database, traffic: Traffic, settings: Settings) -> None:
    traffic.add(19, 19)
    fire(ops, settings)
    assert state(ops) == "insufficient data"
    assert alerts.open_alerts(ops) == []


def test_what_is_over_is_told_when_the_pause_is_over(
    ops: Database, traffic: Traffic, telling: Settings, webhook: Webhook
) -> None:
    traffic.add(100, 30)
    fire(ops, telling)
    traffic.add(10_000)
    for minute in (2, 3, 4):
        alerts.evaluate(ops, telling, now=in_a_minute(minute))
    assert state(ops) == "resolved"
    arrived(webhook, 2)
    alerts.evaluate(ops, telling, now=in_a_minute(17))
    titles = [notice["title"] for notice in arrived(webhook, 4)[2:]]
    assert "Over (page): Many requests fail now" in titles


def test_a_silenced_rule_fires_unheard_until_the_silence_expires(
    ops: Database, traffic: Traffic, telling: Settings, webhook: Webhook
) -> None:
    traffic.add(100, 30)
    for rule in (FAST, "errors-slow"):
        alerts.silence(ops, rule, length=timedelta(minutes=3), actor=ME, reason="planned work")
    fire(ops, telling)
    row = next(row for row in alerts.overview(ops) if row["rule"] == FAST)
    assert (row["state"], row["behind"], row["silence"]["reason"]) == ("silenced", "firing", "planned work")
    assert alerts.open_alerts(ops) == []
    assert webhook.received == []
    alerts.evaluate(ops, telling, now=in_a_minute(2))
    assert webhook.received == []
    alerts.evaluate(ops, telling, now=in_a_minute(4))
    arrived(webhook, 2)
    kinds = [(entry["kind"], entry["actor"]["name"]) for entry in alerts.history(ops, rule=FAST)]
    assert ("silenced", "ada") in kinds


def test_a_silence_can_be_ended(ops: Database, traffic: Traffic, telling: Settings, webhook: Webhook) -> None:
    alerts.silence(ops, FAST, length=timedelta(hours=1), actor=ME, reason="planned work")
    alerts.unsilence(ops, FAST, actor=ME)
    traffic.add(100, 30)
    fire(ops, telling)
    arrived(webhook, 2)


@pytest.mark.parametrize(("hours", "reason"), [(0, "x"), (-1, "x"), (24 * 31, "x"), (1, "  "), (1, "x" * 501)])
def test_a_senseless_silence_is_refused(ops: Database, hours: int, reason: str) -> None:
    with pytest.raises(ValidationFailed):
        alerts.silence(ops, FAST, length=timedelta(hours=hours), actor=ME, reason=reason)


def test_only_what_fires_can_be_acknowledged(ops: Database, traffic: Traffic, settings: Settings) -> None:
    with pytest.raises(alerts.NotFiring):
        alerts.acknowledge(ops, FAST, actor=ME)
    traffic.add(100, 30)
    fire(ops, settings)
    alerts.acknowledge(ops, FAST, actor=ME, note="looking")
    assert state(ops) == "acknowledged"
    assert [row["rule"] for row in alerts.open_alerts(ops)] == ["errors-slow", FAST]
    notes = {entry["kind"]: entry["note"] for entry in alerts.history(ops)}
    assert notes["acknowledged"] == "looking"


def test_a_rule_that_cannot_be_measured_does_not_silence_the_others(
    ops: Database, traffic: Traffic, settings: Settings
) -> None:
    traffic.add(100, 30)
    ops["integrityscans"].insert_many([{"state": "done", "issues": "many", "startedAt": n} for n in range(2)])
    fire(ops, settings)
    assert state(ops) == "firing"
    assert state(ops, "integrity-growing") == "insufficient data"


def test_the_dashboard_hears_of_every_change(ops: Database, traffic: Traffic, settings: Settings) -> None:
    heard: list[tuple[str, str]] = []

    def hear(rule: str, state: str) -> None:
        heard.append((rule, state))

    with alerts.alert_changed.connected_to(hear):
        traffic.add(100, 30)
        fire(ops, settings)
        alerts.silence(ops, FAST, length=timedelta(hours=1), actor=ME, reason="x")
    assert [entry for entry in heard if entry[0] == FAST] == [
        (FAST, "pending"),
        (FAST, "firing"),
        (FAST, "silenced"),
    ]


def test_the_web_process_evaluates_once_a_minute_whoever_asks(ops: Database, settings: Settings) -> None:
    alerts.maybe_evaluate(ops, settings)
    first = stored.find(ops, FAST).evaluated_at
    with ThreadPoolExecutor(4) as instances:
        list(instances.map(lambda _n: alerts.maybe_evaluate(ops, settings), range(8)))
    assert stored.find(ops, FAST).evaluated_at == first
    ops["locks"].update_one({"_id": evaluation.CLAIM}, {"$set": {"evaluatedAt": clock.now() - timedelta(seconds=61)}})
    alerts.maybe_evaluate(ops, settings)
    assert stored.find(ops, FAST).evaluated_at > first


def test_the_flush_of_the_metrics_has_the_rules_evaluated(app: Flask, ops_db: Database) -> None:
    metrics.flusher_of(app).run()
    wait_until(lambda: stored.find(ops_db, FAST).evaluated_at)


def test_an_alert_survives_being_stored(ops: Database, traffic: Traffic, settings: Settings) -> None:
    traffic.add(100, 30)
    outcome = alerts.evaluate(ops, settings)
    known = {alert.rule_id: alert for alert in outcome.alerts}
    assert stored.find(ops, FAST) == known[FAST]


@pytest.mark.slow
def test_a_lost_database_is_told_of_once_and_again_when_it_is_back(
    tmp_path: Path, telling: Settings, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "_outage", Outage())
    monkeypatch.setattr("mixillo.ops.alerts.outage.HOLD", timedelta(0))
    server = Mongod(tmp_path / "mongod", find_program())
    server.start()
    try:
        with MongoClient(server.uri, tz_aware=True, serverSelectionTimeoutMS=500) as client:
            ops = client["outage_ops"]
            alerts.maybe_evaluate(ops, telling)
            server.stop()
            for _attempt in range(3):
                alerts.maybe_evaluate(ops, telling)
            assert arrived(webhook, 1)[0]["title"] == "Alert (page): The database cannot be reached"
            server.start()
            wait_until(lambda: client.admin.command("ping"))
            alerts.maybe_evaluate(ops, telling)
            assert arrived(webhook, 2)[1]["title"] == "Over (page): The database cannot be reached"
            outage = alerts.history(ops, rule="database-unreachable")
            assert [(entry["from"], entry["to"]) for entry in outage] == [("firing", "resolved"), ("ok", "firing")]
    finally:
        server.stop()
