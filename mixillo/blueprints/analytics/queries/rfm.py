"""Recency, frequency and monetary value: what the rows of the last 90 days say of people.

Each is worth 0 to 4 points, so that the score is 0 to 12: how many days ago somebody last visited, on how many of the
last 30 days they did, and what they paid in 90 days.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.analytics.models import UserAnalytics
from mixillo.blueprints.analytics.queries.days import Day

REMEMBERED, COUNTED = 90, 30
# So many points for at most so many days ago, for at least so many days, and for at least so much money.
RECENCY = ((1, 4), (7, 3), (14, 2), (30, 1))
FREQUENCY = ((20, 4), (10, 3), (5, 2), (2, 1))
MONETARY = ((200, 4), (50, 3), (10, 2), (0.01, 1))
CHAMPIONS, LOYAL, POTENTIAL, AT_RISK, NEW, INACTIVE = SEGMENTS = (
    "champions", "loyal", "potential", "at_risk", "new", "inactive",
)  # fmt: skip
SEGMENT_FROM = ((9, CHAMPIONS), (7, LOYAL), (5, POTENTIAL), (3, AT_RISK))
NEW_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Value:
    """What somebody is worth: days since the last visit, days with one in the last 30, money paid in 90."""

    user: ObjectId
    recency: int
    frequency: int
    monetary: float

    @property
    def score(self) -> int:
        """All points together."""
        recent = next((points for days, points in RECENCY if self.recency <= days), 0)
        often = next((points for days, points in FREQUENCY if self.frequency >= days), 0)
        paid = next((points for amount, points in MONETARY if self.monetary >= amount), 0)
        return recent + often + paid

    def segment(self, joined: datetime | None, day: Day) -> str:
        """Return the name for people like that."""
        if joined and day.end - joined <= NEW_FOR and self.score < SEGMENT_FROM[0][0]:
            return NEW
        return next((name for least, name in SEGMENT_FROM if self.score >= least), INACTIVE)

    def as_dict(self) -> dict[str, Any]:
        """Return it under the stored names."""
        return {
            "recency": self.recency, "frequency": self.frequency, "monetary": self.monetary, "score": self.score
        }  # fmt: skip


def values(day: Day, users: list[ObjectId] | None = None) -> Iterator[Value]:
    """Yield the value of everybody (or of ``users``) with a row in the 90 days up to ``day``."""
    where: dict[str, Any] = {"date": {"$gt": day.back(REMEMBERED).start, "$lte": day.start}}
    if users is not None:
        where["user"] = {"$in": users}
    visited = {"$gt": ["$sessions.count", 0]}
    lately = {"$and": [visited, {"$gt": ["$date", day.back(COUNTED).start]}]}
    group = {
        "_id": "$user",
        "last": {"$max": {"$cond": [visited, "$date", None]}},
        "days": {"$sum": {"$cond": [lately, 1, 0]}},
        "paid": {"$sum": {"$add": [{"$ifNull": ["$shopping.totalSpent", 0]}, {"$ifNull": ["$credits.paid", 0]}]}},
    }
    for row in UserAnalytics.collection().aggregate([{"$match": where}, {"$group": group}], allowDiskUse=True):
        ago = (day.start - row["last"]).days if row["last"] else REMEMBERED
        yield Value(row["_id"], ago, row["days"], round(row["paid"], 2))
