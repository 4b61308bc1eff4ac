"""Comparing wallets with the ledger as a job, whose results are kept: by the hour, from the dashboard, by command."""

from datetime import timedelta
from typing import Any

import structlog
from pymongo.database import Database

from mixillo.blueprints.wallets.queries import books
from mixillo.core import audit_log, clock
from mixillo.core.db import ops_database
from mixillo.ops import jobs, reconciliations
from mixillo.ops.jobs import JobRunning, Report, Work

log = structlog.get_logger(__name__)
KIND = "money.reconcile"
BETWEEN = timedelta(hours=1)


def reconcile() -> Work:
    """Return the work of a reconciliation; its result is ``{reconciliationId, faults, wallets, transfers}``."""

    def work(report: Report) -> dict[str, Any]:
        report(0, 0, "comparing wallets with the ledger")
        found = books.reconcile().as_dict()
        reconciliations.store(ops_database(), found)
        faults = reconciliations.faults(found)
        if faults:
            log.error("money_drifts", faults=faults, drifts=found["driftCount"], negative=found["negative"])
        return {
            "reconciliationId": found["_id"],
            "faults": faults,
            "wallets": found["wallets"],
            "transfers": found["transfers"],
        }

    return work


def reconcile_when_due(ops: Database) -> bool:
    """Reconcile unless that was done within the last hour, or is being done; return whether it was."""
    last = reconciliations.latest(ops)
    if last and last["at"] > clock.now() - BETWEEN:
        return False
    try:
        jobs.run_inline(ops, KIND, reconcile(), actor=audit_log.SYSTEM)
    except JobRunning:
        return False
    return True
