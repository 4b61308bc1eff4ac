"""What is in a database, told apart by digests."""

import hashlib

import bson
from pymongo.database import Database

from mixillo.ops.probes import history

# What a run may leave: its own history, and what counts and times every request. What rooms of things were told is
# forgotten after a day, who was where after minutes, and that something was told, which is but a digest, by itself.
# The audit log only grows: what the probe did as an administrator stays in it. Reconciling is
# a job that the server starts by itself, as it reckons figures of days and sweeps files.
KEPT = {
    "auditlog",
    history.RUNS,
    history.CASES,
    "locks",
    "metrics",
    "slowrequests",
    "heartbeats",
    "jobs",
    "reconciliations",
    "alerts",
    "alertevents",
    "searchstate",
    "productviews",
    "contentviews",
    "feeds",
    "storeupkeep",
    "trending",
    "searchwords",
    "roomevents",
    "presence",
    "socketfigures",
    "notified",
    "platformanalytics",
    "useranalytics",
    "rollups",
    "mediasweeps",
}


def contents(*databases: Database) -> dict[str, str]:
    """Return a digest of every document of every collection."""
    digests = {}
    for database in databases:
        for name in sorted(set(database.list_collection_names()) - KEPT):
            if documents := sorted(bson.encode(document) for document in database[name].find()):
                digests[f"{database.name}.{name}"] = hashlib.sha256(b"".join(documents)).hexdigest()
    return digests
