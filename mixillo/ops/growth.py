"""Growth: one sample of every collection's size a day, and what it says about the days between."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.archive.candidates import candidates
from mixillo.ops.database import statistics

COLLECTION = "growthsamples"
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Growth:
    """How one collection has grown; per day, negative when it has shrunk.

    Both are ``None`` when there are no two samples a day apart: that is not enough to say anything.
    """

    collection: str
    documents: int
    size_bytes: int
    documents_per_day: float | None
    bytes_per_day: float | None
    since: datetime
    until: datetime

    def projected_bytes(self, days: int) -> float | None:
        """Return the size after ``days`` more days if it goes on as it did, ``None`` when nothing can be said."""
        return None if self.bytes_per_day is None else max(0.0, self.size_bytes + days * self.bytes_per_day)

    def as_dict(self) -> dict[str, Any]:
        """Return it under the names that the API and ``--json`` use."""
        return {
            "collection": self.collection,
            "documents": self.documents,
            "sizeBytes": self.size_bytes,
            "documentsPerDay": self.documents_per_day,
            "bytesPerDay": self.bytes_per_day,
            "since": self.since,
            "until": self.until,
        }


def take(database: Database, ops: Database) -> dict[str, Any]:
    """Measure every collection and keep it as today's sample, in the place of an earlier one; return it::

    {_id: "2026-01-31", takenAt, collections: [{name, documents, sizeBytes, storageBytes, indexBytes}],
     archivable: [{collection, field, documents, sizeBytes, oldest}]}
    """
    now = clock.now()
    rows = [
        {
            "name": each.name,
            "documents": each.documents,
            "sizeBytes": each.size_bytes,
            "storageBytes": each.storage_bytes,
            "indexBytes": each.index_bytes,
        }
        for each in statistics(database).collections
    ]
    archivable = [each.as_dict() for each in candidates(database)]
    sample = {"_id": f"{now:%Y-%m-%d}", "takenAt": now, "collections": rows, "archivable": archivable}
    ops[COLLECTION].replace_one({"_id": sample["_id"]}, sample, upsert=True)
    return sample


def latest(ops: Database) -> dict[str, Any] | None:
    """Return the newest sample."""
    return ops[COLLECTION].find_one(sort=[("takenAt", -1)])


def is_due(ops: Database) -> bool:
    """Return whether the newest sample is older than a day."""
    newest = ops[COLLECTION].find_one({}, {"takenAt": 1}, sort=[("takenAt", -1)])
    return newest is None or newest["takenAt"] <= clock.now() - A_DAY


def growth(ops: Database, days: int = 30) -> list[Growth]:
    """Return how each collection has grown in the last ``days`` days, the fastest first."""
    since = clock.now() - timedelta(days=days)
    samples = list(ops[COLLECTION].find({"takenAt": {"$gte": since}}, {"archivable": 0}).sort("takenAt", 1))
    first: dict[str, tuple[datetime, dict[str, Any]]] = {}
    for sample in samples:
        for row in sample["collections"]:
            first.setdefault(row["name"], (sample["takenAt"], row))
    if not samples:
        return []
    newest = samples[-1]
    found = [_growth(row, newest["takenAt"], *first[row["name"]]) for row in newest["collections"]]
    return sorted(found, key=lambda each: (-(each.bytes_per_day or 0), each.collection))


def total(rows: Iterable[Growth]) -> tuple[float, float] | None:
    """Return documents and bytes per day of all collections, ``None`` without enough data."""
    known = [row for row in rows if row.documents_per_day is not None and row.bytes_per_day is not None]
    if not known:
        return None
    return sum(row.documents_per_day or 0 for row in known), sum(row.bytes_per_day or 0 for row in known)


def _growth(row: dict[str, Any], until: datetime, since: datetime, before: dict[str, Any]) -> Growth:
    days = (until - since) / A_DAY
    # Samples are taken about a day apart, not to the second.
    enough = days >= 0.9
    return Growth(
        collection=row["name"],
        documents=row["documents"],
        size_bytes=row["sizeBytes"],
        documents_per_day=(row["documents"] - before["documents"]) / days if enough else None,
        bytes_per_day=(row["sizeBytes"] - before["sizeBytes"]) / days if enough else None,
        since=since,
        until=until,
    )
