"""What a person's own figures are: what they did, what others did with what is theirs, who these are, what came in."""

from collections import Counter
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from mixillo.blueprints.analytics.models import UserAnalytics
from mixillo.blueprints.analytics.queries import platform, rfm
from mixillo.blueprints.analytics.queries.days import Day
from mixillo.blueprints.analytics.queries.periods import Period
from mixillo.blueprints.content.models import PUBLISHED, Content, Like, Share, View
from mixillo.blueprints.users.models import Follow, User
from mixillo.blueprints.wallets.models import COMPLETED, Transaction, Wallet
from mixillo.core import clock, money
from mixillo.core.db import database, hinted
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]
TOTALS = {
    "views": ("received", "views"), "likes": ("received", "likes"), "comments": ("received", "comments"),
    "shares": ("received", "shares"), "newFollowers": ("social", "followers"), "posts": ("social", "posts"),
    "giftsReceived": ("gifting", "giftsReceived"), "coinsReceived": ("gifting", "totalReceived"),
    "giftsSent": ("gifting", "giftsSent"), "coinsSpent": ("credits", "spent"), "sessions": ("sessions", "count"),
    "pageViews": ("activity", "pageViews"), "ordersPlaced": ("shopping", "ordersPlaced"),
}  # fmt: skip
EARNED_BY = ("gift_received", "earning", "tip", "subscription", "commission", "bonus")
MOST_FOLLOWERS = 5_000
# Fewer people than that could be recognised.
SMALLEST_GROUP = 5
AGES = ((18, "under18"), (25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (200, "55+"))
OTHERS, UNSAID = "other", "unknown"
METRIC_DAYS = 30


class NoFigures(NotFound):
    """There is no such thing, or its figures are not the viewer's business."""

    code, title = "no_figures", "There are no such figures"


def of_user(user_id: ObjectId, period: Period) -> Document:
    """Return somebody's figures of ``period``: what they add up to, and by day."""
    found = {row["date"]: row for row in _rows(user_id, period)}
    daily: list[Document] = [{"date": day.start} | _figures(found.get(day.start, {})) for day in period]
    return {
        "period": period.as_dict(),
        "totals": {name: round(sum(day[name] for day in daily), 2) for name in TOTALS},
        "daily": daily,
    }


def insights(user_id: ObjectId, period: Period) -> Document:
    """Return somebody's figures with their value and segment, for administrators.

    :raises NoFigures: there is no such person.
    """
    user = User.collection().find_one({"_id": user_id}, {"createdAt": 1})
    if user is None:
        raise NoFigures
    today = Day.today()
    value = next(rfm.values(today, [user_id]), rfm.Value(user_id, rfm.REMEMBERED, 0, 0.0))
    return {
        "userId": user_id,
        "user": platform.people([user_id])[user_id],
        "insights": of_user(user_id, period),
        "rfm": value.as_dict(),
        "segment": value.segment(user.get("createdAt"), today),
    }


def follower_growth(user_id: ObjectId, period: Period) -> list[Document]:
    """Return how many began to follow somebody on each day, and how many there were at its end.

    Who has stopped is not known any more: the totals lead up to what there is today.
    """
    new = {row["date"]: (row.get("social") or {}).get("followers", 0) for row in _rows(user_id, period)}
    user = User.collection().find_one({"_id": user_id}, {"followersCount": 1}) or {}
    total = user.get("followersCount") or 0
    growth = []
    for day in reversed([*period]):
        growth.append({"date": day.start, "followers": max(0, total), "newFollowers": new.get(day.start, 0)})
        total -= new.get(day.start, 0)
    return growth[::-1]


def audience(user_id: ObjectId) -> Document:
    """Return who follows somebody, as far as their profiles say: the latest 5,000. Few alike are ``other``."""
    latest = Follow.collection().find(
        {"followingId": user_id}, {"followerId": 1}, sort=[("createdAt", -1), ("_id", -1)], limit=MOST_FOLLOWERS
    )
    ids = [pair["followerId"] for pair in latest]
    fields = {"gender": 1, "dateOfBirth": 1, "isVerified": 1, "lastActiveAt": 1}
    people = list(User.collection().find({"_id": {"$in": ids}}, fields)) if ids else []
    return {
        "total": len(people),
        "gender": _groups(Counter(_gender(person) for person in people)),
        "age": _groups(Counter(_age(person.get("dateOfBirth")) for person in people)),
        "country": _groups(Counter(_countries(ids).values())),
    }


def earnings(user_id: ObjectId, period: Period) -> Document:
    """Return what somebody earned in ``period``, by the rows of their wallets: by currency, by day and by kind."""
    wallets = {
        wallet["_id"]: wallet["currency"] for wallet in Wallet.collection().find({"userId": user_id}, {"currency": 1})
    }
    where = {"walletId": {"$in": [*wallets]}, "type": {"$in": EARNED_BY}, "createdAt": period.bounds}
    group = {
        "_id": {"date": {"$dateTrunc": {"date": "$createdAt", "unit": "day"}}, "wallet": "$walletId", "type": "$type"},
        "amount": {"$sum": {"$toDecimal": "$amount"}}, "count": {"$sum": 1},
    }  # fmt: skip
    stages: list[Document] = [
        {"$match": where},
        {"$match": {"status": COMPLETED, "amount": {"$gt": 0}}},
        {"$group": group},
    ]
    rows = [] if not wallets else list(Transaction.collection().aggregate(stages))
    totals: Counter[str] = Counter()
    daily = []
    for row in sorted(rows, key=lambda row: (row["_id"]["date"], row["_id"]["type"])):
        currency = wallets[row["_id"]["wallet"]]
        units = money.minor(row["amount"], currency)
        totals[currency] += units
        daily.append(
            {"date": row["_id"]["date"], "type": row["_id"]["type"], "currency": currency,
             "amount": money.shown(units, currency), "count": row["count"]}
        )  # fmt: skip
    return {
        "period": period.as_dict(),
        "totals": [{"currency": each, "amount": money.shown(units, each)} for each, units in sorted(totals.items())],
        "daily": daily,
    }


def top_posts(user_id: ObjectId, limit: int) -> list[Document]:
    """Return which of somebody's posts were seen most."""
    fields = {"userId": 1, "caption": 1, "type": 1, "thumbnailUrl": 1, "publishedAt": 1}
    fields |= {f"{name}Count": 1 for name in platform.COUNTED}
    where = PUBLISHED | {"userId": user_id}

    def read(index: str | None) -> list[Document]:
        most_seen = [("viewsCount", -1), ("_id", -1)]
        return list(Content.collection().find(where, fields, sort=most_seen, limit=limit, hint=index))

    found = hinted(read, "published_author")
    return [platform.summary(post) for post in found]


def of_content(viewer: Viewer, content_id: ObjectId) -> Document:
    """Return a post and what was done with it on each of the last 30 days; for its author and administrators.

    :raises NoFigures: there is none of the viewer's.
    """
    where: Document = {"_id": content_id} | ({} if viewer.is_admin else {"userId": viewer.id})
    post = Content.collection().find_one(where)
    if post is None:
        raise NoFigures
    period = Period.latest(METRIC_DAYS)
    counted = {name: _by_day(rows, content_id, field, period) for name, (rows, field) in _marks().items()}
    return {
        "content": platform.summary(post),
        "metrics": [
            {"date": day.start} | {name: days.get(day.start, 0) for name, days in counted.items()} for day in period
        ],
    }


def _marks() -> dict[str, tuple[Collection, str]]:
    return {
        "views": (View.collection(), "viewedAt"), "likes": (Like.collection(), "createdAt"),
        "comments": (database()["comments"], "createdAt"), "shares": (Share.collection(), "sharedAt"),
    }  # fmt: skip


def _by_day(rows: Collection, content_id: ObjectId, field: str, period: Period) -> dict[datetime, int]:
    stages: list[Document] = [
        {"$match": {"contentId": content_id, field: period.bounds}},
        {"$group": {"_id": {"$dateTrunc": {"date": f"${field}", "unit": "day"}}, "count": {"$sum": 1}}},
    ]
    return {row["_id"]: row["count"] for row in rows.aggregate(stages)}


def _rows(user_id: ObjectId, period: Period) -> list[Document]:
    return list(UserAnalytics.collection().find({"user": user_id, "date": period.bounds}, {"_id": 0, "user": 0}))


def _figures(row: Document) -> Document:
    return {name: (row.get(section) or {}).get(field) or 0 for name, (section, field) in TOTALS.items()}


def _gender(person: Document) -> str:
    said = person.get("gender")
    return said if said in ("male", "female", "other") else UNSAID


def _age(born: datetime | None) -> str:
    if born is None:
        return UNSAID
    today = clock.now()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return next((name for below, name in AGES if years < below), UNSAID)


def _countries(ids: list[ObjectId]) -> dict[ObjectId, str]:
    """Return the country in which each of ``ids`` was last, as their clients said within 30 days."""
    where = {"user": {"$in": ids}, "timestamp": Period.latest(METRIC_DAYS).bounds}
    last = {"$top": {"sortBy": {"timestamp": -1}, "output": "$location.country"}}
    stages: list[Document] = [{"$match": where}, {"$match": {"location.country": {"$type": "string"}}},
                              {"$group": {"_id": "$user", "country": last}}]  # fmt: skip
    return {row["_id"]: row["country"] for row in database()["eventtrackings"].aggregate(stages)} if ids else {}


def _groups(counted: Counter[str]) -> list[Document]:
    """Return the groups, the largest first; those that are too small to be told are one, if it is large enough."""
    told = {name: count for name, count in counted.items() if count >= SMALLEST_GROUP and name != OTHERS}
    rest = counted.total() - sum(told.values())
    if rest >= SMALLEST_GROUP:
        told[OTHERS] = rest
    whole = sum(told.values())
    return [
        {"name": name, "count": count, "percent": round(100 * count / whole, 1)}
        for name, count in sorted(told.items(), key=lambda each: (-each[1], each[0]))
    ]
