"""Jobs run one at a time of each kind, tell how far they are, and are recorded however they end."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.core import clock
from mixillo.core import db as core_db
from mixillo.errors import Conflict
from mixillo.ops import jobs
from mixillo.ops.jobs import JobLost, JobRunning, Report, job_changed
from tests.waiting import wait_until

ME = {"kind": "operator", "name": "salma"}


class Stalled:
    """Work that waits in its middle until the test lets it go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, report: Report) -> dict[str, Any]:
        report(1, 3, "first of three")
        self.begun.set()
        assert self.go_on.wait(10)
        report(3, 3, "all three")
        return {"found": 6}


@pytest.fixture
def stalled(app: Flask, ops_db: Database) -> Iterator[Stalled]:
    """Work that waits; it ends with the test."""
    work = Stalled()
    yield work
    work.go_on.set()
    wait_until(lambda: ops_db.jobs.find_one({"state": "running"}) is None)


def finished(ops: Database, kind: str) -> Callable[[], jobs.Job | None]:
    """Return a condition: the newest job of ``kind``, once it has ended."""

    def ended() -> jobs.Job | None:
        job = jobs.latest(ops, kind)
        return job if job and job["state"] != "running" else None

    return ended


def test_a_job_tells_its_progress_and_its_result(ops_db: Database, stalled: Stalled) -> None:
    job_id = jobs.start(ops_db, "scan", stalled, actor=ME, parameters={"only": "users"})
    assert stalled.begun.wait(10)
    job = jobs.find(ops_db, job_id)
    assert job is not None
    assert (job["state"], job["done"], job["total"], job["label"]) == ("running", 1, 3, "first of three")
    assert (job["actor"], job["parameters"]) == (ME, {"only": "users"})
    stalled.go_on.set()
    done = wait_until(finished(ops_db, "scan"))
    assert (done["state"], done["done"], done["label"]) == ("done", 3, "all three")
    assert done["result"] == {"found": 6}
    assert done["finishedAt"] >= done["startedAt"]


def test_only_one_job_of_a_kind_runs_at_a_time(ops_db: Database, stalled: Stalled) -> None:
    jobs.start(ops_db, "scan", stalled, actor=ME)
    assert stalled.begun.wait(10)
    with pytest.raises(JobRunning, match=r"salma started one at .*, and it is still running; if it was killed"):
        jobs.start(ops_db, "scan", stalled, actor=ME)
    with pytest.raises(Conflict):
        jobs.run_inline(ops_db, "scan", lambda report: {}, actor=ME)
    assert jobs.run_inline(ops_db, "other", lambda report: {"fine": True}, actor=ME) == {"fine": True}
    stalled.go_on.set()
    wait_until(finished(ops_db, "scan"))
    assert jobs.run_inline(ops_db, "scan", lambda report: {"again": True}, actor=ME) == {"again": True}


def test_of_many_that_start_at_once_one_starts(app: Flask, ops_db: Database) -> None:
    go, results, gate = threading.Event(), [], threading.Barrier(8)

    def work(report: Report) -> dict[str, Any]:
        assert go.wait(10)
        return {}

    def attempt() -> None:
        gate.wait()
        try:
            results.append(jobs.start(ops_db, "scan", work, actor=ME))
        except JobRunning as error:
            results.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    go.set()
    wait_until(finished(ops_db, "scan"))
    assert sum(not isinstance(result, JobRunning) for result in results) == 1
    assert ops_db.jobs.count_documents({}) == 1


def test_a_failure_is_recorded_in_one_sentence_without_a_traceback(app: Flask, ops_db: Database) -> None:
    def fail(report: Report) -> dict[str, Any]:
        report(1, 2, "half")
        raise ValueError("secret details\nTraceback")

    jobs.start(ops_db, "scan", fail, actor=ME)
    job = wait_until(finished(ops_db, "scan"))
    assert (job["state"], job["done"]) == ("failed", 1)
    assert job["error"] == "It ended unexpectedly (ValueError); the log has the details."
    with pytest.raises(ValueError, match="secret"):
        jobs.run_inline(ops_db, "scan", fail, actor=ME)

    def refuse(report: Report) -> dict[str, Any]:
        raise Conflict("The plan has expired; make a new one.")

    with pytest.raises(Conflict):
        jobs.run_inline(ops_db, "scan", refuse, actor=ME)
    assert [job["error"] for job in jobs.recent(ops_db, 1)] == ["The plan has expired; make a new one."]


def test_a_job_whose_process_died_is_lost_and_blocks_nobody(app: Flask, ops_db: Database) -> None:
    long_ago = clock.now() - timedelta(minutes=1)
    dead = {"kind": "scan", "state": "running", "actor": ME, "startedAt": long_ago, "heartbeatAt": long_ago}
    ops_db.jobs.insert_one(dead)
    assert (jobs.latest(ops_db, "scan") or {})["state"] == "lost"
    assert [job["state"] for job in jobs.recent(ops_db)] == ["lost"]
    assert jobs.run_inline(ops_db, "scan", lambda report: {}, actor=ME) == {}
    assert [job["state"] for job in jobs.recent(ops_db)] == ["done", "lost"]
    assert ops_db.jobs.find_one({"_id": dead["_id"]})["state"] == "lost"


def test_a_quiet_worker_stays_alive_by_its_heartbeat(
    ops_db: Database, stalled: Stalled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_HEARTBEATS", 0.05)
    jobs.start(ops_db, "scan", stalled, actor=ME)
    assert stalled.begun.wait(10)
    first = ops_db.jobs.find_one()["heartbeatAt"]
    wait_until(lambda: ops_db.jobs.find_one({"state": "running", "heartbeatAt": {"$gt": first}}), seconds=5)


def test_a_job_that_was_taken_for_dead_stops_and_does_not_touch_the_record(app: Flask, ops_db: Database) -> None:
    def work(report: Report) -> dict[str, Any]:
        ops_db.jobs.update_one({}, {"$set": {"state": "lost"}})
        for step in range(1, 1_000):
            report(step, 1_000, "working")
            report.__self__._written_at = 0.0  # type: ignore[attr-defined]  # the next report is written
        return {}

    with pytest.raises(JobLost):
        jobs.run_inline(ops_db, "scan", work, actor=ME)
    assert ops_db.jobs.find_one()["state"] == "lost"


def test_progress_is_written_at_most_once_a_second(app: Flask, ops_db: Database) -> None:
    told: list[str] = []
    shown: list[int] = []

    def note(_sender: Any, **change: Any) -> None:
        told.append(change["state"])

    def work(report: Report) -> dict[str, Any]:
        for step in range(1, 501):
            report(step, 500, "counting")
        return {}

    with job_changed.connected_to(note):
        jobs.run_inline(ops_db, "scan", work, actor=ME, on_progress=lambda done, total, label: shown.append(done))
    assert told[0] == "running"
    assert told[-1] == "done"
    assert len(told) < 10
    assert shown == list(range(1, 501))
    assert (jobs.latest(ops_db, "scan") or {})["done"] == 500


@pytest.mark.slow
def test_an_operation_of_a_job_may_take_longer_than_a_request(app: Flask, ops_db: Database) -> None:
    slow = {"$where": "sleep(3000) || true"}
    core_db.database()["things"].insert_one({})

    def work(report: Report) -> dict[str, Any]:
        return {"found": len(list(core_db.database()["things"].find(slow)))}

    with pytest.raises(PyMongoError):
        work(lambda done, total, label: None)
    assert jobs.run_inline(ops_db, "scan", work, actor=ME) == {"found": 1}
