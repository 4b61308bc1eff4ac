"""Storing counts: one minute at a time, at all four resolutions, in one transaction.

Each process numbers what it stores, and the number is written together with the counts. A store that failed
without telling whether it had come through is simply repeated: the number says that it is there already. So
nothing is lost and nothing counts twice, no rollup has to run later, and instances add up by ``$inc``.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pymongo
from pymongo import UpdateOne, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from mixillo.core import clock
from mixillo.ops.metrics.groups import group_of
from mixillo.ops.metrics.histograms import BUCKETS
from mixillo.ops.metrics.levels import ALL, LEVELS, cell_of
from mixillo.ops.metrics.recording import SUM, Minute, Row

INSTANCES = "instances"
SLOW_REQUESTS = "slowrequests"
DUPLICATE_KEY = 11000
STORE_SECONDS = 4.0
# Two instances that create the same document at once: one of them has to start over.
ATTEMPTS = 5

Increments = dict[str, float]


@dataclass(frozen=True)
class Instance:
    """One process: a random id, the revision it runs and since when."""

    id: str
    revision: str
    started_at: datetime


def store(ops: Database, instance: Instance, number: int, minute: Minute) -> bool:
    """Add the counts of ``minute`` to the database; return ``False`` when they were there already.

    ``number`` grows with each store of an instance; repeat a failed one with the same number and the same counts.

    :raises PyMongoError: it may or may not have been stored.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with pymongo.timeout(STORE_SECONDS), ops.client.start_session() as session:
                return session.with_transaction(
                    lambda current: _store(ops, instance, number, minute, current),
                    write_concern=WriteConcern("majority"),
                )
        except (BulkWriteError, DuplicateKeyError) as error:
            if attempt == ATTEMPTS or not _is_race(error):
                raise
    raise AssertionError("the last attempt returns or raises")


def _store(ops: Database, instance: Instance, number: int, minute: Minute, session: ClientSession) -> bool:
    before = ops[INSTANCES].find_one_and_update(
        {"_id": instance.id},
        {
            "$max": {"stored": number, "seenAt": clock.now()},
            "$setOnInsert": {"revision": instance.revision, "startedAt": instance.started_at},
        },
        upsert=True,
        session=session,
    )
    if before and before["stored"] >= number:
        return False
    increments = _increments(minute)
    for level in LEVELS:
        at = level.floor(minute.at)
        updates = [
            UpdateOne({"series": series, "at": at, "revision": instance.revision}, {"$inc": added}, upsert=True)
            for series, added in increments.items()
        ]
        ops[level.collection].bulk_write(updates, ordered=False, session=session)
    if minute.slow:
        samples = [sample | {"revision": instance.revision} for _, _, sample in minute.slow]
        ops[SLOW_REQUESTS].insert_many(samples, session=session)
    return True


def _increments(minute: Minute) -> dict[str, Increments]:
    """Return what to add to each series: to the route's own, to its group's and to that of all requests."""
    increments: dict[str, Increments] = defaultdict(lambda: defaultdict(int))
    for (rule, method, status_class), row in minute.rows.items():
        added = dict(_added(status_class, row))
        for series in (f"{method} {rule}", f"group:{group_of(rule).name}", ALL):
            for path, amount in added.items():
                increments[series][path] += amount
    return increments


def _added(status_class: int, row: Row) -> Iterator[tuple[str, Any]]:
    yield "ms", round(row[SUM], 3)
    for bucket, count in enumerate(row[:BUCKETS]):
        if count:
            yield f"counts.{cell_of(status_class, bucket)}", int(count)


def _is_race(error: BulkWriteError | DuplicateKeyError) -> bool:
    details = error.details or {}
    codes = {failure.get("code") for failure in details.get("writeErrors", [])} or {error.code}
    return codes == {DUPLICATE_KEY}
