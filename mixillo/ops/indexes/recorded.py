"""The verdicts as they were last made: reading them costs a look-up, making them several questions per collection."""

from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.indexes.verdicts import Verdict, verdicts

COLLECTION, LATEST = "indexverdicts", "latest"


def judge_all(database: Database, ops: Database) -> list[Verdict]:
    """Make the verdicts anew, keep them in the place of those before, and return them."""
    found = verdicts(database, ops)
    document = {"_id": LATEST, "at": clock.now(), "verdicts": [each.as_dict() for each in found]}
    ops[COLLECTION].replace_one({"_id": LATEST}, document, upsert=True)
    return found


def latest(ops: Database) -> dict[str, Any] | None:
    """Return the last verdicts, ``{at, verdicts: [as of Verdict.as_dict]}``, ``None`` before the first."""
    return ops[COLLECTION].find_one({"_id": LATEST})
