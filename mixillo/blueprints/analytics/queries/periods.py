"""Some days after one another, and the rows of the platform that they have."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mixillo.blueprints.analytics.models import DAILY, PlatformAnalytics
from mixillo.blueprints.analytics.queries.days import Day

Document = dict[str, Any]
# How many days, today included; of the last 24 hours there is no telling from figures of days.
NAMED = {"24h": 2, "day": 2, "7d": 7, "week": 7, "30d": 30, "month": 30, "90d": 90, "1y": 365, "year": 365}
DEFAULT, MOST_DAYS = "30d", 400
# The figures of a day, by section, that add up to those of a period; others are of a moment, or means.
ADDED = {
    "users": ("new", "deleted", "newSellers"),
    "revenue": ("total", "credits", "products", "subscriptions", "commissions"),
    "transactions": ("total", "completed", "pending", "failed", "refunded"),
    "credits": ("purchased", "spent", "gifted", "totalRevenue"),
    "gifts": ("sent", "totalValue"),
    "livestreams": ("total", "completed", "totalViewers", "totalDuration", "giftsReceived"),
    "products": ("new", "sold", "views"),
    "orders": ("total", "completed", "pending", "cancelled"),
    "content": ("new", "views", "likes", "comments", "shares"),
    "engagement": ("pageViews", "interactions"),
    "devices": ("mobile", "tablet", "desktop"),
}


@dataclass(frozen=True)
class Period:
    """The days from ``first`` to ``last``, both included."""

    first: Day
    last: Day

    @classmethod
    def named(cls, name: str) -> "Period":
        """Return the last days that ``name`` stands for."""
        return cls.latest(NAMED[name])

    @classmethod
    def latest(cls, days: int) -> "Period":
        """Return so many days, the last of which is today."""
        return cls(Day.today().back(days - 1), Day.today())

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last.start - self.first.start).days + 1

    @property
    def bounds(self) -> dict[str, datetime]:
        """The condition for a moment, or the date of a row, to be in it."""
        return {"$gte": self.first.start, "$lt": self.last.end}

    @property
    def before(self) -> "Period":
        """The period of the same length before it."""
        return Period(self.first.back(self.days), self.first.back(1))

    def __iter__(self) -> Iterator[Day]:
        return (self.first.back(-number) for number in range(self.days))

    def as_dict(self) -> Document:
        """Return it as answers name it."""
        return {"startDate": self.first.start, "endDate": self.last.start, "days": self.days}


def rows(period: Period) -> list[Document]:
    """Return the platform's rows of ``period``, the earliest first, with every figure that adds up."""
    where = {"period": DAILY, "date": period.bounds}
    found = PlatformAnalytics.collection().find(where, {"_id": 0, "__v": 0}, sort=[("date", 1)])
    return [_complete(row) for row in found]


def completed(found: list[Document], period: Period) -> list[Document]:
    """Return a row for each day of ``period``; of days without figures these are 0."""
    known = {row["date"]: row for row in found}
    return [known.get(day.start) or _complete({"date": day.start}) for day in period]


def totals(found: list[Document]) -> Document:
    """Return what the figures of ``found`` add up to, by section."""
    return {
        section: {name: _rounded(sum(row[section][name] for row in found)) for name in names}
        for section, names in ADDED.items()
    }


def _complete(row: Document) -> Document:
    sections = {
        section: dict.fromkeys(names, 0) | {name: value for name, value in (row.get(section) or {}).items() if value}
        for section, names in ADDED.items()
    }
    return row | sections


def _rounded(number: float) -> int | float:
    return round(number, 2) if isinstance(number, float) else number


def changed(before: float, after: float) -> Document:
    """Return ``{current, previous, changePercent, direction}``; nothing is a percentage of nothing."""
    percent = round(100 * (after - before) / before, 1) if before else None
    direction = "up" if after > before else "down" if after < before else "stable"
    return {"current": after, "previous": before, "changePercent": percent, "direction": direction}
