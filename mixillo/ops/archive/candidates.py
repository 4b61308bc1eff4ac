"""What may be archived: collections of events, and how much of them is old."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pymongo
from pymongo.database import Database

from mixillo.core import clock
from mixillo.core.db import OURS

DAYS = 90
PATIENCE_SECONDS = 60.0
# Collections that only ever grow and that nothing refers to, with the field that says when it happened.
EVENTS = {
    "analytics": "date",
    "analyticsevents": "timestamp",
    "eventtrackings": "timestamp",
    "platformanalytics": "date",
    "useractivities": "timestamp",
    "useranalytics": "date",
    "viewevents": "timestamp",
}


@dataclass(frozen=True)
class Candidate:
    """The old part of a collection; ``size_bytes`` is estimated from the mean size of its documents."""

    collection: str
    field: str
    documents: int
    size_bytes: int
    oldest: datetime

    def as_dict(self) -> dict[str, Any]:
        """Return it under the names that the API and ``--json`` use."""
        return {
            "collection": self.collection,
            "field": self.field,
            "documents": self.documents,
            "sizeBytes": self.size_bytes,
            "oldest": self.oldest,
        }


def cutoff(days: int) -> datetime:
    """Return the moment before which events are more than ``days`` days old."""
    return clock.now() - timedelta(days=days)


def candidates(database: Database, days: int = DAYS, *, only: Collection[str] = ()) -> list[Candidate]:
    """Return the collections of events that hold something older than ``days`` days, the largest part first."""
    there = set(database.list_collection_names(filter={"type": "collection"}))
    before = cutoff(days)
    found = [_candidate(database, name, before) for name in sorted(there & EVENTS.keys()) if not only or name in only]
    return sorted((each for each in found if each), key=lambda each: -each.size_bytes)


def _candidate(database: Database, name: str, before: datetime) -> Candidate | None:
    field = EVENTS[name]
    old = {field: {"$lt": before}}
    with pymongo.timeout(PATIENCE_SECONDS):
        documents = database[name].count_documents(old, comment=OURS)
        if not documents:
            return None
        oldest = database[name].find_one(old, {field: 1}, sort=[(field, 1)], comment=OURS)
        (stats,) = database[name].aggregate([{"$collStats": {"storageStats": {}}}], comment=OURS)
    mean = stats["storageStats"].get("avgObjSize", 0)
    return Candidate(name, field, documents, round(documents * mean), oldest[field] if oldest else before)
