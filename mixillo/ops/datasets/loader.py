"""Put a dataset into an empty database, whole or not at all."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, PyMongoError

from mixillo.core import clock
from mixillo.ops.datasets.documents import Account, Dataset, Document, mark
from mixillo.ops.datasets.errors import DatabaseNotEmpty, LoadFailed, MissingExtra, UnknownDataset
from mixillo.ops.locks import Told, held

DATASETS: tuple[str, ...] = ("report", "demo")
BATCH = 1000
LOCK = "dataset-load"
# Where datasets may have something for the technical database.
TECHNICAL = ("transfers", "holds", "media.files", "media.chunks")
LOADING, LOADED = "loading", "loaded"

Progress = Callable[[str, int, int], None]
Journal = Collection[dict[str, Any]]


@dataclass(frozen=True)
class LoadResult:
    """What a load has put there; ``seconds`` is its duration, ``accounts`` who may sign in."""

    dataset: str
    collections: int
    documents: int
    seconds: float
    accounts: tuple[Account, ...]


def load(
    database: Database,
    name: str,
    *,
    progress: Progress | None = None,
    demo_password: str | None = None,
    journal: Journal | None = None,
    moment: datetime | None = None,
    finish: Callable[[], None] | None = None,
    on_wait: Told | None = None,
) -> LoadResult:
    """Load the dataset ``name`` into ``database``, which must hold no documents.

    ``progress(collection, done, total)`` is told how many documents of a collection are written.
    ``moment`` is what the demo takes for the present. ``journal``, a collection of the ops database, keeps
    ``{_id: <dataset>, state, startedAt, finishedAt}``: a load that was killed half-way is recognised by it,
    and what it had written is removed before this one begins. What a dataset has for the technical database goes
    to that of the journal, and is not counted; without one it is left out. ``finish``, called when all documents are
    there, belongs to the load: one that was killed in it is none. ``on_wait`` is told who else is loading.

    :raises UnknownDataset: the name is none of ``DATASETS``.
    :raises MissingExtra: the dataset needs a package that is not installed.
    :raises DatabaseNotEmpty: the database holds documents; none of them was touched.
    :raises LoadFailed: the server refused or vanished.
    """
    started = clock.now()
    dataset = _open(name, moment or started, demo_password)
    try:
        # Whoever comes second must not take the documents of the first for those of a load that was killed.
        with nullcontext() if journal is None else held(journal.database, LOCK, on_wait):
            if journal is not None:
                _remove_unfinished(database, journal)
            _refuse_documents(database)
            with _whole_or_not_at_all(database, name, journal, started):
                _create_collections(database, dataset)
                documents = sum(_put(database, journal, dataset, *batch, progress) for batch in dataset.batches)
                if finish is not None:
                    finish()
    except PyMongoError as error:
        raise LoadFailed(name, _reason(error)) from error
    seconds = (clock.now() - started).total_seconds()
    return LoadResult(name, len(dataset.collections), documents, seconds, dataset.accounts)


def remove_unfinished(database: Database, journal: Journal, on_wait: Told | None = None) -> list[str]:
    """Remove what loads that were killed half-way have written, and return the names of their datasets.

    Nobody may take such a remainder for a database that is in use; ``on_wait`` is told who is loading just now.
    """
    if journal.find_one({"state": LOADING}) is None:
        return []
    with held(journal.database, LOCK, on_wait):
        return _remove_unfinished(database, journal)


def is_empty(database: Database) -> bool:
    """Return whether no collection of ``database`` holds a document; empty collections do not count."""
    return _first_with_documents(database) is None


def _open(name: str, moment: datetime, password: str | None) -> Dataset:
    if name not in DATASETS:
        raise UnknownDataset(name, DATASETS)
    # Only the demo needs Faker, and a server that never loads it need not have it installed.
    if name == "demo" and importlib.util.find_spec("faker") is None:
        raise MissingExtra("demo")
    dataset: Dataset = importlib.import_module(f"mixillo.ops.datasets.{name}").dataset(moment, password)
    return dataset


def _refuse_documents(database: Database) -> None:
    occupied = _first_with_documents(database)
    if occupied is not None:
        raise DatabaseNotEmpty(database.name, occupied)


def _first_with_documents(database: Database) -> str | None:
    return next((name for name in _collections(database) if database[name].find_one({}, {"_id": 1})), None)


def _collections(database: Database) -> list[str]:
    """Return the names of the collections that hold documents of their own: no views, nothing of the server."""
    names = database.list_collection_names(filter={"type": {"$ne": "view"}})
    return sorted(name for name in names if not name.startswith("system."))


def _remove_unfinished(database: Database, journal: Journal) -> list[str]:
    names = [marker["_id"] for marker in journal.find({"state": LOADING})]
    for name in names:
        _discard(database, name)
        _discard_technical(journal, name)
        journal.delete_one({"_id": name})
    return names


def _discard_technical(journal: Journal, name: str) -> None:
    """Remove what the dataset ``name`` wrote into the technical database."""
    for collection in TECHNICAL:
        journal.database[collection].delete_many({"dataset": name})


def _discard(database: Database, name: str) -> None:
    """Remove what the dataset ``name`` wrote, recognised by the middle bytes of its ids, and nothing else.

    Collections that are left with nothing in them, neither documents nor indexes nor options, go too.
    """
    digits = {"$substrCP": [{"$convert": {"input": "$_id", "to": "string", "onError": " " * 24}}, 8, 10]}
    for collection in _collections(database):
        database[collection].delete_many({"$expr": {"$eq": [digits, mark(name, collection).hex()]}})
    for collection in database.list_collection_names(filter={"type": "collection", "options": {}}):
        bare = list(database[collection].index_information()) == ["_id_"]
        if bare and not database[collection].find_one({}, {"_id": 1}):
            database.drop_collection(collection)


@contextmanager
def _whole_or_not_at_all(database: Database, name: str, journal: Journal | None, started: datetime) -> Iterator[None]:
    """Journal the load; when it fails or is interrupted, remove what it has written so far.

    When the server is gone too, the marker stays and the next load does the removing.
    """
    if journal is not None:
        journal.replace_one({"_id": name}, {"state": LOADING, "startedAt": started}, upsert=True)
    try:
        yield
    except BaseException:
        with suppress(PyMongoError):
            _discard(database, name)
            if journal is not None:
                _discard_technical(journal, name)
                journal.delete_one({"_id": name})
        raise
    if journal is not None:
        # The journal's majority concern covers the batches too: they come before it in the same oplog.
        journal.update_one({"_id": name}, {"$set": {"state": LOADED, "finishedAt": clock.now()}})


def _reason(error: PyMongoError) -> str:
    if isinstance(error, BulkWriteError):
        return str(error.details["writeErrors"][0]["errmsg"])
    return str(error)


def _create_collections(database: Database, dataset: Dataset) -> None:
    existing = set(database.list_collection_names())
    for name in dataset.collections:
        if name not in existing:
            database.create_collection(name)


def _put(
    database: Database,
    journal: Journal | None,
    dataset: Dataset,
    name: str,
    documents: list[Document],
    progress: Progress | None,
) -> int:
    """Insert a batch where it belongs, and return by how much the owner's database grew."""
    if name not in dataset.technical:
        return _insert(database, name, documents, progress)
    if journal is not None:
        _insert(journal.database, name, documents, progress)
    return 0


def _insert(database: Database, name: str, documents: list[Document], progress: Progress | None) -> int:
    # Unacknowledged by the journal file: a crash loses the load as a whole, and the marker says so.
    collection = database.get_collection(name, write_concern=WriteConcern(w=1))
    for first in range(0, len(documents), BATCH):
        batch = documents[first : first + BATCH]
        collection.insert_many(batch, ordered=False)
        if progress is not None:
            progress(name, first + len(batch), len(documents))
    return len(documents)
