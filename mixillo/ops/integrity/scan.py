"""The scan: which references lead nowhere. It changes nothing, survives being killed, and its result is kept."""

import time
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock
from mixillo.core.db import Reference
from mixillo.ops.integrity import declared
from mixillo.ops.integrity.walk import Batch, KnownIds, walk
from mixillo.ops.jobs import Report

COLLECTION = "integrityscans"
RUNNING, DONE = "running", "done"
SAMPLES = 10
SECONDS_BETWEEN_CHECKPOINTS = 1.0

Groups = list[tuple[str, list[Reference]]]


def scan(
    database: Database, ops: Database, report: Report, *, references: Iterable[Reference] | None = None
) -> dict[str, Any]:
    """Look up every reference and return the scan, which is also kept in ``integrityscans``::

        {_id, state, startedAt, finishedAt, seconds, resumed, documents, issues,
         references: [{collection, path, target, policy, checked, missing, samples: [{id, missing}]}]}

    ``checked`` counts documents that hold the reference, ``missing`` those of them with an id that leads nowhere;
    ``issues`` is the sum of the latter. A scan that was killed is taken up where its last checkpoint stands, unless
    the references are others by now.
    """
    groups = grouped(database, declared.references() if references is None else references)
    progress = _Progress(ops, groups, sum(database[name].estimated_document_count() for name, _ in groups))
    known = KnownIds(database)
    for name, references_of_it in groups:
        if progress.is_behind(name):
            continue
        report(progress.record["documents"], progress.total, name)
        for batch in walk(database, references_of_it, known, progress.after(name)):
            progress.add(name, batch)
            report(progress.record["documents"], progress.total, name)
        progress.close(name)
    return progress.finish()


def latest(ops: Database) -> dict[str, Any] | None:
    """Return the last finished scan."""
    return ops[COLLECTION].find_one({"state": DONE}, sort=[("startedAt", -1)])


def history(ops: Database, limit: int = 30) -> list[dict[str, Any]]:
    """Return finished scans without their references, the newest first."""
    found = ops[COLLECTION].find({"state": DONE}, {"references": 0, "position": 0})
    return list(found.sort("startedAt", -1).limit(limit))


def grouped(database: Database, references: Iterable[Reference]) -> Groups:
    """Return ``references`` by collection, as far as ``database`` has a collection of that name."""
    there = set(database.list_collection_names(filter={"type": "collection"}))
    by_name = groupby(sorted(references, key=lambda r: (r.collection, r.path)), key=lambda r: r.collection)
    return [(name, list(group)) for name, group in by_name if name in there]


class _Progress:
    """The scan's document: figures so far and the position that they belong to, written together."""

    def __init__(self, ops: Database, groups: Groups, total: int) -> None:
        self._scans = ops[COLLECTION]
        self._places = {reference: n for n, reference in enumerate(r for _, group in groups for r in group)}
        self.total = total
        rows = [_row(reference) for reference in self._places]
        self.record = self._unfinished(rows) or {
            "_id": ObjectId(), "state": RUNNING, "startedAt": clock.now(), "finishedAt": None, "seconds": 0.0,
            "resumed": 0, "documents": 0, "issues": 0, "position": None, "references": rows,
        }  # fmt: skip
        self._began = time.monotonic() - self.record["seconds"]
        self._written_at = 0.0
        self._scans.delete_many({"state": RUNNING, "_id": {"$ne": self.record["_id"]}})
        self._write()

    def _unfinished(self, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
        """Return the scan that was killed, if it looked for the same."""
        found = self._scans.find_one({"state": RUNNING}, sort=[("startedAt", -1)])
        if found is None or [_identity(row) for row in found["references"]] != [_identity(row) for row in rows]:
            return None
        return found | {"resumed": found["resumed"] + 1}

    def is_behind(self, name: str) -> bool:
        """Return whether the collection has been walked to its end."""
        position = self.record["position"]
        if position is None or name > position["collection"]:
            return False
        return name < position["collection"] or position["after"] is None

    def after(self, name: str) -> list[Any] | None:
        """Return where the walk of a collection begins."""
        position = self.record["position"]
        after: list[Any] | None = position["after"] if position and position["collection"] == name else None
        return after

    def add(self, name: str, batch: Batch) -> None:
        """Count a batch; its position is written now or with one of the next."""
        rows = self.record["references"]
        for reference, checked in batch.checked.items():
            rows[self._places[reference]]["checked"] += checked
        for document_id, missing in batch.orphans:
            for reference, ids in missing.items():
                row = rows[self._places[reference]]
                row["missing"] += 1
                if len(row["samples"]) < SAMPLES:
                    row["samples"].append({"id": document_id, "missing": sorted(ids, key=str)})
        self.record["documents"] += batch.documents
        self.record["position"] = {"collection": name, "after": batch.after}
        if time.monotonic() - self._written_at >= SECONDS_BETWEEN_CHECKPOINTS:
            self._write()

    def close(self, name: str) -> None:
        """Note that a collection has been walked to its end."""
        self.record["position"] = {"collection": name, "after": None}

    def finish(self) -> dict[str, Any]:
        """Write the result and return it."""
        self.record["state"], self.record["finishedAt"] = DONE, clock.now()
        self._write()
        return self.record

    def _write(self) -> None:
        self._written_at = time.monotonic()
        self.record["issues"] = sum(row["missing"] for row in self.record["references"])
        self.record["seconds"] = round(time.monotonic() - self._began, 3)
        self._scans.replace_one({"_id": self.record["_id"]}, self.record, upsert=True)


def _row(reference: Reference) -> dict[str, Any]:
    return {
        "collection": reference.collection, "path": reference.path, "target": reference.target,
        "policy": reference.policy, "checked": 0, "missing": 0, "samples": [],
    }  # fmt: skip


def _identity(row: dict[str, Any]) -> tuple[str, ...]:
    return row["collection"], row["path"], row["target"], row["policy"]
