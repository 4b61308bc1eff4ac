"""Up is what somebody saw; what nobody saw is unknown."""

import json
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.errors import ValidationFailed
from mixillo.ops.uptime import Pulse, bars, checks, maintenance, masks, uptime
from tests.ops.uptime.moments import NOW, START, at


def beat(ops: Database, minutes: Any, *, instance: str = "one", requests: int = 0, errors: int = 0) -> None:
    pulse = Pulse(instance, "r1")
    for minute in minutes:
        pulse.note(at(minute), requests, errors)
    pulse.store(ops)


def checked(ops: Database, minutes: Any, *, up: bool, checker: str = "eu", **seen: Any) -> None:
    results = [{"at": at(minute), "up": up} | seen for minute in minutes]
    checks.accept(ops, str(ObjectId()), checker, results)


def test_without_evidence_everything_is_unknown_and_nothing_up(ops_db: Database) -> None:
    for period in ("1h", "24h", "7d", "30d"):
        found = uptime(ops_db, period)
        assert found.share is None
        assert found.coverage == 0.0
        assert found.incidents == ()
    assert {bar.state for bar in bars(ops_db, "24h")} == {"unknown"}


def test_minutes_without_heartbeats_lower_the_coverage_not_the_uptime(ops_db: Database) -> None:
    beat(ops_db, range(15))
    found = uptime(ops_db, "1h")
    assert (found.share, found.coverage) == (1.0, 0.25)
    assert found.minutes == {"up": 15, "degraded": 0, "down": 0, "maintenance": 0, "unknown": 45}


def test_a_longer_window_adds_up_over_hours_and_instances(ops_db: Database) -> None:
    beat(ops_db, range(-600, 60), instance="one")
    beat(ops_db, range(-900, -500), instance="two")
    found = uptime(ops_db, "24h")
    assert found.minutes["up"] == 960
    assert found.coverage == pytest.approx(960 / 1440)
    assert uptime(ops_db, "30d").minutes["up"] == 960


def test_failing_checks_without_heartbeats_are_an_incident_that_nobody_could_reach(ops_db: Database) -> None:
    beat(ops_db, [*range(20), *range(30, 60)])
    checked(ops_db, range(20, 30), up=False, detail="timed out after 10 s")
    checked(ops_db, [*range(20), *range(30, 60)], up=True)
    found = uptime(ops_db, "1h")
    assert found.minutes["down"] == 10
    assert found.share == pytest.approx(50 / 60)
    (incident,) = found.incidents
    assert (incident.start, incident.minutes, incident.cause) == (START + timedelta(minutes=20), 10, "unreachable")
    assert incident.end == START + timedelta(minutes=30)
    assert incident.detail == "timed out after 10 s"


def test_failing_checks_beside_heartbeats_are_failing_checks(ops_db: Database) -> None:
    beat(ops_db, range(60))
    checked(ops_db, range(10, 13), up=False, status=503)
    checked(ops_db, range(13, 20), up=True, status=200)
    (incident,) = uptime(ops_db, "1h").incidents
    assert (incident.cause, incident.minutes, incident.detail) == ("checks_failing", 3, "status 503")


def test_a_check_stands_until_the_next_one_but_not_for_long(ops_db: Database) -> None:
    checked(ops_db, [10, 13, 20], up=False)
    checked(ops_db, [22], up=True)
    found = uptime(ops_db, "1h")
    # 10–17, unknown 18 and 19, 20 and 21 down; 22–26 up.
    assert (found.minutes["down"], found.minutes["up"]) == (10, 5)
    (incident,) = found.incidents
    assert (incident.start, incident.minutes) == (START + timedelta(minutes=10), 12)


def test_a_check_before_the_window_stands_into_it(ops_db: Database) -> None:
    checked(ops_db, [-2], up=False)
    assert uptime(ops_db, "1h").minutes["down"] == 3


def test_an_incident_that_lasts_has_no_end(ops_db: Database) -> None:
    checked(ops_db, range(55, 60), up=False)
    (incident,) = uptime(ops_db, "1h").incidents
    assert (incident.end, incident.minutes) == (None, 5)


def test_mostly_server_errors_are_down_and_some_are_degraded(ops_db: Database) -> None:
    pulse = Pulse("one", "r1")
    for first, requests, errors in ((0, 100, 50), (10, 100, 10), (20, 100, 9), (30, 4, 4)):
        for minute in range(first, first + 10):
            pulse.note(at(minute), requests, errors)
    pulse.store(ops_db)
    found = uptime(ops_db, "1h")
    assert (found.minutes["down"], found.minutes["degraded"], found.minutes["up"]) == (10, 10, 20)
    (incident,) = found.incidents
    assert incident.cause == "server_errors"
    assert found.share == 0.75


def test_one_bad_instance_beside_a_good_one_is_degraded(ops_db: Database) -> None:
    beat(ops_db, range(10), instance="bad", requests=10, errors=10)
    beat(ops_db, range(10), instance="good", requests=10)
    found = uptime(ops_db, "1h")
    assert (found.minutes["degraded"], found.minutes["down"]) == (10, 0)


def test_one_failing_checker_beside_a_passing_one_is_degraded(ops_db: Database) -> None:
    checked(ops_db, range(10), up=False, checker="asia")
    checked(ops_db, range(14), up=True, checker="eu")
    assert uptime(ops_db, "1h").minutes["down"] == 0
    assert uptime(ops_db, "1h").minutes["degraded"] == 14


def test_a_minute_is_judged_by_all_its_requests_however_often_it_is_stored(ops_db: Database) -> None:
    pulse = Pulse("one", "r1")
    pulse.note(at(3), 5, 5)
    pulse.store(ops_db)
    assert uptime(ops_db, "1h").minutes["down"] == 1
    pulse.note(at(3), 95, 0)
    pulse.store(ops_db)
    pulse.store(ops_db)
    assert uptime(ops_db, "1h").minutes["up"] == 1


def test_maintenance_is_neither_up_nor_down_and_needs_no_evidence(ops_db: Database) -> None:
    beat(ops_db, range(20))
    checked(ops_db, range(20, 30), up=False)
    window = maintenance.announce(ops_db, at(20), at(30), "new disks", by="ada")
    found = uptime(ops_db, "1h")
    assert found.minutes["maintenance"] == 11
    assert found.minutes["down"] == 3  # what the last failing check still stands for
    assert found.share == pytest.approx(20 / 23)
    assert maintenance.windows(ops_db, START) == [window]
    assert maintenance.cancel(ops_db, window.id) is True
    assert maintenance.cancel(ops_db, window.id) is False
    assert uptime(ops_db, "1h").minutes["maintenance"] == 0
    with pytest.raises(ValidationFailed):
        maintenance.announce(ops_db, at(5), at(5), "nothing", by="ada")


def test_bars_show_the_worst_of_their_minutes_and_add_up(ops_db: Database) -> None:
    beat(ops_db, range(-1380, 60))
    checked(ops_db, [0], up=False)
    checked(ops_db, [1], up=True)
    row = bars(ops_db, "24h")
    assert len(row) == 90
    assert sum(sum(bar.minutes.values()) for bar in row) == 1440
    assert [bar.state for bar in row].count("down") == 1
    assert row[-1].end == START + timedelta(hours=1)
    assert all(one.end == other.start for one, other in zip(row, row[1:], strict=False))
    assert len(bars(ops_db, "1h")) == 60


@given(st.integers(min_value=0, max_value=2**300))
def test_runs_of_bits_are_those_of_the_mask(mask: int) -> None:
    rebuilt = 0
    before = -1
    for first, end in masks.runs(mask):
        assert before < first < end
        rebuilt |= masks.all_of(end) & ~masks.all_of(first)
        before = end
    assert rebuilt == mask


@given(st.lists(st.tuples(st.integers(-3, 30), st.integers(0, 2**60 - 1)), max_size=20), st.integers(1, 2_000))
def test_hours_are_placed_where_they_belong(hours: list[tuple[int, int]], minutes: int) -> None:
    begin = START + timedelta(minutes=7)
    placed = masks.placed([(START + timedelta(hours=hour), bits) for hour, bits in hours], begin, minutes)
    for minute in range(minutes):
        offset = minute + 7
        expected = any(hour == offset // 60 and bits >> (offset % 60) & 1 for hour, bits in hours)
        assert (placed >> minute) & 1 == expected


def test_uptime_reads_its_documents_by_an_index(ops_db: Database) -> None:
    beat(ops_db, range(60))
    for name in ("heartbeats", "checks"):
        where = {"at": {"$gte": START, "$lt": NOW}}
        plan = json.dumps(ops_db[name].find(where).explain()["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in plan
