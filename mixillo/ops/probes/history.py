"""The runs of the past: a summary document per run, and beside it the cases of each endpoint.

``proberuns`` holds :meth:`ProbeRun.as_dict` without cases (moments as dates); ``probecases`` holds one document per
endpoint ``{runId, module, name, state, cases: […]}``, so that no run outgrows a document. Both are forgotten after
90 days, and earlier when their revision has newer runs enough.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.probes.model import ProbeRun

RUNS, CASES = "proberuns", "probecases"
KEPT = timedelta(days=90)
KEPT_PER_REVISION = 50
NEWEST = [("startedAt", -1), ("_id", -1)]
SHORT = {"modules.endpoints": 0}

Stored = dict[str, Any]


def record(ops: Database, run: ProbeRun) -> ObjectId:
    """Store ``run``, forget the oldest of its revision, and return its id."""
    run_id, expires_at = ObjectId(), clock.now() + KEPT
    cases = [
        {"runId": run_id, "module": module.name, "expiresAt": expires_at, **endpoint.as_dict()}
        for module in run.modules
        for endpoint in module.endpoints
    ]
    if cases:
        ops[CASES].insert_many(cases)
    summary = run.as_dict(cases=False) | {"startedAt": run.started_at, "finishedAt": run.finished_at}
    ops[RUNS].insert_one({"_id": run_id, "expiresAt": expires_at, **summary})
    _forget(ops, run.revision)
    return run_id


def latest(ops: Database, *, module: str | None = None) -> Stored | None:
    """Return the newest run of everything, or of one ``module``, with its endpoints but without cases."""
    return ops[RUNS].find_one({"module": module}, sort=NEWEST)


def find(ops: Database, run_id: ObjectId) -> Stored | None:
    """Return one run with its endpoints but without cases."""
    return ops[RUNS].find_one({"_id": run_id})


def cases(
    ops: Database, run_id: ObjectId, *, module: str | None = None, names: Collection[str] | None = None
) -> list[Stored]:
    """Return the endpoints of a run (of one ``module``, of these ``names``) with their cases, in document order."""
    where: Stored = {"runId": run_id} | ({"module": module} if module else {})
    if names is not None:
        where["name"] = {"$in": list(names)}
    return list(ops[CASES].find(where, {"runId": 0, "expiresAt": 0}, sort=[("_id", 1)]))


def whole(ops: Database, run_id: ObjectId) -> Stored:
    """Return one run in the form of :meth:`ProbeRun.as_dict`, with the cases of every endpoint.

    :raises LookupError: there is no such run.
    """
    found = find(ops, run_id)
    if found is None:
        raise LookupError(f"there is no run {run_id}")
    endpoints = {module["name"]: module | {"endpoints": []} for module in found["modules"]}
    for endpoint in cases(ops, run_id):
        endpoints[endpoint.pop("module")]["endpoints"].append({k: v for k, v in endpoint.items() if k != "_id"})
    kept = {key: value for key, value in found.items() if key not in ("_id", "expiresAt")}
    return kept | {"id": run_id, "modules": list(endpoints.values())}


def summaries(ops: Database, limit: int = 50) -> list[Stored]:
    """Return the newest runs, the newest first, with their own figures only."""
    return list(ops[RUNS].find({}, {"modules": 0}, sort=NEWEST, limit=limit))


def history(ops: Database, limit: int = 50) -> list[Stored]:
    """Return the newest runs, the newest first, with figures per module but without endpoints."""
    return list(ops[RUNS].find({}, SHORT, sort=NEWEST, limit=limit))


def by_revision(ops: Database, limit: int = 20) -> list[Stored]:
    """Return for each revision, the latest probed first, how its runs of everything went.

    Shape: ``{revision, version, runs, firstAt, lastAt, passing, judged, rate, lowestRate}``; the figures are those
    of its last run, ``lowestRate`` that of its worst.
    """
    last = {name: {"$last": f"${name}"} for name in ("version", "passing", "judged", "rate")}
    return list(
        ops[RUNS].aggregate(
            [
                {"$match": {"module": None}},
                {"$sort": {"startedAt": 1, "_id": 1}},
                {
                    "$group": {
                        "_id": "$revision",
                        **last,
                        "runs": {"$sum": 1},
                        "firstAt": {"$first": "$startedAt"},
                        "lastAt": {"$last": "$startedAt"},
                        "lowestRate": {"$min": "$rate"},
                    }
                },
                {"$sort": {"lastAt": -1}},
                {"$limit": limit},
                {"$set": {"revision": "$_id"}},
                {"$unset": "_id"},
            ]
        )
    )


def _forget(ops: Database, revision: str) -> None:
    """Keep the newest runs of ``revision`` only."""
    old: Iterable[Stored] = ops[RUNS].find({"revision": revision}, {"_id": 1}, sort=NEWEST, skip=KEPT_PER_REVISION)
    ids = [run["_id"] for run in old]
    if ids:
        ops[CASES].delete_many({"runId": {"$in": ids}})
        ops[RUNS].delete_many({"_id": {"$in": ids}})
