"""The audit of the database is made once a day by whoever comes first, and what fails in it stops nobody."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.errors import NetworkTimeout

from mixillo.core import audit_log, clock
from mixillo.ops import auditing, growth, indexes, jobs, metrics, slow_queries
from tests.dashboard.auditing import fill, look, slow


def test_the_database_is_audited_once_a_day(db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert auditing.audit_when_due(db, ops_db)
    assert not auditing.audit_when_due(db, ops_db)
    tomorrow = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert auditing.audit_when_due(db, ops_db)
    (newer, older) = jobs.recent(ops_db)
    assert (newer["kind"], newer["state"], newer["actor"]) == (auditing.KIND, "done", audit_log.SYSTEM)
    assert older["result"]["indexes"] == len(indexes.latest(ops_db)["verdicts"])  # type: ignore[index]
    assert ops_db[growth.COLLECTION].count_documents({}) == 2


def test_one_instance_audits_while_the_others_go_on(db: Database, ops_db: Database) -> None:
    tried: list[bool] = []

    def meanwhile(_report: jobs.Report) -> dict[str, bool]:
        tried.append(auditing.audit_when_due(db, ops_db))
        return {}

    jobs.run_inline(ops_db, auditing.KIND, meanwhile, actor=audit_log.SYSTEM)
    assert tried == [False]


def test_an_audit_that_fails_is_recorded_and_tried_again(
    db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise NetworkTimeout("gone")

    with monkeypatch.context() as broken:
        broken.setattr(growth, "take", break_down)
        assert not auditing.audit_when_due(db, ops_db)
    (failed,) = jobs.recent(ops_db)
    assert failed["state"] == "failed"
    assert auditing.audit_when_due(db, ops_db)


def test_a_query_that_is_too_slow_even_to_be_explained_stops_nothing(
    db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db, "aplanted")
    try:
        hopeless = slow(ops_db, "aplanted", ("owner", "eq"), took=(900.0,))
        fine = slow(ops_db, "aplanted", ("status", "eq"), sort="views", took=(300.0,))
        explain = slow_queries.explain

        def time_out(database: Database, ops: Database, shape_id: str) -> dict[str, object]:
            if shape_id == hopeless:
                raise NetworkTimeout("30 s are over")
            return explain(database, ops, shape_id)

        monkeypatch.setattr(slow_queries, "explain", time_out)
        result = look(db, ops_db)
    finally:
        db.drop_collection("aplanted")
    assert result["explained"] == 1
    assert {row["_id"] for row in slow_queries.slowest(ops_db) if row["explained"]} == {fine}


def test_the_application_looks_after_a_flush_whether_it_is_time(app: Flask, ops_db: Database) -> None:
    before = ops_db["indexverdicts"].count_documents({})
    auditing.init_app(app)
    (*_, look_now) = metrics.flusher_of(app).afterwards
    metrics.flusher_of(app).afterwards.pop()
    look_now()
    look_now()
    assert (before, ops_db["indexverdicts"].count_documents({})) == (0, 1)
    assert len(jobs.recent(ops_db)) == 1


def test_the_p95_of_a_shape_is_that_of_its_slow_commands(ops_db: Database) -> None:
    slow(ops_db, "things", ("a", "eq"), took=(110.0,) * 50)
    slow(ops_db, "things", ("a", "eq"), took=(110.0,) * 44 + (450.0,) * 6)
    (stored,) = slow_queries.slowest(ops_db)
    found = slow_queries.p95(stored)
    assert found
    assert 400 <= found <= 450
    assert slow_queries.p95({"maxMs": 3.0}) is None, "what was stored before the buckets were has none"


def test_the_verdicts_can_be_read_as_json(db: Database, ops_db: Database) -> None:
    look(db, ops_db)
    kept = indexes.latest(ops_db)
    assert kept
    assert kept["at"] <= clock.now()
    assert json.loads(json.dumps(kept["verdicts"])) == kept["verdicts"]
