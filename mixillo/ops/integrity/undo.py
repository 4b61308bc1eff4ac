"""The undo: what a run deleted or changed comes back as the very bytes it was, unless it has changed since."""

from typing import Any

import pymongo
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure

from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.errors import ValidationFailed
from mixillo.ops.integrity import declared, runs, system_user
from mixillo.ops.integrity.dependents import PATIENCE_SECONDS
from mixillo.ops.integrity.documents import digest, fetch, key, raw, unpacked
from mixillo.ops.integrity.items import DELETE, in_batches
from mixillo.ops.integrity.runs import Run, RunNotUndoable, skip
from mixillo.ops.jobs import Report

AGAIN = "There is a document with this id again."
CHANGED = "It has been changed since."
GONE = "It has been deleted since."
BATCH = 100

Snapshot = dict[str, Any]


class RestoredOtherwise(Exception):
    """The database did not store a document as it was."""


def confirmation_for(run: Run) -> str:
    """Return what the operator has to type to undo ``run``."""
    return f"undo {run['deleted'] + run['changed']}"


def undo(
    database: Database, ops: Database, run_id: ObjectId, confirmation: str, report: Report, *, actor: dict[str, Any]
) -> Run:
    """Take back a run and return it, with ``undo`` telling what came back and what was kept as it is, and why.

    An undo that was killed, or that had to keep something, may be repeated: it does what is left.

    :raises AppError: as :func:`check` does.
    """
    run = check(ops, run_id, confirmation)
    audit_log.record("integrity.undo", actor=actor, target="integrityruns", target_id=run_id, result="started")
    undoing = _Undo(database, ops, run, actor)
    wanted = {"runId": run_id, "undone": False}
    total = ops[runs.SNAPSHOTS].count_documents(wanted)
    # In the order of the run: a document is back before what hangs on it.
    for number, batch in enumerate(in_batches(ops[runs.SNAPSHOTS].find(wanted).sort("number", 1), BATCH)):
        report(number * BATCH, total, batch[0]["collection"])
        undoing.restore(batch)
    return undoing.end(actor)


def check(ops: Database, run_id: ObjectId, confirmation: str) -> Run:
    """Return the run if it may be taken back.

    :raises RunNotFound: there is no such run.
    :raises RunNotUndoable: all of it has been taken back, or nothing is kept of it any more.
    :raises ValidationFailed: ``confirmation`` is not that of the run.
    """
    run = runs.find(ops, run_id)
    if confirmation.strip() != confirmation_for(run):
        raise ValidationFailed.of("confirmation", f"type {confirmation_for(run)!r} to undo this run")
    if run["state"] == runs.UNDONE and not run["undo"]["kept"]:
        raise RunNotUndoable("The run has been taken back already.")
    if run["startedAt"] + runs.UNDOABLE_FOR < clock.now():
        raise RunNotUndoable(f"Documents are kept for {runs.UNDOABLE_FOR.days} days; this run is older.")
    return run


class _Undo:
    """One undo at work: a batch of snapshots per transaction."""

    def __init__(self, database: Database, ops: Database, run: Run, actor: dict[str, Any]) -> None:
        self._database = database
        self._ops = ops
        self._run_id = run["_id"]
        self._system_user = run["systemUser"]
        restored = run["undo"]["restored"] if run["undo"] else 0
        self._undo: dict[str, Any] = {
            "actor": actor, "startedAt": clock.now(), "finishedAt": None, "restored": restored, "kept": 0,
            "keptSamples": [], "systemUserRemoved": False,
        }  # fmt: skip
        begun = {"state": runs.UNDOING, "undo": self._undo}
        ops[runs.COLLECTION].update_one({"_id": self._run_id}, {"$set": begun})

    def restore(self, snapshots: list[Snapshot]) -> None:
        """Restore a batch; what the database refuses is tried one by one, so that the rest comes back."""
        try:
            with pymongo.timeout(PATIENCE_SECONDS):
                self._undo = transact(lambda session: self._batch(session, snapshots))
        except (OperationFailure, RestoredOtherwise) as error:
            if len(snapshots) > 1:
                for snapshot in snapshots:
                    self.restore([snapshot])
                return
            reason = runs.refusal(error) if isinstance(error, OperationFailure) else str(error)
            self._undo = self._figures([skip(snapshots[0]["collection"], snapshots[0]["documentId"], reason)], 0)

    def end(self, actor: dict[str, Any]) -> Run:
        """Remove the system user if this run had made it and nobody needs it, and close the run."""
        if self._system_user:
            references = declared.references()
            unchanged = self._system_user["hash"]
            with pymongo.timeout(PATIENCE_SECONDS):
                removed = transact(lambda s: system_user.remove(self._database, references, unchanged, s))
            self._undo["systemUserRemoved"] = removed
        self._undo["finishedAt"] = clock.now()
        ended = {"state": runs.UNDONE, "undo": self._undo}
        self._ops[runs.COLLECTION].update_one({"_id": self._run_id}, {"$set": ended})
        counted = {name: self._undo[name] for name in ("restored", "kept")}
        audit_log.record(
            "integrity.undo", actor=actor, target="integrityruns", target_id=self._run_id, changes={"after": counted}
        )
        return runs.find(self._ops, self._run_id)

    def _batch(self, session: ClientSession, snapshots: list[Snapshot]) -> dict[str, Any]:
        kept, restored = [], []
        for collection in dict.fromkeys(snapshot["collection"] for snapshot in snapshots):
            of_it = [snapshot for snapshot in snapshots if snapshot["collection"] == collection]
            objections = self._objections(session, collection, of_it)
            kept += [
                skip(collection, s["documentId"], objections[s["number"]]) for s in of_it if s["number"] in objections
            ]
            unchanged = [snapshot for snapshot in of_it if snapshot["number"] not in objections]
            self._put_back(session, collection, unchanged)
            restored += unchanged
        done = {"_id": {"$in": [snapshot["_id"] for snapshot in restored]}}
        self._ops[runs.SNAPSHOTS].update_many(done, {"$set": {"undone": True}}, session=session)
        figures = self._figures(kept, len(restored))
        self._ops[runs.COLLECTION].update_one({"_id": self._run_id}, {"$set": {"undo": figures}}, session=session)
        return figures

    def _objections(self, session: ClientSession, collection: str, snapshots: list[Snapshot]) -> dict[int, str]:
        """Return why documents must be kept as they are, by the number of their snapshot."""
        there = fetch(self._database, collection, [each["documentId"] for each in snapshots], session)
        reasons = {each["number"]: _objection(each, there.get(key(each["documentId"]))) for each in snapshots}
        return {number: reason for number, reason in reasons.items() if reason}

    def _put_back(self, session: ClientSession, collection: str, snapshots: list[Snapshot]) -> None:
        """Store the documents, read them back and compare.

        :raises RestoredOtherwise: the server has changed one in storing it.
        """
        if not snapshots:
            return
        writes: list[InsertOne | ReplaceOne] = [
            InsertOne(unpacked(each["before"]))
            if each["operation"] == DELETE
            else ReplaceOne({"_id": each["documentId"]}, unpacked(each["before"]))
            for each in snapshots
        ]
        raw(self._database, collection).bulk_write(writes, session=session)
        there = fetch(self._database, collection, [each["documentId"] for each in snapshots], session)
        stored = {which: digest(document) for which, document in there.items()}
        if any(stored.get(key(each["documentId"])) != each["beforeHash"] for each in snapshots):
            raise RestoredOtherwise("The database did not store it as it was.")

    def _figures(self, kept: list[dict[str, Any]], restored: int) -> dict[str, Any]:
        return self._undo | {
            "restored": self._undo["restored"] + restored,
            "kept": self._undo["kept"] + len(kept),
            "keptSamples": (self._undo["keptSamples"] + kept)[: runs.SKIPPED_KEPT],
        }


def _objection(snapshot: Snapshot, document: RawBSONDocument | None) -> str | None:
    """Say why a document must be kept as it is, or ``None`` when it may be put back."""
    if snapshot["operation"] == DELETE:
        return AGAIN if document else None
    if document is None:
        return GONE
    return None if digest(document) == snapshot["afterHash"] else CHANGED
