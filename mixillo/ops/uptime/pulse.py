"""Heartbeats: what an instance tells of itself, one bit per minute.

One document per instance and hour has three masks: ``beats`` (it ran and reached the database), ``poor`` and
``bad`` (how many of its answers were server errors). They are written whole, so writing them again does no harm.
"""

from datetime import datetime, timedelta

from pymongo import UpdateOne
from pymongo.database import Database

from mixillo.ops.uptime.masks import HOUR, MINUTE, hour_of, minute_of

HEARTBEATS = "heartbeats"
# One bad answer of two at night says nothing.
MINIMUM_REQUESTS = 5
POOR, BAD = 0.10, 0.50
# An hour's document is written whole, so its minutes are needed for as long as counts of the hour may come late.
REMEMBERED = timedelta(hours=24)


class Pulse:
    """The heartbeats of this process that are not stored yet."""

    def __init__(self, instance: str, revision: str) -> None:
        self._instance = instance
        self._revision = revision
        self._minutes: dict[datetime, tuple[int, int]] = {}
        self._changed: set[datetime] = set()

    def beat(self, at: datetime) -> None:
        """Remember that the process runs."""
        self.note(at, 0, 0)

    def note(self, at: datetime, requests: int, errors: int) -> None:
        """Remember that the process answered so many requests in the minute of ``at``, so many with a 5xx."""
        minute = minute_of(at)
        seen, failed = self._minutes.get(minute, (0, 0))
        self._minutes[minute] = (seen + requests, failed + errors)
        self._changed.add(hour_of(minute))

    def store(self, ops: Database) -> None:
        """Write the hours that have changed.

        :raises PyMongoError: they are kept for the next time.
        """
        updates = [
            UpdateOne(
                {"_id": f"{self._instance}:{hour:%Y%m%dT%H}"},
                {
                    "$set": self._masks(hour),
                    "$setOnInsert": {"at": hour, "instance": self._instance, "revision": self._revision},
                },
                upsert=True,
            )
            for hour in sorted(self._changed)
        ]
        if updates:
            ops[HEARTBEATS].bulk_write(updates, ordered=False)
        newest = max(self._changed, default=None)
        self._changed.clear()
        if newest:
            self._minutes = {at: count for at, count in self._minutes.items() if at > newest - REMEMBERED}

    def _masks(self, hour: datetime) -> dict[str, int]:
        masks = {"beats": 0, "poor": 0, "bad": 0}
        for minute, (requests, errors) in self._minutes.items():
            if hour <= minute < hour + HOUR:
                bit = 1 << ((minute - hour) // MINUTE)
                masks["beats"] |= bit
                if requests >= MINIMUM_REQUESTS:
                    masks["bad"] |= bit * (errors >= BAD * requests)
                    masks["poor"] |= bit * (errors >= POOR * requests)
        return masks
