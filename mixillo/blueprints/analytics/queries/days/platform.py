"""The sections of the platform's figures that are of no single person."""

from collections import Counter
from typing import Any

from mixillo.blueprints.analytics.queries.days import trade
from mixillo.blueprints.analytics.queries.days.day import Day, single
from mixillo.blueprints.analytics.queries.days.visits import DEVICES, INTERACTIONS, PAGES, Visit, visits
from mixillo.blueprints.products.models import Product
from mixillo.blueprints.users.models import User
from mixillo.core import clock, money
from mixillo.core.db import database, ops_database
from mixillo.ops import metrics, uptime

Document = dict[str, Any]
MOST_PLACES = 10
# Fewer events than that, and somebody has left at once.
BOUNCED = 2


def people(day: Day, active: int) -> Document:
    """Return who there is, by the accounts as they are now: ``{total, new, active, deleted, verified, sellers, …}``."""
    group = {
        "_id": None, "total": {"$sum": 1}, "new": _sum_if({"$gte": ["$createdAt", day.start]}),
        "verified": _sum_if({"$eq": ["$isVerified", True]}), "sellers": _sum_if({"$eq": ["$isSeller", True]}),
    }  # fmt: skip
    found = single(User.collection(), {"$match": {"createdAt": {"$lt": day.end}}}, {"$group": group})
    return {
        **{name: found.get(name, 0) for name in ("total", "new", "verified", "sellers")},
        "active": active,
        "deleted": User.collection().count_documents({"deletedAt": day.bounds}),
        "newSellers": database()["sellerapplications"].count_documents(
            {"status": "approved", "reviewedAt": day.bounds}
        ),
    }  # fmt: skip


def _sum_if(condition: Document) -> Document:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def products(day: Day, views: int) -> Document:
    """Return what is offered: ``{total, new, sold, views, avgPrice}``."""
    group = {"_id": None, "total": {"$sum": 1}, "price": {"$avg": {"$toDecimal": "$price"}},
             "new": _sum_if({"$gte": ["$createdAt", day.start]})}  # fmt: skip
    there = {"createdAt": {"$lt": day.end}, "status": "active"}
    found = single(Product.collection(), {"$match": there}, {"$group": group})
    price = money.shown(money.minor(found.get("price"), trade.CURRENCY), trade.CURRENCY)
    return {
        "total": found.get("total", 0), "new": found.get("new", 0), "sold": trade.sold(day), "views": views,
        "avgPrice": price,
    }  # fmt: skip


def livestreams(day: Day) -> Document:
    """Return what was streamed by those who began on ``day``."""
    seconds = {"$ifNull": ["$duration", 0]}
    viewers = {"$ifNull": ["$totalViews", {"$ifNull": ["$uniqueViewers", 0]}]}
    group = {
        "_id": None, "total": {"$sum": 1}, "totalViewers": {"$sum": viewers}, "totalDuration": {"$sum": seconds},
        "active": _sum_if({"$eq": ["$status", "live"]}), "completed": _sum_if({"$eq": ["$status", "ended"]}),
    }  # fmt: skip
    found = single(database()["livestreams"], {"$match": {"startedAt": day.bounds}}, {"$group": group})
    names = ("total", "active", "completed", "totalViewers", "totalDuration")
    sums = {name: found.get(name, 0) for name in names}
    streams = sums["total"] or 1
    return sums | {
        "avgViewers": round(sums["totalViewers"] / streams, 1),
        "avgDuration": round(sums["totalDuration"] / streams, 1), "giftsReceived": trade.given_in_streams(day),
    }  # fmt: skip


class Engagement:
    """What the sessions of a day add up to, whoever had them."""

    def __init__(self) -> None:
        self.sessions = self.seconds = self.bounced = self.events = 0
        self.people: set[Any] = set()
        self.kinds: Counter[str] = Counter()
        self.devices: Counter[str | None] = Counter()
        self.countries: dict[str, set[Any]] = {}
        self.cities: dict[str, set[Any]] = {}

    @classmethod
    def of(cls, day: Day) -> "Engagement":
        """Add up the sessions of ``day``."""
        found = cls()
        for number, visit in enumerate(visits(day)):
            found.add(visit, visit.user or number)
        return found

    def add(self, visit: Visit, who: Any) -> None:
        """Add a session of ``who``: of each that nobody is signed in for, somebody else."""
        self.sessions += 1
        self.seconds += visit.seconds
        events = sum(visit.kinds.values())
        self.events += events
        self.bounced += events <= BOUNCED
        self.people.add(who)
        self.kinds += visit.kinds
        self.devices[visit.device] += 1
        for place, known in ((visit.country, self.countries), (visit.city, self.cities)):
            if place:
                known.setdefault(place, set()).add(who)

    def count(self, kinds: tuple[str, ...]) -> int:
        """Return how many events are of one of ``kinds``."""
        return sum(self.kinds[kind] for kind in kinds)

    def section(self) -> Document:
        """Return ``{pageViews, uniqueVisitors, avgSessionDuration, bounceRate, interactions}``; the rate in percent."""
        sessions = self.sessions or 1
        return {
            "pageViews": self.count(PAGES), "uniqueVisitors": len(self.people),
            "avgSessionDuration": round(self.seconds / sessions, 1),
            "bounceRate": round(100 * self.bounced / sessions, 1), "interactions": self.count(INTERACTIONS),
        }  # fmt: skip

    def geography(self) -> Document:
        """Return where most people are, as far as their clients said."""
        return {"topCountries": _most(self.countries, "country"), "topCities": _most(self.cities, "city")}

    def used(self) -> Document:
        """Return how many sessions were on which devices."""
        return {kind: self.devices[kind] for kind in DEVICES}


def _most(places: dict[str, set[Any]], name: str) -> list[Document]:
    ordered = sorted(places.items(), key=lambda place: (-len(place[1]), place[0]))
    return [{name: place, "users": len(there)} for place, there in ordered[:MOST_PLACES]]


def performance(day: Day) -> Document:
    """Return how the service did: ``{avgResponseTime (ms), errorRate (%), uptime (%)}``; nothing of what is unknown."""
    until = min(day.end, clock.now())
    latency = metrics.latency(ops_database(), "24h", now=until)
    share = uptime.uptime(ops_database(), "24h", now=until).share
    return {
        "avgResponseTime": None if latency.mean is None else round(latency.mean, 1),
        "errorRate": None if latency.error_rate is None else round(100 * latency.error_rate, 2),
        "uptime": None if share is None else round(100 * share, 2),
    }
