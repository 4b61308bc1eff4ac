"""A day, from one midnight (UTC) to the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from mixillo.core import clock

LENGTH = timedelta(days=1)
PersonsFigures = Iterator[tuple[ObjectId, dict[str, Any]]]


@dataclass(frozen=True, order=True)
class Day:
    """The day that begins at ``start``."""

    start: datetime

    @classmethod
    def of(cls, moment: datetime) -> "Day":
        """Return the day that ``moment`` is in."""
        return cls(moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))

    @classmethod
    def today(cls) -> "Day":
        """Return the present day."""
        return cls.of(clock.now())

    @property
    def end(self) -> datetime:
        """When the next day begins."""
        return self.start + LENGTH

    @property
    def bounds(self) -> dict[str, datetime]:
        """The condition for a moment to be in it."""
        return {"$gte": self.start, "$lt": self.end}

    def back(self, days: int) -> "Day":
        """Return the day so many days before."""
        return Day(self.start - days * LENGTH)


def single(collection: Collection, *stages: dict[str, Any]) -> dict[str, Any]:
    """Return the one document that ``stages`` lead to; an empty one where nothing does."""
    found: dict[str, Any] = next(iter(collection.aggregate([*stages], allowDiskUse=True)), {})
    return found
