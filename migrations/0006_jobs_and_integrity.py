"""Indexes of jobs and of the audits: integrity, index usage, slow queries, growth, in Mixillo's own database."""

from typing import Any

from pymongo.database import Database

DAY = 24 * 60 * 60
INDEXES: dict[str, dict[str, tuple[Any, dict[str, Any]]]] = {
    "jobs": {
        # What keeps a second job of a kind from starting.
        "one_running": ("kind", {"unique": True, "partialFilterExpression": {"state": "running"}}),
        "newest_of_kind": ([("kind", 1), ("startedAt", -1), ("_id", -1)], {}),
        "newest": ([("startedAt", -1), ("_id", -1)], {}),
        "forgotten": ("heartbeatAt", {"expireAfterSeconds": 90 * DAY}),
    },
    "integrityscans": {"newest": ([("startedAt", -1)], {})},
    "integrityplans": {"newest": ([("createdAt", -1)], {})},
    "integrityplanitems": {
        "once": ([("planId", 1), ("collection", 1), ("documentId", 1)], {"unique": True}),
        "order": ([("planId", 1), ("number", 1)], {}),
        "forgotten": ("createdAt", {"expireAfterSeconds": 7 * DAY}),
    },
    "integrityruns": {"newest": ([("startedAt", -1)], {}), "plan": ("planId", {"unique": True})},
    "integritysnapshots": {
        "order": ([("runId", 1), ("number", 1)], {"unique": True}),
        "forgotten": ("createdAt", {"expireAfterSeconds": 90 * DAY}),
    },
    "slowshapes": {
        "slowest": ([("totalMs", -1)], {}),
        "forgotten": ("lastSeenAt", {"expireAfterSeconds": 30 * DAY}),
    },
    "growthsamples": {"forgotten": ("takenAt", {"expireAfterSeconds": 400 * DAY})},
}


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    for collection, indexes in INDEXES.items():
        for name, (keys, options) in indexes.items():
            ops[collection].create_index(keys, name=name, **options)


def downgrade(database: Database, ops: Database) -> None:
    """Drop the indexes; the documents stay."""
    for collection, indexes in INDEXES.items():
        for name in set(indexes) & set(ops[collection].index_information()):
            ops[collection].drop_index(name)
