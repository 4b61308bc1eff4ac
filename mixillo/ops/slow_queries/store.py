"""The slow shapes in the database: counted up, bounded, with the index that would help."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from mixillo.ops.metrics.histograms import BUCKETS, percentile
from mixillo.ops.slow_queries.listener import Seen
from mixillo.ops.slow_queries.shapes import Order, Shape

COLLECTION = "slowshapes"
MAX_STORED = 1_000


@dataclass(frozen=True)
class Missing:
    """An index that a slow shape asks for."""

    collection: str
    keys: tuple[Order, ...]
    reason: str
    confidence: str


def store(ops: Database, seen: Iterable[Seen]) -> None:
    """Add what was seen to the database; beyond ``MAX_STORED`` shapes only known ones are counted."""
    seen = list(seen)
    full = ops[COLLECTION].estimated_document_count() >= MAX_STORED
    writes = [UpdateOne({"_id": each.shape.id}, _update(each), upsert=not full) for each in seen]
    if writes:
        ops[COLLECTION].bulk_write(writes, ordered=False)


def slowest(ops: Database, limit: int = 50) -> list[dict[str, Any]]:
    """Return the shapes that took the most time altogether::

    {_id, collection, operation, conditions: [[field, kind]], sort: [[field, ±1]], shown, suggestion, count,
     totalMs, maxMs, buckets: {<bucket>: count}, firstSeenAt, lastSeenAt, routes, explained: null | {…}}

    The buckets are those of :mod:`mixillo.ops.metrics.histograms`.
    """
    return list(ops[COLLECTION].find().sort("totalMs", -1).limit(limit))


def p95(stored: dict[str, Any]) -> float | None:
    """Return below how many ms 95 % of the slow commands of a shape stayed; those that were not slow do not count."""
    buckets = stored.get("buckets", {})
    found = percentile([buckets.get(str(bucket), 0) for bucket in range(BUCKETS)], 0.95)
    return None if found is None else min(found, stored["maxMs"])


def shape_in(stored: dict[str, Any]) -> Shape:
    """Return the shape that a stored document describes."""
    conditions = tuple((field, kind) for field, kind in stored["conditions"])
    sort = tuple((field, direction) for field, direction in stored["sort"])
    return Shape(stored["collection"], stored["operation"], conditions, sort)


def missing_indexes(ops: Database) -> list[Missing]:
    """Return the indexes that slow shapes ask for, as far as their explanation says that they would help.

    Several shapes that ask for the same are one; one whose keys are the first of another's is served by that.
    """
    wanted: dict[tuple[str, tuple[Order, ...]], list[dict[str, Any]]] = {}
    for stored in ops[COLLECTION].find({"explained.helps": True}).sort("totalMs", -1):
        keys = tuple((field, direction) for field, direction in stored["suggestion"])
        wanted.setdefault((stored["collection"], keys), []).append(stored)
    return [
        _missing(collection, keys, shapes)
        for (collection, keys), shapes in wanted.items()
        if not any(name == collection and keys == other[: len(keys)] != other for name, other in wanted)
    ]


def _missing(collection: str, keys: tuple[Order, ...], shapes: list[dict[str, Any]]) -> Missing:
    count = sum(shape["count"] for shape in shapes)
    slowest = max(shape["maxMs"] for shape in shapes)
    explained = shapes[0]["explained"]
    reason = (
        f"{shapes[0]['shown']}: slow {count:,} times, up to {slowest:,.0f} ms; "
        f"{explained['examined']:,} documents examined for {explained['returned']:,} ({explained['plan']})."
    )
    return Missing(collection, keys, reason, "high" if explained["plan"] == "COLLSCAN" else "medium")


def _update(seen: Seen) -> dict[str, Any]:
    shape = seen.shape
    return {
        "$setOnInsert": {
            "collection": shape.collection, "operation": shape.operation, "conditions": shape.conditions,
            "sort": shape.sort, "shown": shape.shown, "suggestion": shape.suggestion(), "explained": None,
        },
        "$inc": {
            "count": seen.count, "totalMs": round(seen.total_ms, 3),
            **{f"buckets.{bucket}": count for bucket, count in seen.buckets.items()},
        },
        "$max": {"maxMs": round(seen.max_ms, 3), "lastSeenAt": seen.last_at},
        "$min": {"firstSeenAt": seen.first_at},
        "$addToSet": {"routes": {"$each": sorted(seen.routes)}},
    }  # fmt: skip
