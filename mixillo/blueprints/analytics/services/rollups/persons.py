"""The rows of persons for a day."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from mixillo.blueprints.analytics.models import UserAnalytics
from mixillo.blueprints.analytics.queries import rfm
from mixillo.blueprints.analytics.queries.days import Day, social, trade, visits
from mixillo.blueprints.users.models import User
from mixillo.core import clock

Document = dict[str, Any]
AT_ONCE = 500
NOTHING: dict[str, tuple[str, ...]] = {
    "sessions": ("count", "totalDuration", "avgDuration"),
    "activity": ("pageViews", "uniquePages", "searches", "clicks", "interactions"),
    "shopping": ("productsViewed", "addedToCart", "ordersPlaced", "totalSpent", "avgOrderValue"),
    "credits": ("purchased", "spent", "paid", "balance"),
    "gifting": ("giftsSent", "giftsReceived", "totalSpent", "totalReceived"),
    "livestreams": ("watched", "totalWatchTime", "giftsInStreams", "interactionsInStreams"),
    "social": ("followers", "following", "posts", "comments", "likes"),
    "received": ("views", "likes", "comments", "shares"),
    "devices": visits.DEVICES,
}


def write(day: Day) -> tuple[int, int]:
    """Write the rows of ``day``, remove those that are no longer any, and return how many there are and visited.

    A person has a row who did something on that day, or whose posts or profile others did something with.
    """
    rows = _rows(day)
    now, rolled_up = clock.now(), UserAnalytics.collection()
    ids = sorted(rows)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        people = {
            person["_id"]: person for person in User.collection().find({"_id": {"$in": some}}, {"createdAt": 1})
        }  # of those who are gone nothing is kept
        changes = [
            UpdateOne(
                {"user": user, "date": day.start},
                {"$set": rows[user] | {"updatedAt": now}, "$setOnInsert": {"createdAt": now}},
                upsert=True,
            )
            for user in some
            if user in people
        ]
        if changes:
            rolled_up.bulk_write(changes, ordered=False)
            _value([user for user in some if user in people], people, day)
    rolled_up.delete_many({"date": day.start, "updatedAt": {"$lt": now}})
    active = sum(1 for row in rows.values() if row["sessions"]["count"])
    return rolled_up.count_documents({"date": day.start}), active


def _rows(day: Day) -> dict[ObjectId, Document]:
    """Return the figures of everybody, by user."""
    rows: dict[ObjectId, Document] = {}
    sources: Iterable[tuple[ObjectId, Document]] = chain(
        visits.of_persons(day), trade.orders_of_persons(day), trade.coins_of_persons(day),
        trade.gifts_of_persons(day), social.given(day), social.received(day),
    )  # fmt: skip
    for user, figures in sources:
        row = rows.setdefault(user, _nothing())
        for name, value in figures.items():
            section, _, field = name.partition(".")
            row[section][field] = value
    return rows


def _nothing() -> Document:
    sections: Document = {section: dict.fromkeys(fields, 0) for section, fields in NOTHING.items()}
    sections["sessions"]["lastSession"] = None
    return sections


def _value(users: list[ObjectId], people: dict[ObjectId, Document], day: Day) -> None:
    """Write how much each of ``users`` is worth to the platform, by their rows up to ``day``."""
    changes = [
        UpdateOne(
            {"user": value.user, "date": day.start},
            {"$set": {"rfm": value.as_dict(), "segments": [value.segment(people[value.user].get("createdAt"), day)]}},
        )
        for value in rfm.values(day, users)
    ]
    UserAnalytics.collection().bulk_write(changes, ordered=False)
