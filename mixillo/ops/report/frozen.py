"""Reports that are kept as they were: who froze them when, their Markdown, and the tree for the other formats."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.config import Settings
from mixillo.errors import NotFound
from mixillo.ops.jobs import Report as Progress
from mixillo.ops.jobs import Work
from mixillo.ops.report.building import build
from mixillo.ops.report.rendering import to_markdown
from mixillo.ops.report.tree import Report

COLLECTION = "reports"
KIND = "report"
NEWEST = [("createdAt", -1), ("_id", -1)]
LISTED = {"markdown": 0, "tree": 0}

Stored = dict[str, Any]


class ReportNotFound(NotFound):
    """There is no report with this id."""

    code, title = "report_not_found", "There is no such report"


def freeze(ops: Database, report: Report, *, actor: dict[str, Any]) -> ObjectId:
    """Keep ``report`` and return its id."""
    frozen_report: Stored = {
        "createdAt": report.at, "actor": actor, "period": report.period, "revision": report.revision,
        "environment": report.environment, "state": report.state, "sentence": report.sentence,
        "markdown": to_markdown(report), "tree": report.as_dict(),
    }  # fmt: skip
    identity: ObjectId = ops[COLLECTION].insert_one(frozen_report).inserted_id
    return identity


def frozen(ops: Database, limit: int = 200) -> list[Stored]:
    """Return the newest reports, the newest first, without their text::

    {_id, createdAt, actor, period, revision, environment, state, sentence}
    """
    return list(ops[COLLECTION].find({}, LISTED, sort=NEWEST, limit=limit))


def find(ops: Database, report_id: ObjectId) -> Stored:
    """Return a report with ``markdown``, and with its ``tree`` as a :class:`Report`.

    :raises ReportNotFound: there is none.
    """
    found = ops[COLLECTION].find_one({"_id": report_id})
    if found is None:
        raise ReportNotFound(f"There is no report {report_id}.")
    return found | {"tree": Report.of(found["tree"])}


def job(settings: Settings, database: Database, ops: Database, period: str, *, actor: dict[str, Any]) -> Work:
    """Return the work of a job that builds a report and freezes it; its result is ``{reportId, sentence}``."""

    def work(progress: Progress) -> dict[str, Any]:
        progress(0, 2, "measuring")
        report = build(settings, database, ops, period)
        progress(1, 2, "writing")
        return {"reportId": freeze(ops, report, actor=actor), "sentence": report.sentence}

    return work
