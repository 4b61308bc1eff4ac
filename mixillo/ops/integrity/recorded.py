"""Scans, plans, repairs and undoings as jobs: what the dashboard starts and the command runs.

Scans are jobs of the kind ``runs.SCAN_JOB``, everything else of ``runs.CHANGE_JOB``, so that only one is at work.
"""

from collections.abc import Collection
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.ops.integrity import plan, repair, runs, undo
from mixillo.ops.integrity import scan as scans
from mixillo.ops.jobs import Report, Work

Actor = dict[str, Any]


def scan(database: Database, ops: Database) -> Work:
    """Return the work of a scan; its result is ``{scanId, issues, documents}``."""

    def work(report: Report) -> dict[str, Any]:
        done = scans.scan(database, ops, report)
        return {"scanId": done["_id"], "issues": done["issues"], "documents": done["documents"]}

    return work


def make_plan(database: Database, ops: Database, action: str, *, actor: Actor, only: Collection[str] = ()) -> Work:
    """Return the work of planning; its result is ``{planId, documents}``."""

    def work(report: Report) -> dict[str, Any]:
        made = plan.make(database, ops, action, report, actor=actor, only=only)
        return {"planId": made["_id"], "documents": made["documents"]}

    return work


def apply(database: Database, ops: Database, plan_id: ObjectId, confirmation: str, *, actor: Actor) -> Work:
    """Return the work of a repair; its result is ``{runId, deleted, changed, skipped}``."""

    def work(report: Report) -> dict[str, Any]:
        run = repair.apply(database, ops, plan_id, confirmation, report, actor=actor)
        return {"runId": run["_id"]} | {name: run[name] for name in ("deleted", "changed", "skipped")}

    return work


def take_back(database: Database, ops: Database, run_id: ObjectId, confirmation: str, *, actor: Actor) -> Work:
    """Return the work of an undo; its result is ``{runId, restored, kept}``."""

    def work(report: Report) -> dict[str, Any]:
        run: runs.Run = undo.undo(database, ops, run_id, confirmation, report, actor=actor)
        return {"runId": run_id, "restored": run["undo"]["restored"], "kept": run["undo"]["kept"]}

    return work
