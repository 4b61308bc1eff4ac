"""The plan: exactly which documents a repair would change, how, and what hangs on them. It changes nothing."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock
from mixillo.core.db import Reference
from mixillo.errors import NotFound, ValidationFailed
from mixillo.ops.integrity import declared
from mixillo.ops.integrity.dependents import plan_dependents
from mixillo.ops.integrity.items import CHANGE, DELETE, REASSIGN, Items
from mixillo.ops.integrity.scan import grouped
from mixillo.ops.integrity.walk import KnownIds, Missing, walk
from mixillo.ops.jobs import Report

COLLECTION = "integrityplans"
ACTIONS = (DELETE, REASSIGN)
BUILDING, READY = "building", "ready"
LIFETIME = timedelta(hours=1)


class PlanNotFound(NotFound):
    """There is no plan with this id."""

    code, title = "plan_not_found", "There is no such plan"


def make(
    database: Database,
    ops: Database,
    action: str,
    report: Report,
    *,
    actor: dict[str, Any],
    only: Collection[str] = (),
) -> dict[str, Any]:
    """List what would be done about every reference that leads nowhere, and return the plan::

        {_id, action, only, actor, state, createdAt, expiresAt, documents, deleted, changed, dependents, digest,
         confirmation, references: [{reference, operation, dependent, documents, samples}],
         left: [{reference, documents}]}

    ``action`` (``delete`` or ``reassign``) is for the references whose policy is ``reassign``; the others follow
    their own policy. ``only`` narrows the plan to some references, written ``collection.path``. ``left`` counts what
    leads nowhere, or will, and is only reported. ``confirmation`` is what the operator has to type.

    :raises ValidationFailed: the action or a reference is unknown.
    """
    references = declared.references()
    _check(action, only, references)
    now = clock.now()
    header: dict[str, Any] = {
        "_id": ObjectId(), "action": action, "only": sorted(only), "actor": actor, "state": BUILDING,
        "createdAt": now, "expiresAt": now + LIFETIME,
    }  # fmt: skip
    ops[COLLECTION].insert_one(header)
    items = Items(ops, header["_id"])
    wanted = [reference for reference in references if not only or name_of(reference) in only]
    for collection, missing in _orphans(database, wanted, report):
        items.add_orphans(database, collection, missing, action)
    plan_dependents(database, items, references, action, report)
    header |= _summary(items, action) | {"state": READY}
    ops[COLLECTION].replace_one({"_id": header["_id"]}, header)
    return header


def find(ops: Database, plan_id: ObjectId) -> dict[str, Any]:
    """Return a plan.

    :raises PlanNotFound: there is none.
    """
    found = ops[COLLECTION].find_one({"_id": plan_id})
    if found is None:
        raise PlanNotFound(f"There is no plan {plan_id}.")
    return found


def recent(ops: Database, limit: int = 20) -> list[dict[str, Any]]:
    """Return the newest plans, the newest first."""
    return list(ops[COLLECTION].find().sort("createdAt", -1).limit(limit))


def name_of(reference: Reference) -> str:
    """Return ``reference`` as operators write it."""
    return f"{reference.collection}.{reference.path}"


def _check(action: str, only: Collection[str], references: Sequence[Reference]) -> None:
    if action not in ACTIONS:
        raise ValidationFailed.of("action", f"must be one of {', '.join(ACTIONS)}")
    if unknown := set(only) - {name_of(reference) for reference in references}:
        raise ValidationFailed.of("only", f"no such reference: {', '.join(sorted(unknown))}")


def _orphans(
    database: Database, references: Sequence[Reference], report: Report
) -> Iterator[tuple[str, list[tuple[Any, Missing]]]]:
    known, done = KnownIds(database), 0
    groups = grouped(database, references)
    total = sum(database[name].estimated_document_count() for name, _ in groups)
    for name, references_of_it in groups:
        for batch in walk(database, references_of_it, known):
            done += batch.documents
            report(done, total, name)
            if batch.orphans:
                yield name, batch.orphans


def _summary(items: Items, action: str) -> dict[str, Any]:
    seal = hashlib.sha256()
    operations = {DELETE: 0, CHANGE: 0}
    dependents = 0
    for item in items:
        seal.update(f"{item['collection']} {item['documentId']} {item['operation']} {item['hash']}\n".encode())
        operations[item["operation"]] += 1
        dependents += item["level"] > 0
    documents = sum(operations.values())
    return {
        "documents": documents, "deleted": operations[DELETE], "changed": operations[CHANGE],
        "dependents": dependents, "digest": seal.hexdigest(), "confirmation": f"{action} {documents}",
        "references": items.by_reference(), "left": items.left(),
    }  # fmt: skip
