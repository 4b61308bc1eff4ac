"""Recording events: those of many requests together, and each request answered when its own are stored.

What is acknowledged is in the database, journalled: neither a killed worker nor a killed database loses it. Requests
that come while some are written wait together, and whoever is first among them writes for all; so the busier it is,
the more is written at once. No more than ``MOST_WAITING`` events wait: whoever comes then is told to come back, as is
whoever waited for too long. Coming back is harmless, since an event with an id of its own is stored once.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Flask, current_app
from pymongo import UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError, PyMongoError

from mixillo.blueprints.analytics.models import RELATED, ROLLUPS, EventTracking
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.security import Viewer
from mixillo.errors import ServiceUnavailable

Document = dict[str, Any]
EXTENSION = "events_recorder"
MOST_WAITING = 10_000
# Encoding more would keep the event loop from everybody else for too long.
AT_ONCE = 1_000
PATIENCE_SECONDS = 2.5
DUPLICATE = 11_000
NOBODY = "nobody"


class Overloaded(ServiceUnavailable):
    """More events come than can be stored."""

    code, title = "too_many_events", "More events come than can be stored"

    def __init__(self) -> None:
        super().__init__(
            "Send the events again in a moment; those with an id count once.", headers={"Retry-After": "2"}
        )


class NotStored(ServiceUnavailable):
    """The database did not take the events, or did not say so in time."""

    code, title = "events_not_stored", "The events could not be stored"


@dataclass
class _Batch:
    documents: list[Document]
    is_done: bool = False
    duplicates: int = 0
    error: Exception | None = None


class Recorder:
    """Stores documents by ``write``, which returns the places of those that were there already."""

    def __init__(self, write: Callable[[list[Document]], Iterable[int]], most_waiting: int = MOST_WAITING) -> None:
        self._write = write
        self._most_waiting = most_waiting
        self._waiting: deque[_Batch] = deque()
        self._held = 0
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def record(self, documents: list[Document]) -> int:
        """Store ``documents`` and return how many of them were there already.

        :raises Overloaded: too many wait already, or it took too long.
        :raises NotStored: the database did not take them, or not all of them.
        """
        batch = self._enqueue(documents)
        if self._turn.acquire(timeout=PATIENCE_SECONDS):
            try:
                while not batch.is_done:
                    self._write_some()
            finally:
                self._turn.release()
        elif not batch.is_done:
            self._withdraw(batch)
            raise Overloaded
        if batch.error:
            raise NotStored from batch.error
        return batch.duplicates

    def _enqueue(self, documents: list[Document]) -> _Batch:
        batch = _Batch(documents)
        with self._lock:
            if self._held + len(documents) > self._most_waiting:
                raise Overloaded
            self._held += len(documents)
            self._waiting.append(batch)
        return batch

    def _withdraw(self, batch: _Batch) -> None:
        """Forget a batch that nobody has begun to write."""
        with self._lock:
            if batch in self._waiting:
                self._waiting.remove(batch)
                self._held -= len(batch.documents)

    def _write_some(self) -> None:
        """Write the batches that have waited longest."""
        batches = self._next()
        documents = [document for batch in batches for document in batch.documents]
        try:
            places = sorted(self._write(documents))
        except Exception as error:
            for batch in batches:
                batch.error = error
        else:
            _share_out(places, batches)
        finally:
            with self._lock:
                self._held -= len(documents)
            for batch in batches:
                batch.is_done = True

    def _next(self) -> list[_Batch]:
        with self._lock:
            batches = [self._waiting.popleft()]
            size = len(batches[0].documents)
            while self._waiting and size + len(self._waiting[0].documents) <= AT_ONCE:
                batches.append(self._waiting.popleft())
                size += len(batches[-1].documents)
            return batches


def _share_out(places: list[int], batches: list[_Batch]) -> None:
    """Tell each batch how many of ``places``, which count through all of them, are its own."""
    start = 0
    for batch in batches:
        end = start + len(batch.documents)
        batch.duplicates = sum(start <= place < end for place in places)
        start = end


def init_app(app: Flask) -> None:
    """Give ``app`` its recorder."""
    app.extensions[EXTENSION] = Recorder(insert)


def record(events: list[Document], viewer: Viewer | None) -> Document:
    """Store ``events``, as their schema loaded them, and return ``{accepted, duplicates}``.

    :raises Overloaded: more come than can be stored.
    :raises NotStored: the database does not take them; some may be stored.
    """
    recorder: Recorder = current_app.extensions[EXTENSION]
    now = clock.now()
    documents = [_document(event, viewer, now) for event in events]
    _mark_late({document["timestamp"] for document in documents}, now)
    duplicates = recorder.record(documents)
    return {"accepted": len(documents) - duplicates, "duplicates": duplicates}


def insert(documents: list[Document]) -> list[int]:
    """Insert ``documents`` for good, and return the places of those that were there already."""
    events = EventTracking.collection().with_options(write_concern=WriteConcern("majority", j=True))
    try:
        events.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        failed = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or any(each["code"] != DUPLICATE for each in failed):
            raise
        return [each["index"] for each in failed]
    return []


def id_of(event_id: str, viewer: Viewer | None) -> ObjectId:
    """Return the ``_id`` of a client's event: the same for the same person and event."""
    # Of somebody else nobody can take an event away by guessing its id.
    whose = str(viewer.id) if viewer else NOBODY
    return ObjectId(hashlib.sha256(f"{whose}\0{event_id}".encode()).digest()[:12])


def _document(event: Document, viewer: Viewer | None, now: datetime) -> Document:
    event_id = event.pop("eventId", None)
    document: Document = {"_id": id_of(event_id, viewer) if event_id else ObjectId(), **event}
    if viewer:
        document["user"] = viewer.id
    if related := event.get("relatedEntities"):
        document["relatedEntities"] = {name: ObjectId(related[name]) for name in RELATED if name in related}
    document.setdefault("timestamp", now)
    document["createdAt"] = document["updatedAt"] = now
    return document


def _mark_late(moments: Iterable[datetime], now: datetime) -> None:
    """Note the days before today that get events, before they do: their figures are to be reckoned again.

    :raises NotStored: the database does not take it.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = {moment.astimezone(today.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0) for moment in moments}
    late = [UpdateOne({"_id": day}, {"$set": {"changedAt": now}}, upsert=True) for day in sorted(days) if day < today]
    if late:
        try:
            ops_database()[ROLLUPS].bulk_write(late, ordered=False)
        except PyMongoError as error:
            raise NotStored from error
