"""The platform's figures, by the rows of its days; what is of a moment is counted now and may be a little old."""

from collections import Counter
from typing import Any

from mixillo.blueprints.analytics.models import UserAnalytics
from mixillo.blueprints.analytics.queries import periods, rfm
from mixillo.blueprints.analytics.queries.days import Day
from mixillo.blueprints.analytics.queries.days.day import single
from mixillo.blueprints.analytics.queries.periods import Period
from mixillo.blueprints.content.models import LISTED, Content
from mixillo.blueprints.uploads.queries import figures
from mixillo.blueprints.users.models import User
from mixillo.core.db import hinted
from mixillo.core.kept import kept

Document = dict[str, Any]
SECONDS_KEPT, SECONDS_KEPT_LONG = 30.0, 300.0
TOP = 10
COUNTED = ("views", "likes", "comments", "shares", "saves")
# What a trend may be of.
METRICS = {
    "activeUsers": ("users", "active"), "newUsers": ("users", "new"), "revenue": ("revenue", "total"),
    "orders": ("orders", "total"), "gifts": ("gifts", "sent"), "coins": ("credits", "purchased"),
    "pageViews": ("engagement", "pageViews"), "visitors": ("engagement", "uniqueVisitors"),
    "views": ("content", "views"), "likes": ("content", "likes"), "posts": ("content", "new"),
    "livestreams": ("livestreams", "total"),
}  # fmt: skip
SECTIONS = {
    "revenue": ("revenue", "transactions", "orders"), "users": ("users", "engagement", "devices"),
    "gifting": ("gifts", "credits"), "livestreams": ("livestreams",),
}  # fmt: skip


def overview(period: Period) -> Document:
    """Return the figures of ``period`` in a few numbers, beside those of the period before."""
    found, before = periods.rows(period), periods.rows(period.before)
    now, then = periods.totals(found), periods.totals(before)
    return {
        "period": period.as_dict(),
        "users": {"total": _people(), "active": active(period), "new": now["users"]["new"]},
        "content": now["content"] | {"total": posts()["totalContent"]},
        "orders": {"total": now["orders"]["total"], "revenue": now["revenue"]["products"]},
        "gifts": now["gifts"],
        "revenue": now["revenue"],
        "engagement": now["engagement"] | {"avgSessionDuration": _mean(found, "engagement", "avgSessionDuration")},
        "growth": {
            name: periods.changed(then[section][field], now[section][field])
            for name, (section, field) in METRICS.items()
            if field in then[section]
        },
    }


def section(name: str, period: Period) -> Document:
    """Return the rows of ``period`` with what belongs to ``name``, and what they add up to."""
    found = periods.rows(period)
    sums, names = periods.totals(found), SECTIONS[name]
    return {
        "period": period.as_dict(),
        "totals": {each: sums[each] for each in names},
        "daily": [
            {"date": row["date"]} | {each: row[each] for each in names} for row in periods.completed(found, period)
        ],
    }


def advanced(period: Period) -> Document:
    """Return what the charts of the administrators' page show."""
    found, before = periods.rows(period), periods.rows(period.before)
    now, then = periods.totals(found), periods.totals(before)
    return {
        "period": period.as_dict(),
        "growth": {
            name: periods.changed(then[section][field], now[section][field])
            for name, (section, field) in METRICS.items()
            if field in then[section]
        },
        "contentTypes": posts()["contentByType"],
        "topCreators": _creators(period),
        "revenueByDay": [
            {"date": row["date"], "revenue": row["revenue"]["total"]} for row in periods.completed(found, period)
        ],
        "engagement": now["content"] | {"pageViews": now["engagement"]["pageViews"]},
        "devices": now["devices"],
    }


def trend(metric: str, days: int) -> Document:
    """Return a metric for each of the last ``days`` days, and whether its later half is above its earlier one."""
    section, field = METRICS[metric]
    period = Period.latest(days)
    found = {row["date"]: row[section].get(field) or 0 for row in periods.rows(period)}
    values = [(day.start, found.get(day.start, 0)) for day in period]
    half = days // 2
    earlier, later = [value for _, value in values[:half]], [value for _, value in values[days - half :]]
    change = periods.changed(round(sum(earlier) / half, 2), round(sum(later) / half, 2))
    return {
        "metric": metric,
        "trend": [{"date": date, "value": value} for date, value in values],
        "analysis": {
            "recentAverage": change["current"], "previousAverage": change["previous"],
            "changePercent": change["changePercent"], "direction": change["direction"],
        },
    }  # fmt: skip


def segments() -> Document:
    """Return how many people are in which segment, by their rows of the last 90 days; up to five minutes old."""
    return kept("analytics.segments", SECONDS_KEPT_LONG, _segments)


def _segments() -> Document:
    today = Day.today()
    recent = {"createdAt": {"$gte": today.end - rfm.NEW_FOR}}
    joined = {user["_id"]: user["createdAt"] for user in User.collection().find(recent, {"createdAt": 1})}
    counted: Counter[str] = Counter()
    scores = 0
    for value in rfm.values(today):
        counted[value.segment(joined.get(value.user), today)] += 1
        scores += value.score
    people = counted.total()
    return {
        "total": people,
        "averageScore": round(scores / max(people, 1), 2),
        "segments": [
            {"segment": name, "users": counted[name], "percent": round(100 * counted[name] / max(people, 1), 1)}
            for name in rfm.SEGMENTS
        ],
    }


def active(period: Period) -> int:
    """Return how many people visited in ``period``; up to half a minute old."""
    stages = (
        {"$match": {"date": period.bounds, "sessions.count": {"$gt": 0}}}, {"$group": {"_id": "$user"}},
        {"$count": "people"},
    )  # fmt: skip
    found = kept(("analytics.active", period), SECONDS_KEPT, lambda: single(UserAnalytics.collection(), *stages))
    return int(found.get("people", 0))


def posts() -> Document:
    """Return what everybody's posts add up to, by type too; up to five minutes old."""
    return kept("analytics.posts", SECONDS_KEPT_LONG, _posts)


def _posts() -> Document:
    sums = {name: {"$sum": f"${name}Count"} for name in COUNTED}
    group = {"_id": "$type", "posts": {"$sum": 1}} | sums
    stages: list[Document] = [{"$match": LISTED}, {"$group": group}]

    def read(index: str | None) -> list[Document]:
        options: Document = {"hint": index} if index else {}
        return list(Content.collection().aggregate(stages, **options))

    found = hinted(read, "listed_latest")
    best = Content.collection().find(
        LISTED, {"userId": 1, "caption": 1, "type": 1, "thumbnailUrl": 1} | {f"{name}Count": 1 for name in COUNTED},
        sort=[("viewsCount", -1), ("_id", -1)], limit=TOP,
    )  # fmt: skip
    return {
        "totalContent": sum(row["posts"] for row in found),
        **{f"total{name.title()}": sum(row[name] for row in found) for name in COUNTED},
        "contentByType": [
            {"type": row["_id"] or "video", "count": row["posts"]} for row in sorted(found, key=lambda r: -r["posts"])
        ],
        "topPerformingContent": [summary(post) for post in best],
    }


def storage() -> Document:
    """Return how many files are stored, and how many bytes, by kind too; up to five minutes old."""
    counted = kept("analytics.storage", SECONDS_KEPT_LONG, figures.kept)
    parts = [
        {"type": kind, "count": counted[f"{kind}Count"], "size": counted[f"{kind}Size"]} for kind in figures.FAMILIES
    ]
    return counted | {"breakdown": parts}


def summary(post: Document) -> Document:
    """Return a post as figures name it."""
    return {
        "_id": post["_id"], "userId": post.get("userId"), "type": post.get("type") or "video",
        "caption": post.get("caption"), "thumbnailUrl": post.get("thumbnailUrl"),
        **{f"{name}Count": post.get(f"{name}Count") or 0 for name in COUNTED},
    }  # fmt: skip


def _people() -> int:
    return User.collection().estimated_document_count()


def _mean(found: list[Document], section: str, field: str) -> float:
    values = [row[section].get(field, 0) for row in found]
    return round(sum(values) / len(values), 1) if values else 0.0


def _creators(period: Period) -> list[Document]:
    """Return whose posts were seen most in ``period``, with who they are."""
    return kept(("analytics.creators", period), SECONDS_KEPT_LONG, lambda: _most_seen(period))


def _most_seen(period: Period) -> list[Document]:
    sums = {
        "views": {"$sum": "$received.views"}, "likes": {"$sum": "$received.likes"},
        "coins": {"$sum": "$gifting.totalReceived"},
    }  # fmt: skip
    stages: list[Document] = [
        {"$match": {"date": period.bounds}},
        {"$group": {"_id": "$user"} | sums},
        {"$match": {"views": {"$gt": 0}}},
        {"$sort": {"views": -1, "_id": 1}},
        {"$limit": TOP},
    ]
    best = list(UserAnalytics.collection().aggregate(stages, allowDiskUse=True))
    names = people([row["_id"] for row in best])
    return [{"userId": row["_id"], "user": names.get(row["_id"])} | {name: row[name] for name in sums} for row in best]


def people(ids: list[Any]) -> dict[Any, Document]:
    """Return who ``ids`` are, by id, as they stand beside things."""
    fields = {"username": 1, "fullName": 1, "avatar": 1, "isVerified": 1}
    found = User.collection().find({"_id": {"$in": ids}}, fields)
    return {user["_id"]: {"avatar": None} | user | {"isVerified": bool(user.get("isVerified"))} for user in found}
