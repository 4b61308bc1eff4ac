"""Jobs: long work that somebody starts and watches, one at a time of each kind, recorded from start to end.

A job is a document of the collection ``jobs``::

    {_id, kind, state, done, total, label, actor, parameters, result, error, startedAt, heartbeatAt, finishedAt}

``state`` is ``running``, ``done`` (``result`` holds what the work returned), ``failed`` (``error`` says why in a
sentence) or ``lost`` (its process is gone, or was cut off for so long that it has to be taken for gone).
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pymongo
import structlog
from blinker import Signal
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from mixillo.core import clock
from mixillo.errors import AppError, Conflict
from mixillo.extensions import socketio

log = structlog.get_logger(__name__)
COLLECTION = "jobs"
RUNNING, DONE, FAILED, LOST = "running", "done", "failed", "lost"
SECONDS_BETWEEN_WRITES = 1.0
SECONDS_BETWEEN_HEARTBEATS = 5.0
# A living worker beats six times within it.
SILENCE_OF_THE_DEAD = timedelta(seconds=30)
# The application's connection gives an operation the time of a request; those of a job may take longer.
LONGEST_SECONDS = 12 * 3600.0

Job = dict[str, Any]
Report = Callable[[int, int, str], None]
Work = Callable[[Report], dict[str, Any]]

job_changed = Signal("A job has started, moved on or ended: send(kind, job_id=ObjectId, state=str).")


class JobRunning(Conflict):
    """A job of this kind is running already."""

    code, title = "job_running", "It is running already"


class JobLost(Exception):
    """The job was taken for dead and its record closed, so its work must stop."""


def start(
    ops: Database, kind: str, work: Work, *, actor: dict[str, Any], parameters: Mapping[str, Any] | None = None
) -> ObjectId:
    """Run ``work(report)`` in the background of this process and return the job's id.

    ``report(done, total, label)`` is cheap enough to be called at every step; ``actor`` is as in the audit log.

    :raises JobRunning: there is one of this kind already.
    """
    job = _Running(ops, _open(ops, kind, actor, parameters), kind)
    socketio.start_background_task(_run_quietly, job, work)
    return job.id


def start_unless_running(ops: Database, kind: str, work: Work, *, actor: dict[str, Any]) -> ObjectId | None:
    """Start the job and return its id, unless one of this kind is running, which comes to what is new as well."""
    try:
        return start(ops, kind, work, actor=actor)
    except JobRunning:
        return None


def run_inline(
    ops: Database,
    kind: str,
    work: Work,
    *,
    actor: dict[str, Any],
    parameters: Mapping[str, Any] | None = None,
    on_progress: Report | None = None,
) -> dict[str, Any]:
    """Run ``work(report)`` here and now with the same record, for commands, and return its result.

    ``on_progress`` is told every step, for a progress bar.

    :raises JobRunning: there is one of this kind already. Whatever the work raises is recorded and raised.
    """
    return _Running(ops, _open(ops, kind, actor, parameters), kind, on_progress).run(work)


def latest(ops: Database, kind: str) -> Job | None:
    """Return the newest job of ``kind``."""
    found = ops[COLLECTION].find_one({"kind": kind}, sort=[("startedAt", -1), ("_id", -1)])
    return _seen(found) if found else None


def recent(ops: Database, limit: int = 50) -> list[Job]:
    """Return the newest jobs of all kinds, the newest first."""
    return [_seen(job) for job in ops[COLLECTION].find().sort([("startedAt", -1), ("_id", -1)]).limit(limit)]


def find(ops: Database, job_id: ObjectId) -> Job | None:
    """Return one job."""
    found = ops[COLLECTION].find_one({"_id": job_id})
    return _seen(found) if found else None


def _seen(job: Job) -> Job:
    """Return ``job`` with the state that it has for an onlooker: a silent worker is a dead one."""
    silent = job["state"] == RUNNING and job["heartbeatAt"] < clock.now() - SILENCE_OF_THE_DEAD
    return job | {"state": LOST} if silent else job


def _open(ops: Database, kind: str, actor: dict[str, Any], parameters: Mapping[str, Any] | None) -> ObjectId:
    """Insert the record; the unique index on running jobs lets one of each kind in."""
    now = clock.now()
    dead = {"kind": kind, "state": RUNNING, "heartbeatAt": {"$lt": now - SILENCE_OF_THE_DEAD}}
    ops[COLLECTION].update_many(dead, {"$set": {"state": LOST, "finishedAt": now}})
    job: Job = {
        "_id": ObjectId(), "kind": kind, "state": RUNNING, "done": 0, "total": 0, "label": "", "actor": actor,
        "parameters": dict(parameters or {}), "result": None, "error": None,
        "startedAt": now, "heartbeatAt": now, "finishedAt": None,
    }  # fmt: skip
    try:
        ops[COLLECTION].insert_one(job)
    except DuplicateKeyError:
        raise JobRunning(_who_runs(ops, kind)) from None
    job_changed.send(kind, job_id=job["_id"], state=RUNNING)
    return job["_id"]


def _who_runs(ops: Database, kind: str) -> str:
    running = ops[COLLECTION].find_one({"kind": kind, "state": RUNNING})
    if running is None:  # it has ended this very moment
        return "One was running until now; try again."
    since, by = clock.timestamp(running["startedAt"]), running["actor"].get("name", "somebody")
    patience = f"{SILENCE_OF_THE_DEAD.seconds} seconds"
    return f"{by} started one at {since}, and it is still running; if it was killed, that is noticed after {patience}."


def _run_quietly(job: "_Running", work: Work) -> None:
    """Run a background job, whose failure its record and the log tell."""
    try:
        job.run(work)
    except Exception as error:
        log.warning("job_failed", kind=job.kind, job=str(job.id), exc_info=error)


class _Running:
    """The running end of a job: writes its progress and its heartbeat."""

    def __init__(self, ops: Database, job_id: ObjectId, kind: str, on_progress: Report | None = None) -> None:
        self.id = job_id
        self.kind = kind
        self._jobs = ops[COLLECTION]
        self._on_progress = on_progress
        self._progress: dict[str, Any] = {}
        self._written_at = 0.0
        self._ended = threading.Event()
        self._lost = threading.Event()

    def run(self, work: Work) -> dict[str, Any]:
        """Do the work under a heartbeat and record how it ended."""
        heart = threading.Thread(target=self._beat, name=f"job-{self.kind}", daemon=True)
        heart.start()
        try:
            with pymongo.timeout(LONGEST_SECONDS):
                result = work(self.report)
        except BaseException as error:
            self._stop(heart)
            self._finish(FAILED, error=_sentence(error))
            raise
        self._stop(heart)
        self._finish(DONE, result=result)
        return result

    def report(self, done: int, total: int, label: str) -> None:
        """Take note of progress; written at most once in ``SECONDS_BETWEEN_WRITES``.

        :raises JobLost: this job has been taken for dead.
        """
        if self._lost.is_set():
            raise JobLost(f"The {self.kind} job was silent for so long that it counts as lost.")
        self._progress = {"done": done, "total": total, "label": label}
        if self._on_progress:
            self._on_progress(done, total, label)
        elif socketio.server:
            socketio.sleep(0)  # work that finds its answers waiting would keep the event loop from everybody else
        if time.monotonic() - self._written_at >= SECONDS_BETWEEN_WRITES:
            self._written_at = time.monotonic()
            self._write({**self._progress, "heartbeatAt": clock.now()})

    def _finish(self, state: str, **outcome: Any) -> None:
        now = clock.now()
        self._write({**self._progress, **outcome, "state": state, "heartbeatAt": now, "finishedAt": now})
        job_changed.send(self.kind, job_id=self.id, state=state)

    def _write(self, values: dict[str, Any]) -> None:
        """Update the record, unless somebody has closed it; a failing write is made up for by the next."""
        try:
            if not self._jobs.update_one({"_id": self.id, "state": RUNNING}, {"$set": values}).matched_count:
                self._lost.set()
        except PyMongoError as error:
            log.warning("job_not_written", kind=self.kind, job=str(self.id), error=type(error).__name__)
            return
        if values.get("state", RUNNING) == RUNNING:
            job_changed.send(self.kind, job_id=self.id, state=RUNNING)

    def _beat(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_HEARTBEATS):
            self._write({"heartbeatAt": clock.now()})

    def _stop(self, heart: threading.Thread) -> None:
        self._ended.set()
        heart.join()


def _sentence(error: BaseException) -> str:
    """Say what went wrong in one sentence that may be shown; the traceback is for the log."""
    if isinstance(error, AppError):
        return error.detail
    if isinstance(error, PyMongoError):
        return f"The database refused or did not answer ({type(error).__name__})."
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return "It was interrupted."
    return f"It ended unexpectedly ({type(error).__name__}); the log has the details."
