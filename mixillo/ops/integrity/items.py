"""The items of a plan: one document each, with its hash, what is to be done to it and why.

An item is ``{planId, number, level, collection, documentId, hash, operation, changes, createdAt}`` with
``operation`` ``delete`` or ``change`` and ``changes`` ``[{path, target, missing, action}]``, where ``action`` is
``delete``, ``reassign`` or ``nullify``. ``level`` 0 are documents that lead nowhere now, 1 those that would once
level 0 is done, and so on; ``number`` is the order in which they are to be done.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, ReplaceOne
from pymongo.database import Database

from mixillo.core import clock
from mixillo.core.db import Reference
from mixillo.ops.integrity.documents import digest, fetch, key
from mixillo.ops.integrity.walk import Missing

COLLECTION = "integrityplanitems"
DELETE, REASSIGN, NULLIFY, REPORT, CHANGE = "delete", "reassign", "nullify", "report", "change"
# Whole documents are held in memory this many at a time.
BATCH = 200
SAMPLES = 10
USERS = "users"

Item = dict[str, Any]
Changes = list[dict[str, Any]]


def action_on(reference: Reference, action: str) -> str | None:
    """Return what is done about ``reference`` when its target is gone, ``None`` when it is only reported.

    The operator's ``action`` decides where the policy is to reassign, and the system user owns no other things
    than a user can.
    """
    if reference.policy == REASSIGN:
        return action if reference.target == USERS or action == DELETE else None
    return None if reference.policy == REPORT else reference.policy


def in_batches(found: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """Deal ``found`` out in lists of at most ``size``."""
    batch: list[Any] = []
    for each in found:
        batch.append(each)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


class Items:
    """The items of one plan, written as they are found; iterating reads them in order."""

    def __init__(self, ops: Database, plan_id: ObjectId) -> None:
        self._items = ops[COLLECTION]
        self._plan_id = plan_id
        self._number = 0
        self._left: Counter[Reference] = Counter()

    def __iter__(self) -> Iterator[Item]:
        yield from self._items.find({"planId": self._plan_id}).sort("number", 1)

    def deletions(self, level: int) -> Iterator[tuple[str, list[Any]]]:
        """Yield the ids of the documents that are deleted on ``level``, in batches of one collection."""
        wanted = {"planId": self._plan_id, "level": level, "operation": DELETE}
        for collection in self._items.distinct("collection", wanted):
            found = self._items.find(wanted | {"collection": collection}, {"documentId": 1})
            for batch in in_batches(found):
                yield collection, [item["documentId"] for item in batch]

    def add_orphans(self, database: Database, collection: str, orphans: list[tuple[Any, Missing]], action: str) -> None:
        """Add documents that lead nowhere now; those that are only to be reported are counted."""
        changes = {key(document_id): self._changes(missing, action) for document_id, missing in orphans}
        wanted = [document_id for document_id, _ in orphans if changes[key(document_id)]]
        for ids in in_batches(wanted):
            found = fetch(database, collection, ids)
            self.add(0, collection, [(document, changes[which]) for which, document in found.items()])

    def add(self, level: int, collection: str, found: list[tuple[RawBSONDocument, Changes]]) -> None:
        """Add documents to ``level``; one that is planned already is to be done then, and for both reasons."""
        ids = [document["_id"] for document, _ in found]
        planned = {key(item["documentId"]): item for item in self._planned(collection, ids)}
        writes: list[InsertOne | ReplaceOne] = []
        for document, changes in found:
            before = planned.get(key(document["_id"]))
            if before is None:
                writes.append(InsertOne(self._item(level, collection, document, changes)))
            elif before["operation"] != DELETE:
                both = _merged([*before["changes"], *changes])
                item = self._item(level, collection, document, both)
                writes.append(ReplaceOne({"_id": before["_id"]}, item))
        if writes:
            self._items.bulk_write(writes)

    def leave(self, reference: Reference, documents: int) -> None:
        """Count documents that lead nowhere, or will, and are only reported."""
        self._left[reference] += documents

    def left(self) -> list[dict[str, Any]]:
        """Return what is only reported."""
        rows = [{"reference": f"{r.collection}.{r.path}", "documents": count} for r, count in self._left.items()]
        return sorted(rows, key=lambda row: str(row["reference"]))

    def by_reference(self) -> list[dict[str, Any]]:
        """Return how many documents are planned for which reason, with samples."""
        reason = {
            "collection": "$collection", "path": "$changes.path", "operation": "$changes.action",
            "dependent": {"$gt": ["$level", 0]},
        }  # fmt: skip
        samples = {"$firstN": {"n": SAMPLES, "input": "$documentId"}}
        stages: list[Mapping[str, Any]] = [
            {"$match": {"planId": self._plan_id}},
            {"$unwind": "$changes"},
            {"$group": {"_id": reason, "documents": {"$sum": 1}, "samples": samples}},
            {"$sort": {"_id.dependent": 1, "_id.collection": 1, "_id.path": 1, "_id.operation": 1}},
        ]
        return [
            {
                "reference": f"{row['_id']['collection']}.{row['_id']['path']}",
                "operation": row["_id"]["operation"],
                "dependent": row["_id"]["dependent"],
                "documents": row["documents"],
                "samples": row["samples"],
            }
            for row in self._items.aggregate(stages)
        ]

    def _changes(self, missing: Missing, action: str) -> Changes:
        actions = {reference: action_on(reference, action) for reference in missing}
        if DELETE not in actions.values():
            for reference in (reference for reference, done in actions.items() if done is None):
                self.leave(reference, 1)
        return [change(reference, missing[reference], done) for reference, done in actions.items() if done]

    def _item(self, level: int, collection: str, document: RawBSONDocument, changes: Changes) -> Item:
        """Return a new item; when one change deletes the document, the others do not matter."""
        self._number += 1
        deleting = [each for each in changes if each["action"] == DELETE]
        return {
            "planId": self._plan_id, "number": self._number, "level": level, "collection": collection,
            "documentId": document["_id"], "hash": digest(document), "operation": DELETE if deleting else CHANGE,
            "changes": deleting or changes, "createdAt": clock.now(),
        }  # fmt: skip

    def _planned(self, collection: str, ids: list[Any]) -> Iterator[Item]:
        return self._items.find({"planId": self._plan_id, "collection": collection, "documentId": {"$in": ids}})


def change(reference: Reference, missing: Iterable[Any], action: str) -> dict[str, Any]:
    """Return one entry of an item's ``changes``."""
    return {
        "path": reference.path,
        "target": reference.target,
        "missing": sorted(missing, key=repr),
        "action": action,
    }


def _merged(changes: Changes) -> Changes:
    """Return ``changes`` with one entry for each path and action."""
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for each in changes:
        place = each["path"], each["action"]
        before = merged.get(place, {"missing": []})
        merged[place] = each | {
            "missing": before["missing"] + [m for m in each["missing"] if m not in before["missing"]]
        }
    return list(merged.values())
