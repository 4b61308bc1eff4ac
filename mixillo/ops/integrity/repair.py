"""The repair: a plan is applied, each document looked at again, kept whole, and only then changed."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pymongo
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure

from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.errors import Conflict, ValidationFailed
from mixillo.ops.integrity import declared, plan, runs, system_user
from mixillo.ops.integrity.dependents import PATIENCE_SECONDS, unplanned_parents
from mixillo.ops.integrity.documents import decoded, digest, fetch, key, packed
from mixillo.ops.integrity.items import DELETE, REASSIGN, Item, Items, in_batches
from mixillo.ops.integrity.paths import replacement, spellings
from mixillo.ops.integrity.runs import Run, Skipped, skip
from mixillo.ops.integrity.walk import existing
from mixillo.ops.jobs import Report

CHANGED = "It has been changed since the plan."
GONE = "It has been deleted since the plan."
BACK = "What it refers to is there (again)."
NEW_DEPENDENTS = "Something new hangs on it since the plan."


class PlanExpired(Conflict):
    """The plan is too old to be applied."""

    code, title = "plan_expired", "The plan has expired"


class PlanNotApplicable(Conflict):
    """The plan is unfinished or has been applied."""

    code, title = "plan_not_applicable", "This plan cannot be applied"


def apply(
    database: Database, ops: Database, plan_id: ObjectId, confirmation: str, report: Report, *, actor: dict[str, Any]
) -> Run:
    """Do what a plan lists and return the run (see :func:`mixillo.ops.integrity.runs.find`).

    Every document is looked at again: one that has changed since, or refers to something that exists, is left alone
    and said so. Documents are kept whole for an undo in the same transaction that changes them. A run that was
    killed is taken up where it stopped.

    :raises AppError: as :func:`check` does.
    """
    found = check(ops, plan_id, confirmation)
    run = _begin(ops, found, actor)
    audit_log.record("integrity.apply", actor=actor, target="integrityplans", target_id=plan_id, result="started")
    repair = _Repair(database, ops, run, found)
    items = (item for item in Items(ops, plan_id) if item["number"] > run["done"])
    for (level, collection), group in groupby(items, key=lambda item: (item["level"], item["collection"])):
        for batch in in_batches(group):
            report(run["done"], found["documents"], f"{collection}, level {level}")
            repair.apply(collection, batch)
    return _end(ops, run, actor)


def check(ops: Database, plan_id: ObjectId, confirmation: str) -> dict[str, Any]:
    """Return the plan if it may be applied now.

    :raises PlanNotFound: there is no such plan.
    :raises PlanNotApplicable: it is unfinished, or has been applied.
    :raises PlanExpired: it is older than an hour.
    :raises ValidationFailed: ``confirmation`` is not the plan's.
    """
    found = plan.find(ops, plan_id)
    if confirmation.strip() != found.get("confirmation"):
        raise ValidationFailed.of("confirmation", f"type {found.get('confirmation')!r} to apply this plan")
    if found["state"] != plan.READY:
        raise PlanNotApplicable("The plan was interrupted while it was made; make a new one.")
    before = runs.of_plan(ops, plan_id)
    if before is None and found["expiresAt"] < clock.now():
        raise PlanExpired("The plan is older than an hour; make a new one, so that it fits what is there now.")
    if before is not None and before["state"] != runs.RUNNING:
        raise PlanNotApplicable(f"The plan has been applied; that was run {before['_id']}.")
    return found


def _begin(ops: Database, found: dict[str, Any], actor: dict[str, Any]) -> Run:
    """Return the new run of a plan, or the one that was killed."""
    run: Run = {
        "_id": ObjectId(), "planId": found["_id"], "action": found["action"], "actor": actor, "state": runs.RUNNING,
        "startedAt": clock.now(), "finishedAt": None, "documents": found["documents"], "done": 0, "deleted": 0,
        "changed": 0, "skipped": 0, "skippedSamples": [], "systemUser": None, "undo": None,
    }  # fmt: skip
    if before := runs.of_plan(ops, found["_id"]):
        return before
    try:
        ops[runs.COLLECTION].insert_one(run)
    except DuplicateKeyError:
        raise PlanNotApplicable("Somebody else has just begun to apply the plan.") from None
    return run


def _end(ops: Database, run: Run, actor: dict[str, Any]) -> Run:
    ended = {"state": runs.DONE, "finishedAt": clock.now()}
    ops[runs.COLLECTION].update_one({"_id": run["_id"]}, {"$set": ended})
    counted = {name: run[name] for name in ("deleted", "changed", "skipped")}
    audit_log.record(
        "integrity.apply", actor=actor, target="integrityruns", target_id=run["_id"], changes={"after": counted}
    )
    return runs.find(ops, run["_id"])


class _Repair:
    """One run at work: a batch of items of one collection and level per transaction."""

    def __init__(self, database: Database, ops: Database, run: Run, found: dict[str, Any]) -> None:
        self._database = database
        self._ops = ops
        self._run = run
        self._plan_id = found["_id"]
        self._references = declared.references()

    def apply(self, collection: str, items: list[Item]) -> None:
        """Do a batch; what the database refuses is tried one by one, so that the rest is done."""
        try:
            self._transact(collection, items)
        except OperationFailure as error:
            if len(items) == 1:
                self._record(items, [skip(collection, items[0]["documentId"], runs.refusal(error))])
                return
            for item in items:
                self.apply(collection, [item])

    def _transact(self, collection: str, items: list[Item]) -> None:
        deleted = [item["documentId"] for item in items if item["operation"] == DELETE]
        parents = unplanned_parents(self._database, self._ops, self._references, self._plan_id, collection, deleted)
        with pymongo.timeout(PATIENCE_SECONDS):
            self._run |= transact(lambda session: self._batch(session, collection, items, parents))

    def _batch(self, session: ClientSession, collection: str, items: list[Item], parents: set[bytes]) -> Run:
        """Change what is still as planned; return the run's new figures."""
        documents = fetch(self._database, collection, [item["documentId"] for item in items], session)
        valid, skipped = [], []
        targets = self._targets(items, session)
        for item in items:
            reason = _objection(item, documents.get(key(item["documentId"])), parents, targets)
            if reason:
                skipped.append(skip(collection, item["documentId"], reason))
            else:
                valid.append(item)
        figures = self._figures(items, skipped)
        if any(change["action"] == REASSIGN for item in valid for change in item["changes"]):
            figures |= self._system_user(session)
        self._change(session, collection, valid, documents)
        self._keep(session, collection, valid, documents)
        self._ops[runs.COLLECTION].update_one({"_id": self._run["_id"]}, {"$set": figures}, session=session)
        return figures

    def _record(self, items: list[Item], skipped: Skipped) -> None:
        figures = self._figures(items, skipped)
        self._ops[runs.COLLECTION].update_one({"_id": self._run["_id"]}, {"$set": figures})
        self._run |= figures

    def _figures(self, items: list[Item], skipped: Skipped) -> Run:
        deletions = {key(item["documentId"]) for item in items if item["operation"] == DELETE}
        kept = sum(key(each["id"]) in deletions for each in skipped)
        return {
            "done": items[-1]["number"],
            "deleted": self._run["deleted"] + len(deletions) - kept,
            "changed": self._run["changed"] + len(items) - len(deletions) - (len(skipped) - kept),
            "skipped": self._run["skipped"] + len(skipped),
            "skippedSamples": (self._run["skippedSamples"] + skipped)[: runs.SKIPPED_KEPT],
        }

    def _targets(self, items: list[Item], session: ClientSession) -> dict[str, set[Any]]:
        """Return which of the ids that the items miss are there, by collection."""
        wanted: dict[str, set[Any]] = {}
        for item in items:
            for change in item["changes"]:
                ids = (spelled for value in change["missing"] for spelled in spellings(value))
                wanted.setdefault(change["target"], set()).update(ids)
        return {target: existing(self._database, target, ids, session) for target, ids in wanted.items()}

    def _system_user(self, session: ClientSession) -> Run:
        if not system_user.ensure(self._database, session):
            return {}
        return {"systemUser": {"created": True, "hash": system_user.fingerprint(self._database, session)}}

    def _change(
        self, session: ClientSession, collection: str, items: list[Item], documents: dict[bytes, RawBSONDocument]
    ) -> None:
        deleted = [item["documentId"] for item in items if item["operation"] == DELETE]
        if deleted:
            self._database[collection].delete_many({"_id": {"$in": deleted}}, session=session)
        updates = [
            pymongo.UpdateOne({"_id": item["documentId"]}, _update(item, documents[key(item["documentId"])]))
            for item in items
            if item["operation"] != DELETE
        ]
        if updates:
            self._database[collection].bulk_write(updates, session=session)

    def _keep(
        self, session: ClientSession, collection: str, items: list[Item], documents: dict[bytes, RawBSONDocument]
    ) -> None:
        """Keep the documents as they were, with the hashes of what has become of them."""
        now = clock.now()
        after = fetch(self._database, collection, [item["documentId"] for item in items], session)
        snapshots = []
        for item in items:
            which = key(item["documentId"])
            snapshots.append({
                "runId": self._run["_id"], "number": item["number"], "collection": collection,
                "documentId": item["documentId"], "operation": item["operation"],
                "before": packed(documents[which]), "beforeHash": item["hash"],
                "afterHash": digest(after[which]) if which in after else None, "undone": False, "createdAt": now,
            })  # fmt: skip
        if snapshots:
            self._ops[runs.SNAPSHOTS].insert_many(snapshots, session=session)


def _objection(
    item: Item, document: RawBSONDocument | None, parents: set[bytes], targets: dict[str, set[Any]]
) -> str | None:
    """Say why an item must be left alone, or ``None`` when it may be changed."""
    if document is None:
        return GONE
    if digest(document) != item["hash"]:
        return CHANGED
    if any(_is_there(change, targets) for change in item["changes"]):
        return BACK
    return NEW_DEPENDENTS if key(item["documentId"]) in parents else None


def _is_there(change: dict[str, Any], targets: dict[str, set[Any]]) -> bool:
    spelled: Iterable[Any] = (each for value in change["missing"] for each in spellings(value))
    return not targets[change["target"]].isdisjoint(spelled)


def _update(item: Item, document: RawBSONDocument) -> dict[str, dict[str, Any]]:
    update: dict[str, dict[str, Any]] = {}
    stored = decoded(document)
    for change in item["changes"]:
        new = system_user.ID if change["action"] == REASSIGN else None
        for operator, fields in replacement(stored, change["path"], set(change["missing"]), new).items():
            update.setdefault(operator, {}).update(fields)
    return update
