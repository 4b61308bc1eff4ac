"""Each rule reads what the dashboard's other parts store."""

from datetime import timedelta

import pytest
from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock
from mixillo.errors import ValidationFailed
from mixillo.ops.alerts import RuleNotFound
from mixillo.ops.alerts.measurements import Reading
from mixillo.ops.alerts.rules import BY_ID, effective, override
from tests.ops.alerts.conftest import Traffic

ME = {"kind": "operator", "name": "ada"}


def read(ops: Database, rule: str) -> Reading:
    return BY_ID[rule].measure(ops, clock.now())


def test_errors_count_when_both_windows_have_them(ops: Database, traffic: Traffic) -> None:
    traffic.add(1_000, 0, minutes_ago=30)
    traffic.add(40, 20, minutes_ago=1)
    found = read(ops, "errors-fast")
    assert found.value == pytest.approx(20 / 1_040)
    assert found.sample == 40
    assert found.detail == "50.00% of 40 in 5 min, 1.92% of 1,040 in 1 h"


def test_errors_that_are_over_do_not_count(ops: Database, traffic: Traffic) -> None:
    traffic.add(100, 100, minutes_ago=30)
    traffic.add(50, 0, minutes_ago=1)
    assert read(ops, "errors-fast").value == 0.0
    assert read(ops, "errors-slow").value == pytest.approx(100 / 150)


def test_without_requests_there_is_nothing_to_measure(ops: Database) -> None:
    assert read(ops, "errors-fast") == Reading(None, 0, "nothing of 0 in 5 min, nothing of 0 in 1 h")
    assert read(ops, "latency-feed") == Reading(None, 0, "no requests in 15 min")


def test_the_latency_of_a_group_is_held_against_its_target(ops: Database, traffic: Traffic) -> None:
    traffic.add(100, ms=650, minutes_ago=2, rule="/api/feed")
    traffic.add(500, ms=5, minutes_ago=2, rule="/api/users")
    found = read(ops, "latency-feed")
    assert BY_ID["latency-feed"].threshold == 500
    assert 600 < (found.value or 0) < 800
    assert found.sample == 100
    assert {rule for rule in BY_ID if rule.startswith("latency-")} == {
        "latency-health", "latency-auth", "latency-feed", "latency-search"
    }  # fmt: skip


def test_probes_count_by_their_last_whole_run(ops: Database) -> None:
    now = clock.now()
    run = {"module": None, "startedAt": now, "judged": 18, "passing": 7, "rate": 7 / 18}
    ops["proberuns"].insert_many(
        [run, run | {"_id": ObjectId(), "module": "users", "startedAt": now + timedelta(seconds=1), "passing": 0}]
    )
    found = read(ops, "probes-failing")
    assert (found.value, found.sample) == (pytest.approx(11 / 18), 18)
    assert found.detail.startswith("7 of 18 passed")
    ops["proberuns"].update_many({}, {"$set": {"startedAt": now - timedelta(hours=25)}})
    assert read(ops, "probes-failing").value is None


def test_integrity_counts_when_it_grows(ops: Database) -> None:
    now = clock.now()
    assert read(ops, "integrity-growing").sample == 0
    for hours, issues in ((3, 9), (2, 6), (1, 8)):
        ops["integrityscans"].insert_one(
            {"state": "done", "startedAt": now - timedelta(hours=hours), "issues": issues, "references": []}
        )
    assert read(ops, "integrity-growing") == Reading(2.0, 2, "8 issues, 6 in the scan before")


def test_a_backup_grows_stale_from_its_end_or_from_the_installation(ops: Database) -> None:
    now = clock.now()
    assert read(ops, "backup-stale").value is None
    ops["migrations"].insert_one({"_id": "0001_x", "appliedAt": now - timedelta(hours=30)})
    found = read(ops, "backup-stale")
    assert (round(found.value or 0), found.detail) == (30, "there is none")
    ops["backups"].insert_one({"state": "done", "removedAt": None, "createdAt": now - timedelta(hours=2)})
    ops["backups"].insert_one({"state": "failed", "removedAt": None, "createdAt": now})
    assert round(read(ops, "backup-stale").value or 0) == 2


def test_a_backup_counts_as_unverified_until_one_was_restored(ops: Database) -> None:
    now = clock.now()
    assert read(ops, "backup-unverified").value is None
    made = {"state": "done", "removedAt": None, "createdAt": now - timedelta(hours=300)}
    ops["backups"].insert_one(made)
    found = read(ops, "backup-unverified")
    assert (round(found.value or 0), found.detail) == (300, "none was ever verified")
    ops["backups"].insert_one(
        made | {"_id": ObjectId(), "name": "b", "verified": True, "verifiedAt": now - timedelta(hours=5)}
    )
    assert round(read(ops, "backup-unverified").value or 0) == 5
    assert read(ops, "backup-damaged") == Reading(0.0, 1, "1 verified, all good")
    ops["backups"].insert_one(made | {"_id": ObjectId(), "name": "c", "verified": False, "verifiedAt": now})
    assert read(ops, "backup-damaged") == Reading(1.0, 2, "c")


def test_an_operator_may_change_thresholds_and_switch_rules_off(ops: Database) -> None:
    override(ops, "errors-fast", actor=ME, threshold=0.25, minimum_sample=5)
    override(ops, "backup-stale", actor=ME, enabled=False)
    rules = {rule.id: rule for rule in effective(ops)}
    assert (rules["errors-fast"].threshold, rules["errors-fast"].minimum_sample) == (0.25, 5)
    assert not rules["backup-stale"].enabled
    override(ops, "errors-fast", actor=ME)
    assert {rule.id: rule for rule in effective(ops)}["errors-fast"] == BY_ID["errors-fast"]


@pytest.mark.parametrize("change", [{"threshold": -1.0}, {"threshold": float("nan")}, {"minimum_sample": 0}])
def test_a_senseless_change_is_refused(ops: Database, change: dict) -> None:
    with pytest.raises(ValidationFailed):
        override(ops, "errors-fast", actor=ME, **change)
    with pytest.raises(RuleNotFound):
        override(ops, "nothing", actor=ME)
