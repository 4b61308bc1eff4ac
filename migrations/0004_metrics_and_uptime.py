"""Indexes of counts, slow requests, heartbeats, checks and revisions: read fast, and forgotten in time."""

from datetime import timedelta

from pymongo.database import Database

SERIES = [("series", 1), ("at", 1), ("revision", 1)]
COUNTS = {
    "metrics1m": timedelta(hours=48),
    "metrics10m": timedelta(days=8),
    "metrics1h": timedelta(days=35),
    "metrics1d": timedelta(days=400),
}
KEPT = COUNTS | {
    "slowrequests": timedelta(days=7),
    "heartbeats": timedelta(days=35),
    "checks": timedelta(days=35),
    "checkposts": timedelta(minutes=10),
}
INSTANCES_KEPT = timedelta(days=35)


def upgrade(database: Database, ops: Database) -> None:
    """Build what is missing."""
    for name, kept in KEPT.items():
        ops[name].create_index("at", expireAfterSeconds=int(kept.total_seconds()))
    for name in COUNTS:
        ops[name].create_index(SERIES, unique=True)
    ops["slowrequests"].create_index([("route", 1), ("at", -1)])
    ops["instances"].create_index("seenAt", expireAfterSeconds=int(INSTANCES_KEPT.total_seconds()))
    ops["revisions"].create_index([("firstSeenAt", -1), ("_id", -1)])
    ops["maintenance"].create_index([("end", 1), ("start", 1)])


def downgrade(database: Database, ops: Database) -> None:
    """Drop the indexes; the documents stay."""
    added = {name: ["at_1"] for name in KEPT}
    for name in COUNTS:
        added[name].append("series_1_at_1_revision_1")
    added["slowrequests"].append("route_1_at_-1")
    added |= {
        "instances": ["seenAt_1"],
        "revisions": ["firstSeenAt_-1__id_-1"],
        "maintenance": ["end_1_start_1"],
    }
    for name, indexes in added.items():
        for index in set(indexes) & set(ops[name].index_information()):
            ops[name].drop_index(index)
