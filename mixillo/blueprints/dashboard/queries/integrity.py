"""The Integrity page: the last scan with every declared reference, the plan, and the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.integrity import declared, plan, runs, scan, undo
from mixillo.ops.integrity.plan import READY
from mixillo.ops.jobs import RUNNING, Job

Stored = dict[str, Any]
MISSING, ALL = "missing", "all"
# What a plan is now: only an open one and one whose run was interrupted may be applied.
BUILDING, INTERRUPTED, NOTHING, EXPIRED, OPEN, HALTED, APPLYING, APPLIED = (
    "building", "interrupted", "nothing to do", "expired", "open", "halted", "applying", "applied",
)  # fmt: skip


@dataclass(frozen=True)
class References:
    """The references that are listed: of ``declared`` ones those in ``shown``, each with what the scan found.

    ``checked`` of a row is ``None`` where the database has no such collection, so that nothing was looked up.
    """

    which: str
    shown: Sequence[Stored]
    declared: int
    missing: int


@dataclass(frozen=True)
class Plan:
    """A plan with the run that applies it, if any, and its ``state`` now."""

    document: Stored
    run: Stored | None
    state: str

    @property
    def may_be_applied(self) -> bool:
        """Whether applying it makes sense now."""
        return self.state in (OPEN, HALTED)


@dataclass(frozen=True)
class Run:
    """A run with what has to be typed to take it back; ``undoable_until`` is ``None`` when it cannot be any more."""

    document: Stored
    confirmation: str
    undoable_until: datetime | None
    is_halted: bool


def references(found: Stored | None, which: str) -> References:
    """Return the declared references with what the scan ``found``: all of them, or those that lead nowhere."""
    scanned = {(row["collection"], row["path"]): row for row in (found["references"] if found else ())}
    rows = [
        {
            "name": plan.name_of(reference), "target": reference.target, "policy": reference.policy,
            "checked": None, "missing": 0, "samples": [],
        } | scanned.get((reference.collection, reference.path), {})
        for reference in declared.references()
    ]  # fmt: skip
    missing = [row for row in rows if row["missing"]]
    return References(which, rows if which == ALL else missing, len(rows), len(missing))


def current_plan(ops: Database, parameters: Mapping[str, str], job: Job | None) -> Plan | None:
    """Return the plan that the URL names, else the newest; ``job`` is the last one that plans or repairs."""
    named = parameters.get("plan", "")
    document = ops[plan.COLLECTION].find_one({"_id": ObjectId(named)}) if ObjectId.is_valid(named) else None
    document = document or next(iter(plan.recent(ops, 1)), None)
    if document is None:
        return None
    run = runs.of_plan(ops, document["_id"])
    is_busy = job is not None and job["state"] == RUNNING
    return Plan(document, run, _ready(document, run, is_busy) if document["state"] == READY else _unready(is_busy))


def past_runs(ops: Database, job: Job | None) -> list[Run]:
    """Return the newest runs, the newest first."""
    is_busy = job is not None and job["state"] == RUNNING
    return [_run(document, is_busy) for document in runs.recent(ops)]


def _unready(is_busy: bool) -> str:
    return BUILDING if is_busy else INTERRUPTED


def _ready(document: Stored, run: Stored | None, is_busy: bool) -> str:
    if run is not None and run["state"] == runs.RUNNING:
        return APPLYING if is_busy else HALTED
    if run is not None:
        return APPLIED
    if not document["documents"]:
        return NOTHING
    return EXPIRED if document["expiresAt"] < clock.now() else OPEN


def _run(document: Stored, is_busy: bool) -> Run:
    until = document["startedAt"] + runs.UNDOABLE_FOR
    done = document["deleted"] + document["changed"]
    undone = document["state"] == runs.UNDONE and not document["undo"]["kept"]
    undoable = bool(done) and not undone and not is_busy and until > clock.now()
    halted = document["state"] == runs.RUNNING and not is_busy
    return Run(document, undo.confirmation_for(document), until if undoable else None, halted)


def last_scans(ops: Database) -> list[Stored]:
    """Return the finished scans of before, the newest first."""
    return scan.history(ops)
