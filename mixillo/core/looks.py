"""Counting who looks at things: once per person, thing and day, and beside the answers.

A look is noted in memory and counted some seconds later. Whoever has looked today is known by a digest that nobody can
turn back into a person, and that is forgotten after the day: the address of somebody who is not signed in never reaches
the database. A process that is killed loses the looks of its last seconds.
"""

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from bson import Binary, ObjectId
from flask import current_app
from pymongo.errors import BulkWriteError

from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.ratelimits import caller

log = structlog.get_logger(__name__)
DUPLICATE = 11_000
# Beyond that many between two counts the rest is not counted; memory is not for sale.
MOST_WAITING = 50_000
KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Look:
    """Somebody (``user_id``, where they are signed in) looks at ``thing``."""

    thing: ObjectId
    user_id: ObjectId | None = None
    at: datetime = field(default_factory=lambda: clock.now())
    details: dict[str, Any] = field(default_factory=dict)


class Looks:
    """Looks that wait to be counted, by the digest of who, what and when.

    ``collection`` (of the technical database) holds the digests of today; ``counted`` gets the looks that are new.
    """

    def __init__(self, collection: str, counted: Callable[[list[Look]], None]) -> None:
        self._collection = collection
        self._counted = counted
        self._waiting: dict[bytes, Look] = {}
        self._lock = threading.Lock()

    def note(self, look: Look) -> None:
        """Remember that whoever makes this request looks at something."""
        seen = f"{look.at:%Y-%m-%d} {look.thing} {caller()}".encode()
        digest = hmac.digest(current_app.config["CURSOR_KEY"], seen, hashlib.sha256)[:16]
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[digest] = look

    def forget(self) -> None:
        """Forget what waits."""
        with self._lock:
            self._waiting.clear()

    def count(self) -> int:
        """Count what waits and return how many looks were new today."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        new = self._unseen(waiting) if waiting else []
        if new:
            self._counted(new)
        return len(new)

    def count_or_lose(self) -> None:
        """Count what waits; when that fails, these looks are lost, which harms nobody."""
        try:
            self.count()
        except Exception as error:
            log.warning("looks_lost", collection=self._collection, error=type(error).__name__)

    def _unseen(self, waiting: dict[bytes, Look]) -> list[Look]:
        """Return those that were not counted today, and take note of them."""
        expires = clock.now() + KEPT
        documents: list[dict[str, Any]] = [{"_id": Binary(digest), "expiresAt": expires} for digest in waiting]
        try:
            ops_database()[self._collection].insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            if any(each["code"] != DUPLICATE for each in failed):
                raise
            seen = {bytes(documents[each["index"]]["_id"]) for each in failed}
            return [look for digest, look in waiting.items() if digest not in seen]
        return list(waiting.values())
