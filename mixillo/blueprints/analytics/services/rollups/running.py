"""Reckoning days: one on demand, and by itself those on which something has happened since.

Doing it again leaves the same figures; they are of what is there now, so a payment that came late counts on the day of
its order once that day is reckoned again. Days before the last 90 are not: their events may have been archived.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from mixillo.blueprints.analytics.models import DAILY, ROLLUPS, EventTracking, PlatformAnalytics
from mixillo.blueprints.analytics.queries.days import Day, platform, social, trade
from mixillo.blueprints.analytics.services.rollups import persons
from mixillo.blueprints.gifts.models import COMPLETED, GiftTransaction
from mixillo.blueprints.orders.models import Order
from mixillo.blueprints.wallets.models import Transaction
from mixillo.core import audit_log, clock
from mixillo.core.db import ops_database
from mixillo.errors import Conflict
from mixillo.ops import archive, jobs
from mixillo.ops.jobs import JobRunning, Report, Work

Document = dict[str, Any]
KIND = "analytics.rollup"
# The figures of today and yesterday are so old at most.
FRESH = timedelta(minutes=10)
# What was on its way at midnight has come by then.
SETTLED = timedelta(minutes=30)
MOST_AT_ONCE = 31
# After a service was away, or began with somebody's data, so many days are made up for.
CAUGHT_UP = 30


class DayOver(Conflict):
    """The day is so long ago that its events may have been archived."""

    code, title = "day_archived", "The events of that day may have been archived"


class DayToCome(Conflict):
    """The day has not begun."""

    code, title = "day_to_come", "That day has not begun"


def roll_up(day: Day, *, even_if_archived: bool = False) -> Document:
    """Reckon ``day`` and return ``{day, persons, active}``.

    :raises DayOver: it is more than 90 days ago; ``even_if_archived`` reckons it all the same, from what is there.
    :raises DayToCome: it has not begun.
    """
    if day > Day.today():
        raise DayToCome
    if day < Day.today().back(archive.DAYS) and not even_if_archived:
        raise DayOver("Bring its events back with `mixillo db unarchive` first, and then say so.")
    started = clock.now()
    rows, active = persons.write(day)
    figures = _platform(day, active)
    PlatformAnalytics.collection().update_one(
        {"date": day.start, "period": DAILY},
        {"$set": figures | {"updatedAt": started}, "$setOnInsert": {"createdAt": started}},
        upsert=True,
    )
    ops_database()[ROLLUPS].update_one({"_id": day.start}, {"$set": {"rolledUpAt": started}}, upsert=True)
    return {"day": f"{day.start:%Y-%m-%d}", "persons": rows, "active": active}


def _platform(day: Day, active: int) -> Document:
    engagement = platform.Engagement.of(day)
    return {
        "users": platform.people(day, active),
        "revenue": trade.revenue(day),
        "transactions": trade.transactions(day),
        "credits": trade.coins(day),
        "gifts": trade.gifts(day),
        "livestreams": platform.livestreams(day),
        "products": platform.products(day, engagement.kinds["product_view"]),
        "orders": trade.orders(day),
        "content": social.content(day),
        "engagement": engagement.section(),
        "geography": engagement.geography(),
        "devices": engagement.used(),
        "performance": platform.performance(day),
    }


def work(days: Iterable[Day], *, even_if_archived: bool = False) -> Work:
    """Return the job of reckoning ``days``; its result is ``{days: [what each came to]}``."""
    wanted = sorted(set(days))

    def reckon(report: Report) -> Document:
        done = []
        for number, day in enumerate(wanted):
            report(number, len(wanted), f"{day.start:%Y-%m-%d}")
            done.append(roll_up(day, even_if_archived=even_if_archived))
        report(len(wanted), len(wanted), "")
        return {"days": done}

    return reckon


def roll_up_when_due() -> list[Day]:
    """Reckon the days on which something has happened since they were, and return them; one instance does it."""
    days = due()
    if days:
        try:
            jobs.run_inline(ops_database(), KIND, work(days), actor=audit_log.SYSTEM)
        except JobRunning:
            return []
    return days


def due() -> list[Day]:
    """Return the days that are to be reckoned: today and yesterday if something happened, late and missed ones."""
    oldest = Day.today().back(archive.DAYS).start
    changed = ops_database()[ROLLUPS].find({"_id": {"$gte": oldest}, "changedAt": {"$exists": True}})
    late = {Day(each["_id"]) for each in changed if each["changedAt"] >= each.get("rolledUpAt", oldest)}
    lately = {day for day in (Day.today(), Day.today().back(1)) if _has_grown_old(day) and _is_lively(day)}
    return sorted(late | lately | _missed())[-MOST_AT_ONCE:]


def _missed() -> set[Day]:
    """Return the days before yesterday on which something happened and that have no figures."""
    before = [Day.today().back(number) for number in range(2, CAUGHT_UP)]
    has_figures = {"period": DAILY, "date": {"$gte": before[-1].start}}
    known = {row["date"] for row in PlatformAnalytics.collection().find(has_figures, {"date": 1})}
    return {day for day in before if day.start not in known and _is_lively(day)}


def _has_grown_old(day: Day) -> bool:
    done = ops_database()[ROLLUPS].find_one({"_id": day.start}, {"rolledUpAt": 1}) or {}
    return "rolledUpAt" not in done or done["rolledUpAt"] < min(clock.now() - FRESH, day.end + SETTLED)


def _is_lively(day: Day) -> bool:
    """Return whether anything happened on ``day`` that is told by one look at an index."""
    sources: tuple[tuple[Any, Document], ...] = (
        (EventTracking, {"timestamp": day.bounds}),
        (Order, {"createdAt": day.bounds}),
        (Transaction, {"createdAt": day.bounds}),
        (GiftTransaction, {"status": COMPLETED, "createdAt": day.bounds}),
    )
    return any(model.collection().find_one(where, {"_id": 1}) for model, where in sources)
