"""What was done lately, from the audit log."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.core import audit_log, clock

PERIODS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
USUAL_PERIOD = "24h"
SHOWN = 8
COUNTED_UP_TO = 1_000


@dataclass(frozen=True)
class Entry:
    """One line of the audit log."""

    action: str
    actor: str
    target: str
    result: str
    at: datetime


@dataclass(frozen=True)
class Activity:
    """The newest entries of a period, and how many there are (``more`` than counted when there are many)."""

    entries: tuple[Entry, ...]
    total: int
    more: bool


def recent(ops: Database, period: str) -> Activity:
    """Return what was done in ``period`` (one of ``PERIODS``), the newest first."""
    where = {"createdAt": {"$gte": clock.now() - PERIODS[period]}}
    log = ops[audit_log.COLLECTION]
    entries = tuple(_entry(document) for document in log.find(where).sort("createdAt", -1).limit(SHOWN))
    total = log.count_documents(where, limit=COUNTED_UP_TO + 1)
    return Activity(entries, min(total, COUNTED_UP_TO), total > COUNTED_UP_TO)


def _entry(document: dict[str, Any]) -> Entry:
    target = " ".join(str(part) for part in (document.get("target"), document.get("targetId")) if part)
    return Entry(document["action"], document["actor"]["name"], target, document["result"], document["createdAt"])
