"""A database with something to find in each part of its audit."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.ops import auditing, jobs
from mixillo.ops.slow_queries import Shape
from mixillo.ops.slow_queries.listener import Seen
from mixillo.ops.slow_queries.store import store

ME = {"kind": "operator", "name": "amira"}
MANY = 1_500


def look(db: Database, ops: Database) -> dict[str, Any]:
    """Audit the database here and now."""
    return jobs.run_inline(ops, auditing.KIND, auditing.audit(db, ops), actor=ME)


def slow(ops: Database, collection: str, *conditions: tuple[str, str], sort: str = "", took: tuple[float, ...]) -> str:
    """Remember a slow shape as the listener does, and return its id."""
    shape = Shape(collection, "find", tuple(sorted(conditions)), ((sort, -1),) if sort else ())
    seen = Seen(shape)
    for milliseconds in took:
        seen.add(milliseconds, "GET /api/feed")
    store(ops, [seen])
    return shape.id


def fill(db: Database, name: str, documents: int = MANY) -> None:
    """Fill a collection so that reading it through is noticed."""
    db[name].insert_many([{"status": n % 20, "views": n, "owner": ObjectId()} for n in range(documents)])
