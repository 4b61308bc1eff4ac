"""The database audit: what is worth knowing of the database once a day, too dear to find out for every look.

It reads how often indexes were used, asks how slow queries are answered, takes the day's sample of sizes and of what
is old enough to be archived, and judges the indexes. It changes nothing of the owner's. Once a day is enough: behind
a flush of the metrics where there is traffic, by ``mixillo db audit`` where there is none.
"""

from datetime import timedelta
from typing import Any

import structlog
from flask import Flask
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.core import audit_log, clock, db
from mixillo.ops import growth, indexes, jobs, slow_queries, upkeep
from mixillo.ops.indexes.verdicts import KEEP
from mixillo.ops.jobs import JobRunning, Report, Work

log = structlog.get_logger(__name__)
KIND, EXPLAIN_KIND = "database.audit", "slow_queries.explain"
BETWEEN_AUDITS = timedelta(days=1)
SECONDS_BETWEEN_LOOKS = 600.0
# Each is asked again of the server as it is, so only the worst are.
EXPLAINED_AT_ONCE = 10


def init_app(app: Flask) -> None:
    """Audit the database of ``app`` once a day."""
    upkeep.every(app, SECONDS_BETWEEN_LOOKS, "database.audit", lambda: audit_when_due(db.database(), db.ops_database()))


def audit_when_due(database: Database, ops: Database) -> bool:
    """Audit unless that was done within the last day or is being done; return whether it was. Never raises."""
    try:
        if not is_due(ops):
            return False
        jobs.run_inline(ops, KIND, audit(database, ops), actor=audit_log.SYSTEM)
    except JobRunning:
        return False
    except Exception as error:  # its record says why; it is tried again before long
        log.warning("database_not_audited", exc_info=error)
        return False
    return True


def is_due(ops: Database) -> bool:
    """Return whether the indexes were last judged more than a day ago, or the sizes sampled."""
    last = indexes.latest(ops)
    return last is None or last["at"] <= clock.now() - BETWEEN_AUDITS or growth.is_due(ops)


def audit(database: Database, ops: Database) -> Work:
    """Return the work of an audit; its result is ``{indexes, remarkable, explained, archivable}``."""

    def work(report: Report) -> dict[str, Any]:
        indexes.sample(database, ops, report)
        explained = _explain(database, ops, report)
        report(0, 0, "sizes")
        sample = growth.take(database, ops)
        report(0, 0, "verdicts")
        found = indexes.judge_all(database, ops)
        return {
            "indexes": len(found),
            "remarkable": sum(each.verdict != KEEP for each in found),
            "explained": explained,
            "archivable": sum(each["documents"] for each in sample["archivable"]),
        }

    return work


def explain_one(database: Database, ops: Database, shape_id: str) -> Work:
    """Return the work of explaining one slow shape, after which the indexes are judged again; result ``{helps}``."""

    def work(report: Report) -> dict[str, Any]:
        explained = slow_queries.explain(database, ops, shape_id)
        indexes.judge_all(database, ops)
        return {"helps": explained["helps"]}

    return work


def _explain(database: Database, ops: Database, report: Report) -> int:
    """Explain the slowest shapes that nobody has asked about yet, and return how many could be."""
    unknown = [each for each in slow_queries.slowest(ops) if each["suggestion"] and not each["explained"]]
    asked = unknown[:EXPLAINED_AT_ONCE]
    explained = 0
    for done, shape in enumerate(asked):
        report(done, len(asked), shape["shown"])
        try:
            slow_queries.explain(database, ops, shape["_id"])
            explained += 1
        except PyMongoError as error:  # too slow even now, which must not keep us from the rest
            log.warning("shape_not_explained", shape=shape["_id"], error=type(error).__name__)
    return explained
