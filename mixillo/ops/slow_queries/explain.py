"""Explaining a shape: it is asked again with values of a document that is there, and the server tells what it did."""

import re
from collections.abc import Mapping
from typing import Any

import pymongo
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import OperationFailure

from mixillo.core import clock
from mixillo.core.db import OURS
from mixillo.errors import NotFound
from mixillo.ops.slow_queries.shapes import Shape
from mixillo.ops.slow_queries.store import COLLECTION, shape_in

PATIENCE_SECONDS = 30.0
# Fewer documents than this are read through as fast as an index is.
MANY_EXAMINED = 1_000
EXAMINED_PER_RETURNED = 10
EXPLAINABLE = ("eq", "in", "range", "prefix", "regex", "ne", "exists")


class ShapeNotFound(NotFound):
    """There is no slow shape with this id."""

    code, title = "shape_not_found", "There is no such slow query"


def explain(database: Database, ops: Database, shape_id: str) -> dict[str, Any]:
    """Ask the server how it answers a shape; return what it said, which is also kept with the shape::

        {at, plan, index, examined, keysExamined, returned, milliseconds, helps, note}

    ``plan`` is the stage that reads (``COLLSCAN``, ``IXSCAN`` …), ``null`` if it could not be asked; ``helps`` says
    that the suggested index would help. The values are those of a document of the collection and are not kept.

    :raises ShapeNotFound: there is no such shape.
    """
    stored = ops[COLLECTION].find_one({"_id": shape_id})
    if stored is None:
        raise ShapeNotFound(f"There is no slow query {shape_id}.")
    shape = shape_in(stored)
    explained = _asked(database, shape) | {"at": clock.now()}
    ops[COLLECTION].update_one({"_id": shape_id}, {"$set": {"explained": explained}})
    return explained


def _asked(database: Database, shape: Shape) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "plan": None, "index": None, "examined": 0, "keysExamined": 0, "returned": 0, "milliseconds": 0, "helps": False,
    }  # fmt: skip
    query = _query(database, shape)
    if isinstance(query, str):
        return nothing | {"note": query}
    command: dict[str, Any] = {"find": shape.collection, "filter": query}
    if shape.sort:
        command["sort"] = dict(shape.sort)
    try:
        with pymongo.timeout(PATIENCE_SECONDS):
            answer = database.command({"explain": command, "verbosity": "executionStats"})
    except OperationFailure as error:
        return nothing | {"note": f"The server could not explain it: {(error.details or {}).get('errmsg', error)}"}
    return _understood(database, shape, answer)


def _understood(database: Database, shape: Shape, answer: Mapping[str, Any]) -> dict[str, Any]:
    stats = answer["executionStats"]
    stage = _reading(answer["queryPlanner"]["winningPlan"])
    examined, returned = stats["totalDocsExamined"], stats["nReturned"]
    suggestion = shape.suggestion()
    wasteful = examined >= MANY_EXAMINED and examined > EXAMINED_PER_RETURNED * max(1, returned)
    unsorted = _sorts(answer["queryPlanner"]["winningPlan"]) and examined >= MANY_EXAMINED
    served = bool(suggestion) and _is_served(database, shape)
    helps = bool(suggestion) and not served and (wasteful or unsorted)
    note = "An index that begins with the suggested keys exists." if served else ""
    if not helps and not served and examined < MANY_EXAMINED:
        note = f"Documents examined: {examined:,}; an index would hardly help."
    return {
        "plan": stage.get("stage"), "index": stage.get("indexName"), "examined": examined,
        "keysExamined": stats["totalKeysExamined"], "returned": returned,
        "milliseconds": stats["executionTimeMillis"], "helps": helps, "note": note,
    }  # fmt: skip


def _query(database: Database, shape: Shape) -> dict[str, Any] | str:
    """Return a filter of the shape with a stored document's values, or a sentence why there is none."""
    if hard := sorted({kind for _, kind in shape.conditions} - set(EXPLAINABLE)):
        return f"Cannot be asked again without its values: {', '.join(hard)}."
    if hidden := [field for field, _ in shape.conditions if "*" in field.split(".")]:
        return f"Cannot be asked again: {', '.join(hidden)} has a name made of data."
    exists = {field: {"$exists": True} for field, _ in shape.conditions}
    with pymongo.timeout(PATIENCE_SECONDS):
        collection = database[shape.collection]
        document = collection.find_one(exists, comment=OURS) or collection.find_one(comment=OURS)
    if document is None:
        return "The collection is empty."
    query: dict[str, dict[str, Any]] = {}
    for field, kind in shape.conditions:
        query.setdefault(field, {}).update(_condition(kind, _value(document, field.split("."))))
    return query


def _value(node: Any, path: list[str]) -> Any:
    """Return the first value at ``path``."""
    if isinstance(node, list):
        return _value(node[0], path) if node else None
    if not path:
        return node
    return _value(node.get(path[0]), path[1:]) if isinstance(node, Mapping) else None


def _condition(kind: str, value: Any) -> dict[str, Any]:
    if kind == "in":
        return {"$in": [value]}
    if kind == "range":
        return {"$gte": ObjectId("0" * 24) if value is None else value}
    if kind == "exists":
        return {"$exists": True}
    if kind in ("prefix", "regex"):
        some = re.escape(str(value or "")[:3])
        return {"$regex": f"^{some}" if kind == "prefix" else some}
    return {"$ne": value} if kind == "ne" else {"$eq": value}


def _reading(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the innermost stage of a plan, which reads."""
    plan = plan.get("queryPlan", plan)  # the newer engine wraps it
    while "inputStage" in plan:
        plan = plan["inputStage"]
    return _reading(plan["inputStages"][0]) if plan.get("inputStages") else plan


def _sorts(plan: Mapping[str, Any]) -> bool:
    """Return whether a plan has to sort what it has read."""
    plan = plan.get("queryPlan", plan)
    while plan.get("stage") != "SORT" and "inputStage" in plan:
        plan = plan["inputStage"]
    return plan.get("stage") == "SORT"


def _is_served(database: Database, shape: Shape) -> bool:
    """Return whether there is an index that does what the suggested one would do."""
    return any(
        shape.served_by(list(spec["key"].items()))
        for spec in database[shape.collection].list_indexes()
        if not spec.get("hidden") and "partialFilterExpression" not in spec
    )
