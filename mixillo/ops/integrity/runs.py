"""Runs: a plan that was applied, what it did to which document, and whether that was taken back."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import OperationFailure

from mixillo.errors import Conflict, NotFound

COLLECTION = "integrityruns"
SNAPSHOTS = "integritysnapshots"
RUNNING, DONE, UNDOING, UNDONE = "running", "done", "undoing", "undone"
# A run remembers this many of the documents that it left alone, each with the reason; all of them are counted.
SKIPPED_KEPT = 100
# How long the documents of a run are kept whole; the index of the snapshots sees to it.
UNDOABLE_FOR = timedelta(days=90)
SCAN_JOB, CHANGE_JOB = "integrity.scan", "integrity.change"

Run = dict[str, Any]
Skipped = list[dict[str, Any]]


class RunNotFound(NotFound):
    """There is no run with this id."""

    code, title = "run_not_found", "There is no such run"


class RunNotUndoable(Conflict):
    """The run has been taken back already, or has not ended."""

    code, title = "run_not_undoable", "This run cannot be undone"


def find(ops: Database, run_id: ObjectId) -> Run:
    """Return a run::

        {_id, planId, action, actor, state, startedAt, finishedAt, documents, deleted, changed, skipped,
         skippedSamples: [{collection, id, reason}], systemUser: null | {created, hash},
         undo: null | {actor, startedAt, finishedAt, restored, kept, keptSamples}}

    :raises RunNotFound: there is none.
    """
    found = ops[COLLECTION].find_one({"_id": run_id})
    if found is None:
        raise RunNotFound(f"There is no run {run_id}.")
    return found


def of_plan(ops: Database, plan_id: ObjectId) -> Run | None:
    """Return the run that applies or applied a plan."""
    return ops[COLLECTION].find_one({"planId": plan_id})


def recent(ops: Database, limit: int = 20) -> list[Run]:
    """Return the newest runs, the newest first."""
    return list(ops[COLLECTION].find().sort("startedAt", -1).limit(limit))


def skip(collection: str, document_id: Any, reason: str) -> dict[str, Any]:
    """Return the note about a document that is left alone."""
    return {"collection": collection, "id": document_id, "reason": reason}


def refusal(error: OperationFailure) -> str:
    """Return why the database did not take a change, as a sentence."""
    details = error.details or {}
    reasons = [each.get("errmsg") for each in details.get("writeErrors", ())] or [details.get("errmsg")]
    return f"The database refused it: {reasons[0] or error}"
