"""The walk: every document of a collection in the order of its ``_id``, its references looked up in batches."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pymongo
from bson import ObjectId
from pymongo.database import Database

from mixillo.core.db import Reference
from mixillo.ops.integrity.paths import places, spellings

# A background job shares its event loop with the requests, which wait while a batch is looked at (some ms).
BATCH = 500
# Ids known to exist are remembered up to this many per collection, so that memory stays flat.
REMEMBERED = 100_000
# A batch is a few milliseconds of work; on a struggling server it may take longer than a request may.
PATIENCE_SECONDS = 60.0
EVERYTHING = None

Missing = dict[Reference, set[Any]]


@dataclass
class Batch:
    """Some documents in a row.

    ``after`` is the ``_id`` of the last of them (in a list, because ``None`` may be an ``_id``); ``checked`` counts
    the documents that hold a reference, ``orphans`` the ids of documents with what each of their references misses.
    """

    documents: int
    after: list[Any]
    checked: dict[Reference, int]
    orphans: list[tuple[Any, Missing]] = field(default_factory=list)


class KnownIds:
    """Which ids exist: asks the database in batches and remembers the answers for the length of a walk."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: defaultdict[str, set[Any]] = defaultdict(set)

    def missing(self, target: str, wanted: Iterable[Any]) -> set[Any]:
        """Return those of ``wanted`` that are no ``_id`` in ``target``."""
        known = self._known[target]
        asked = {value: spellings(value) for value in wanted if value not in known}
        if not asked:
            return set()
        found = existing(self._database, target, {spelling for all_of in asked.values() for spelling in all_of})
        gone = {value for value, all_of in asked.items() if found.isdisjoint(all_of)}
        if len(known) + len(asked) > REMEMBERED:
            known.clear()
        known.update(asked.keys() - gone)
        return gone


def existing(database: Database, target: str, ids: set[Any], session: Any = None) -> set[Any]:
    """Return those of ``ids`` that are an ``_id`` in ``target``."""
    wanted = {"_id": {"$in": list(ids)}}
    return {document["_id"] for document in database[target].find(wanted, {"_id": 1}, session=session).to_list()}


def walk(
    database: Database, references: Sequence[Reference], known: KnownIds, after: list[Any] | None = EVERYTHING
) -> Iterator[Batch]:
    """Yield the batches of one collection, whose ``references`` are given, beginning behind the ``_id`` ``after``.

    Documents without a value for a reference are fine. The order of the index is that of all types of ids, so a
    collection may mix them; what is inserted meanwhile may or may not be seen.
    """
    collection = database[references[0].collection]
    projection = {reference.path: 1 for reference in references}
    while True:
        with pymongo.timeout(PATIENCE_SECONDS):
            cursor = collection.find({}, projection).hint([("_id", 1)]).limit(BATCH + 1)
            documents = (cursor.min([("_id", after[0])]) if after else cursor).to_list()
            if after and documents and documents[0]["_id"] == after[0]:
                del documents[0]  # `min` includes its bound
            del documents[BATCH:]
            if not documents:
                return
            batch = _check(documents, references, known)
        after = batch.after
        yield batch


def _check(documents: list[Mapping[str, Any]], references: Sequence[Reference], known: KnownIds) -> Batch:
    held = {reference: _values(documents, reference) for reference in references}
    batch = Batch(len(documents), [documents[-1]["_id"]], {r: len(values) for r, values in held.items()})
    orphans: defaultdict[int, Missing] = defaultdict(dict)
    for reference, values in held.items():
        gone = known.missing(reference.target, {value for ids in values.values() for value in ids})
        if gone:
            for number, ids in values.items():
                if not gone.isdisjoint(ids):
                    orphans[number][reference] = gone.intersection(ids)
    batch.orphans = [(documents[number]["_id"], missing) for number, missing in sorted(orphans.items())]
    return batch


def _values(documents: list[Mapping[str, Any]], reference: Reference) -> dict[int, list[Any]]:
    """Return the ids at the reference's path by the document's number in the batch."""
    path, held = reference.path, {}
    for number, document in enumerate(documents):
        value = document.get(path)
        if isinstance(value, ObjectId):  # nearly every reference is a plain field, and a million are looked at
            held[number] = [value]
        elif values := [place.value for place in places(document, path)]:
            held[number] = values
    return held
