"""The report's 88 daily rows per user and 31 daily rows of the platform, counted from the sessions.

Nothing was sold, given, streamed or followed in those days, so those fields are zero, as their collections say.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from mixillo.ops.datasets.documents import Document, DocumentFactory
from mixillo.ops.datasets.report.dates import day
from mixillo.ops.datasets.report.sessions import DAYS, Session
from mixillo.ops.datasets.report.shop import ITEMS, OPENED

USER_DAYS = 15  # four users on the first of them, six on the others: 88 rows
NEW_FOR = timedelta(days=7)
TOP_COUNTRIES = 2
ROLLED_UP_AT = timedelta(hours=18)
INTERACTIONS = ("product_search", "user_profile_update", "theme_change")
NOTHING_SPENT = {"purchased": 0, "spent": 0}


def user_analytics(make: DocumentFactory, users: Sequence[Document], sessions: list[Session]) -> list[Document]:
    """Return a row for each user and each of the last ``USER_DAYS`` days since that user joined."""
    return [
        make.stamped("useranalytics", date + ROLLED_UP_AT, _user_day(user, date, _on(date, sessions, user)))
        for date in map(day, range(1 - USER_DAYS, 1))
        for user in users
        if user["createdAt"] <= date
    ]


def _on(date: datetime, sessions: Iterable[Session], user: Document | None = None) -> list[Session]:
    return [
        session
        for session in sessions
        if date <= session.started < date + timedelta(days=1) and (user is None or session.user is user)
    ]


def _user_day(user: Document, date: datetime, visits: list[Session]) -> Document:
    seconds = sum(visit.seconds for visit in visits)
    pages = [event.path for visit in visits for event in visit.events if event.duration is not None]
    return {
        "user": user["_id"],
        "date": date,
        "sessions": {
            "count": len(visits),
            "totalDuration": seconds,
            "avgDuration": round(seconds / len(visits), 1),
            "lastSession": max(visit.started for visit in visits),
        },
        "activity": {
            "pageViews": len(pages),
            "uniquePages": len(set(pages)),
            "searches": _total(visits, "product_search"),
            "clicks": _total(visits, "product_view"),
            "interactions": _total(visits, *INTERACTIONS),
        },
        "shopping": {
            "productsViewed": _total(visits, "product_view"),
            "addedToCart": 0,
            "ordersPlaced": 0,
            "totalSpent": 0,
            "avgOrderValue": 0,
        },
        "credits": NOTHING_SPENT | {"balance": 0},
        "gifting": {"giftsSent": 0, "giftsReceived": 0, "totalSpent": 0, "totalReceived": 0},
        "livestreams": {"watched": 0, "totalWatchTime": 0, "giftsInStreams": 0, "interactionsInStreams": 0},
        "social": {"followers": 0, "following": 0, "posts": 0, "comments": 0, "likes": 0},
        "devices": _devices(visits),
        "segments": ["new"] if date - user["createdAt"] < NEW_FOR else [],
        "rfm": {"recency": 0, "frequency": len(visits), "monetary": 0, "score": 1},
    }


def platform_analytics(make: DocumentFactory, users: Sequence[Document], sessions: list[Session]) -> list[Document]:
    """Return one row for each of the ``DAYS`` days."""
    return [
        make.stamped("platformanalytics", date + ROLLED_UP_AT, _platform_day(date, users, _on(date, sessions)))
        for date in map(day, range(1 - DAYS, 1))
    ]


def _platform_day(date: datetime, users: Sequence[Document], visits: list[Session]) -> Document:
    present = [user for user in users if user["createdAt"] <= date]
    seconds = sum(visit.seconds for visit in visits)
    short = sum(len(visit.events) <= 2 for visit in visits)
    on_sale = len(ITEMS) if date >= OPENED else 0
    return {
        "date": date,
        "period": "daily",
        "users": {
            "total": len(present),
            "new": sum(user["createdAt"] == date for user in users),
            "active": len({visit.user["_id"] for visit in visits}),
            "deleted": 0,
            "verified": sum(user["isVerified"] for user in present),
            "sellers": sum(user["isSeller"] for user in present),
            "newSellers": 0,
        },
        "revenue": {
            "total": 0,
            "credits": 0,
            "products": 0,
            "subscriptions": 0,
            "commissions": 0,
            "avgOrderValue": 0,
        },
        "transactions": {"total": 0, "completed": 0, "pending": 0, "failed": 0, "refunded": 0},
        "credits": NOTHING_SPENT | {"gifted": 0, "totalRevenue": 0, "avgPackageSize": 0},
        "gifts": {
            "sent": 0,
            "totalValue": 0,
            "uniqueSenders": 0,
            "uniqueReceivers": 0,
            "avgGiftValue": 0,
            "topGifts": [],
        },
        "livestreams": {
            "total": 0,
            "active": 0,
            "completed": 0,
            "totalViewers": 0,
            "avgViewers": 0,
            "totalDuration": 0,
            "avgDuration": 0,
            "giftsReceived": 0,
        },
        "products": {
            "total": on_sale,
            "new": on_sale if date == OPENED else 0,
            "sold": 0,
            "views": _total(visits, "product_view"),
            "avgPrice": round(sum(item.price for item in ITEMS) / len(ITEMS), 2) if on_sale else 0,
        },
        "orders": {"total": 0, "completed": 0, "pending": 0, "cancelled": 0, "avgValue": 0},
        "engagement": {
            "pageViews": _total(visits, "page_view", "product_view"),
            "uniqueVisitors": len({visit.user["_id"] for visit in visits}),
            "avgSessionDuration": round(seconds / len(visits), 1),
            "bounceRate": round(100 * short / len(visits), 1),
            "interactions": _total(visits, *INTERACTIONS),
        },
        "geography": {"topCountries": _countries(present, visits), "topCities": []},
        "devices": _devices(visits),
        "performance": {"errorRate": _error_rate(visits), "uptime": 100},
    }


def _total(visits: Iterable[Session], *kinds: str) -> int:
    return sum(visit.count(*kinds) for visit in visits)


def _devices(visits: Iterable[Session]) -> dict[str, int]:
    used = Counter(visit.person.device[0] for visit in visits)
    return {kind: used[kind] for kind in ("mobile", "tablet", "desktop")}


def _countries(present: Sequence[Document], visits: Iterable[Session]) -> list[Document]:
    home = {visit.user["_id"]: visit.person.country for visit in visits}
    counted = Counter(home[user["_id"]] for user in present)
    return [{"country": country, "users": users} for country, users in counted.most_common(TOP_COUNTRIES)]


def _error_rate(visits: Iterable[Session]) -> float:
    events = sum(len(visit.events) for visit in visits)
    return round(100 * _total(visits, "error") / events, 1)
