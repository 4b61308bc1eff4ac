"""What hangs on documents that are to be deleted: it is planned with them, level by level."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pymongo
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from mixillo.core.db import Reference
from mixillo.ops.integrity.documents import key, raw
from mixillo.ops.integrity.items import BATCH, COLLECTION, Items, action_on, change
from mixillo.ops.integrity.paths import ID_TYPES, places
from mixillo.ops.jobs import Report

# Without an index on the reference the server reads the whole collection.
PATIENCE_SECONDS = 300.0


def plan_dependents(
    database: Database, items: Items, references: Sequence[Reference], action: str, report: Report
) -> None:
    """Add what refers to the deleted documents to ``items``, and what refers to those, until nothing is left."""
    there = set(database.list_collection_names())
    level, batches = 0, list(items.deletions(0))
    while batches:
        for done, (collection, ids) in enumerate(batches):
            report(done, len(batches), f"what hangs on {collection}")
            for reference in references:
                if reference.target == collection and reference.collection in there:
                    _plan(database, items, reference, ids, action, level + 1)
        level += 1
        batches = list(items.deletions(level))


def unplanned_parents(
    database: Database, ops: Database, references: Sequence[Reference], plan_id: ObjectId, target: str, ids: list[Any]
) -> set[bytes]:
    """Return which of ``ids`` in ``target`` something hangs on that the plan does not know of, by their keys."""
    found: set[bytes] = set()
    for reference in references:
        if reference.target != target or action_on(reference, "delete") is None:
            continue
        for documents in _referring(database, reference, ids, {reference.path: 1}):
            wanted = {"planId": plan_id, "collection": reference.collection}
            among = {"documentId": {"$in": [document["_id"] for document in documents]}}
            planned = {key(item["documentId"]) for item in ops[COLLECTION].find(wanted | among, {"documentId": 1})}
            for document in documents:
                if key(document["_id"]) not in planned:
                    found |= {key(parent) for parent in _parents(document, reference, ids)}
    return found


def _plan(database: Database, items: Items, reference: Reference, ids: list[Any], action: str, level: int) -> None:
    done = action_on(reference, action)
    if done is None:
        with pymongo.timeout(PATIENCE_SECONDS):
            count = database[reference.collection].count_documents({reference.path: {"$in": _spelled(ids)}})
        if count:
            items.leave(reference, count)
        return
    for documents in _referring(database, reference, ids):
        found = [(document, [change(reference, _held(document, reference, ids), done)]) for document in documents]
        items.add(level, reference.collection, found)


def _referring(
    database: Database, reference: Reference, ids: list[Any], projection: dict[str, int] | None = None
) -> Iterator[list[RawBSONDocument]]:
    """Yield the documents that refer to one of ``ids``, in batches."""
    wanted = {reference.path: {"$in": _spelled(ids)}}
    cursor = raw(database, reference.collection).find(wanted, projection, batch_size=BATCH)
    while True:
        with pymongo.timeout(PATIENCE_SECONDS):
            documents = cursor.to_list(BATCH)
        if not documents:
            return
        yield documents


def _held(document: RawBSONDocument, reference: Reference, ids: list[Any]) -> set[Any]:
    """Return those of ``ids`` that ``document`` holds, spelled as it does."""
    wanted = set(_spelled(ids))
    return {place.value for place in places(document, reference.path) if place.value in wanted}


def _parents(document: RawBSONDocument, reference: Reference, ids: list[Any]) -> Iterable[Any]:
    held = {str(value) for value in _held(document, reference, ids)}
    return [parent for parent in ids if str(parent) in held]


def _spelled(ids: list[Any]) -> list[Any]:
    """Return those of ``ids`` that can be referred to and, of ObjectIds, their text: some are stored so."""
    plain = [each for each in ids if isinstance(each, ID_TYPES)]
    return [*plain, *(str(each) for each in plain if isinstance(each, ObjectId))]
