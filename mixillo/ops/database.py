"""What the database holds: collections, documents, sizes and indexes.

:func:`statistics` counts and costs some 100 ms; :func:`recount` brings its documents up to date for a few.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

from mixillo.core import clock
from mixillo.core.db import OURS

# Up to this many documents are counted one by one: the server's own figure is a guess after it was killed.
COUNTED_UP_TO = 10_000
# Storage statistics cost the server a millisecond per collection, so a few questions are asked side by side.
QUESTIONS_AT_ONCE = 4
UNION_LIMIT = 100
# What the server says when one that it reads is dropped, or another takes its place: the namespace is not found, or the
# plan is killed.
COLLECTION_GONE = (26, 175)
KEPT = ("count", "size", "storageSize", "nindexes", "totalIndexSize")

Stages = list[dict[str, Any]]
STORAGE: Stages = [
    {"$collStats": {"storageStats": {}}},
    {"$project": {"ns": 1} | {f"storageStats.{key}": 1 for key in KEPT}},
]
RUNNING: Stages = [{"$collStats": {"count": {}}}]


@dataclass(frozen=True)
class CollectionStats:
    """One collection; sizes in bytes, ``size_bytes`` uncompressed and ``storage_bytes`` on the disk.

    ``estimated`` says that documents and size are the server's running figures and not counted; ``drift`` is how
    many documents more were counted than those said, ``measured`` how many there were when the sizes were measured.
    """

    name: str
    documents: int
    estimated: bool
    size_bytes: int
    storage_bytes: int
    indexes: int
    index_bytes: int
    measured: int
    drift: int = 0

    @property
    def average_bytes(self) -> int:
        """The mean size of a document, 0 when there is none."""
        return round(self.size_bytes / self.measured) if self.measured else 0

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under the names that the API and ``--json`` use."""
        return {
            "name": self.name,
            "documents": self.documents,
            "estimated": self.estimated,
            "sizeBytes": self.size_bytes,
            "averageBytes": self.average_bytes,
            "storageBytes": self.storage_bytes,
            "indexes": self.indexes,
            "indexBytes": self.index_bytes,
        }


@dataclass(frozen=True)
class DatabaseStats:
    """A database: its server's version and its collections, sorted by name; the totals are properties.

    The sizes are those of ``measured_at``.
    """

    name: str
    server_version: str
    measured_at: datetime
    collections: tuple[CollectionStats, ...]

    @property
    def documents(self) -> int:
        """Documents in all collections."""
        return sum(collection.documents for collection in self.collections)

    @property
    def size_bytes(self) -> int:
        """Bytes of all documents, uncompressed."""
        return sum(collection.size_bytes for collection in self.collections)

    @property
    def average_bytes(self) -> int:
        """The mean size of a document, 0 when there is none."""
        measured = sum(collection.measured for collection in self.collections)
        return round(self.size_bytes / measured) if measured else 0

    @property
    def storage_bytes(self) -> int:
        """Bytes of all documents on the disk."""
        return sum(collection.storage_bytes for collection in self.collections)

    @property
    def indexes(self) -> int:
        """Indexes of all collections."""
        return sum(collection.indexes for collection in self.collections)

    @property
    def index_bytes(self) -> int:
        """Bytes of all indexes on the disk."""
        return sum(collection.index_bytes for collection in self.collections)

    def top(self, count: int = 10) -> list[CollectionStats]:
        """Return the ``count`` collections with the most documents, the largest first."""
        return sorted(self.collections, key=lambda c: (-c.documents, -c.size_bytes, c.name))[:count]

    def as_dict(self) -> dict[str, Any]:
        """Return the totals under the names that the API and ``--json`` use."""
        return {
            "database": self.name,
            "serverVersion": self.server_version,
            "collections": len(self.collections),
            "documents": self.documents,
            "sizeBytes": self.size_bytes,
            "storageBytes": self.storage_bytes,
            "indexes": self.indexes,
            "indexBytes": self.index_bytes,
        }


def statistics(database: Database) -> DatabaseStats:
    """Return what ``database`` holds now; views and the server's own collections are left out.

    Collections of up to ``COUNTED_UP_TO`` documents are counted exactly; larger ones are estimated, and so are those
    that were written to while they were counted.
    """
    names, now = _names(database), clock.now()
    storage = _storage(database, names)
    small = [name for name, figures in storage.items() if figures.get("count", 0) <= COUNTED_UP_TO]
    counted = {row["_id"]: row for row in _union(database, small, _counting)}
    running = _running(database, small)
    return DatabaseStats(
        database.name,
        str(database.client.server_info()["version"]),
        now,
        tuple(
            _counted(name, storage[name], counted.get(name))
            if name in small and running.get(name, 0) == storage[name].get("count", 0)
            else _estimated(name, storage[name])
            for name in names
            if name in storage
        ),
    )


def recount(database: Database, stats: DatabaseStats) -> DatabaseStats:
    """Return ``stats`` with as many documents as there are now, without scanning a single one.

    The server's running figures are corrected by what ``stats`` found them to be wrong by. Sizes stay as they are in
    ``stats``, except for collections that are new since.
    """
    names, known = _names(database), {each.name: each for each in stats.collections}
    new = _storage(database, [name for name in names if name not in known])
    running = _running(database, names)
    return replace(
        stats,
        collections=tuple(
            _estimated(name, new[name]) if name in new else _moved(known[name], running.get(name))
            for name in names
            if name in new or name in known
        ),
    )


def _names(database: Database) -> list[str]:
    names = database.list_collection_names(filter={"type": {"$ne": "view"}})
    return sorted(name for name in names if not name.startswith("system."))


def _storage(database: Database, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {_name(row["ns"]): row["storageStats"] for row in _union(database, names, lambda _name: STORAGE)}


def _running(database: Database, names: Sequence[str]) -> dict[str, int]:
    """Return the server's own count of each collection, which it keeps up to date, and guesses after it was killed.

    It has none of time series.
    """
    ordinary = set(database.list_collection_names(filter={"type": "collection"}))
    asked = [name for name in names if name in ordinary]
    return {_name(row["ns"]): row["count"] for row in _union(database, asked, lambda _name: RUNNING)}


def _counted(name: str, storage: dict[str, Any], counted: dict[str, Any] | None) -> CollectionStats:
    """Put the figures of a counted collection together; one without a row is empty."""
    exact = counted or {"documents": 0, "size": 0}
    return replace(
        _estimated(name, storage),
        documents=exact["documents"],
        measured=exact["documents"],
        estimated=False,
        size_bytes=exact["size"],
        drift=exact["documents"] - storage.get("count", 0),
    )


def _estimated(name: str, storage: dict[str, Any]) -> CollectionStats:
    return CollectionStats(
        name=name,
        documents=storage.get("count", 0),
        estimated=True,
        size_bytes=storage["size"],
        storage_bytes=storage["storageSize"],
        indexes=storage.get("nindexes", 0),
        index_bytes=storage["totalIndexSize"],
        measured=storage.get("count", 0),
    )


def _moved(before: CollectionStats, running: int | None) -> CollectionStats:
    return before if running is None else replace(before, documents=max(0, running + before.drift))


def _counting(name: str) -> Stages:
    figures = {"documents": {"$sum": 1}, "size": {"$sum": {"$bsonSize": "$$ROOT"}}}
    return [{"$group": {"_id": {"$literal": name}} | figures}]


def _name(namespace: str) -> str:
    return namespace.partition(".")[2]


def _union(database: Database, names: Sequence[str], pipeline: Callable[[str], Stages]) -> list[dict[str, Any]]:
    """Return the rows of ``pipeline(name)`` over every collection in ``names``, asked for in few requests.

    Those that are dropped meanwhile have none.
    """

    def ask(batch: Sequence[str]) -> list[dict[str, Any]]:
        try:
            return ask_all(batch)
        except OperationFailure as error:
            if error.code not in COLLECTION_GONE:
                raise
        there = set(database.list_collection_names())
        return ask_all([name for name in batch if name in there])

    def ask_all(batch: Sequence[str]) -> list[dict[str, Any]]:
        if not batch:
            return []
        first, *others = batch
        unions = [{"$unionWith": {"coll": name, "pipeline": pipeline(name)}} for name in others]
        return list(database[first].aggregate([*pipeline(first), *unions], comment=OURS))

    with ThreadPoolExecutor(QUESTIONS_AT_ONCE) as threads:
        return [row for rows in threads.map(ask, _batches(names)) for row in rows]


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Deal ``names`` out evenly, at most ``UNION_LIMIT`` to a request."""
    size = min(UNION_LIMIT, -(-len(names) // QUESTIONS_AT_ONCE))
    for start in range(0, len(names), size or 1):
        yield names[start : start + size]
