"""The runs of the past, kept by revision."""

from datetime import timedelta

import pytest
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.probes import history
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS, SKIPPED, Case, Endpoint, Module, ProbeRun


def endpoint(name: str, *states: str) -> Endpoint:
    return Endpoint(name, cases=[Case(f"case {i}", state, proves=True) for i, state in enumerate(states)])


def a_run(minutes_ago: int, *endpoints: Endpoint, revision: str = "r1", module: str | None = None) -> ProbeRun:
    started = clock.now() - timedelta(minutes=minutes_ago)
    return ProbeRun(
        "http://t", started, module, started + timedelta(seconds=3), revision=revision,
        modules=[Module("m", list(endpoints))],
    )  # fmt: skip


GOOD, BAD = endpoint("GET /good", PASS), endpoint("GET /bad", PASS, FAIL)


def test_what_was_stored_is_found_again(ops_db: Database) -> None:
    run_id = history.record(ops_db, a_run(5, GOOD, BAD))
    stored = history.find(ops_db, run_id)
    assert stored is not None
    assert (stored["passing"], stored["judged"], stored["rate"]) == (1, 2, 50.0)
    assert [e["name"] for e in stored["modules"][0]["endpoints"]] == ["GET /good", "GET /bad"]
    cases = history.cases(ops_db, run_id, module="m")
    assert [[c["state"] for c in e["cases"]] for e in cases] == [[PASS], [PASS, FAIL]]
    assert history.cases(ops_db, run_id, module="other") == []


def test_the_latest_is_the_newest_of_everything(ops_db: Database) -> None:
    assert history.latest(ops_db) is None
    whole = history.record(ops_db, a_run(5, GOOD))
    part = history.record(ops_db, a_run(1, BAD, module="m"))
    history.record(ops_db, a_run(9, BAD))
    newest, newest_part = history.latest(ops_db), history.latest(ops_db, module="m")
    assert newest is not None
    assert newest_part is not None
    assert (newest["_id"], newest_part["_id"]) == (whole, part)


def test_history_is_newest_first_with_figures_per_module_only(ops_db: Database) -> None:
    ids = [history.record(ops_db, a_run(minutes, GOOD)) for minutes in (3, 1, 2)]
    found = history.history(ops_db, limit=2)
    assert [stored["_id"] for stored in found] == [ids[1], ids[2]]
    assert found[0]["modules"][0]["rate"] == 100.0
    assert "endpoints" not in found[0]["modules"][0]


def test_revisions_show_their_last_and_their_worst_run(ops_db: Database) -> None:
    for run in (a_run(9, BAD), a_run(8, GOOD, BAD), a_run(7, GOOD), a_run(6, BAD, module="m")):
        history.record(ops_db, run)
    history.record(ops_db, a_run(5, GOOD, BAD, revision="r2"))
    newer, older = history.by_revision(ops_db)
    assert (newer["revision"], newer["rate"], newer["runs"]) == ("r2", 50.0, 1)
    assert (older["revision"], older["rate"], older["lowestRate"], older["runs"]) == ("r1", 100.0, 0.0, 3)
    assert older["firstAt"] < older["lastAt"]


def test_a_revision_keeps_its_newest_runs(ops_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT_PER_REVISION", 2)
    other = history.record(ops_db, a_run(9, GOOD, revision="r2"))
    ids = [history.record(ops_db, a_run(minutes, GOOD)) for minutes in (4, 3, 2)]
    assert [stored["_id"] for stored in history.history(ops_db)] == [ids[2], ids[1], other]
    assert ops_db[history.CASES].distinct("runId") == sorted([other, ids[1], ids[2]])


def test_a_run_that_could_not_even_start_is_stored(ops_db: Database) -> None:
    run = ProbeRun("http://t", clock.now(), modules=[])
    history.record(ops_db, run)
    stored = history.latest(ops_db)
    assert stored is not None
    assert stored["rate"] is None


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ([PASS], PASS),
        ([PASS, DEGRADED], DEGRADED),
        ([DEGRADED, FAIL], FAIL),
        ([BLOCKED], BLOCKED),
        ([PASS, BLOCKED], PASS),
        ([SKIPPED, SKIPPED], SKIPPED),
        ([], BLOCKED),
    ],
)
def test_an_endpoint_is_as_good_as_its_cases(states: list[str], state: str) -> None:
    assert endpoint("GET /x", *states).state == state


def test_an_endpoint_that_only_refused_is_not_passed() -> None:
    assert Endpoint("GET /x", cases=[Case("no token", PASS), Case("user", BLOCKED, proves=True)]).state == BLOCKED


def test_lists_of_runs_come_from_an_index(ops_db: Database) -> None:
    history.record(ops_db, a_run(1, GOOD))
    for where in ({}, {"module": None}, {"revision": "r1"}):
        plan = ops_db[history.RUNS].find(where, sort=history.NEWEST).explain()["queryPlanner"]["winningPlan"]
        stages = str(plan)
        assert "IXSCAN" in stages, where
        assert "'SORT'" not in stages, where
        assert "COLLSCAN" not in stages, where
