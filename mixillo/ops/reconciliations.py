"""What comparing wallets with the ledger found, kept for the dashboard, the alerts and the figures of the API.

The comparison itself is the wallets' business; here is only what is left of it in ``reconciliations``::

    {_id, at, seconds, wallets, transfers, drifts, driftCount, negative, house, users, offBalance, clean,
     closedUntil, flows}

``flows`` are the totals of everything that moved before ``closedUntil``, a midnight (UTC).
"""

from datetime import timedelta
from typing import Any

from pymongo.database import Database

from mixillo.core import clock

COLLECTION = "reconciliations"
KEPT = timedelta(days=90)
Document = dict[str, Any]


def latest(ops: Database) -> Document | None:
    """Return the newest one."""
    return ops[COLLECTION].find_one(sort=[("at", -1)])


def history(ops: Database, limit: int) -> list[Document]:
    """Return the newest ones, the newest first, without their flows."""
    return list(ops[COLLECTION].find({}, {"flows": 0, "drifts": 0}, sort=[("at", -1)], limit=limit))


def store(ops: Database, found: Document) -> None:
    """Keep one, and forget those that are older than ``KEPT``."""
    ops[COLLECTION].insert_one(found)
    ops[COLLECTION].delete_many({"at": {"$lt": clock.now() - KEPT}})


def faults(found: Document) -> int:
    """Return how many things are wrong: sums that differ, wallets below zero, currencies that do not add up."""
    return int(found["driftCount"]) + int(found["negative"]) + sum(1 for off in found["offBalance"].values() if off)
