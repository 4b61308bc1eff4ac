"""How coupons are used, in all. Figures may be half a minute old."""

from typing import Any

from mixillo.blueprints.coupons.models import Coupon, CouponUse
from mixillo.core import clock, money
from mixillo.core.kept import kept

Document = dict[str, Any]
SECONDS_KEPT = 30.0


def statistics() -> Document:
    """Return how many coupons there are, how many can be used now, how often all were, and what they took off."""
    return kept(("coupons.statistics",), SECONDS_KEPT, _counted)


def _counted() -> Document:
    now = clock.now()
    closed = {"$and": [{"$ne": [{"$ifNull": ["$validUntil", None]}, None]}, {"$lte": ["$validUntil", now]}]}
    group = {
        "_id": "$isActive",
        "count": {"$sum": 1},
        "expired": {"$sum": {"$cond": [closed, 1, 0]}},
        "uses": {"$sum": {"$ifNull": ["$usageCount", 0]}},
    }
    stages: list[Document] = [{"$match": {"isActive": {"$in": [True, False]}}}, {"$group": group}]
    by_state = {each["_id"]: each for each in Coupon.collection().aggregate(stages)}
    on = by_state.get(True, {"count": 0, "expired": 0})
    return {
        "total": sum(each["count"] for each in by_state.values()),
        "active": on["count"] - on["expired"],
        "expired": sum(each["expired"] for each in by_state.values()),
        "inactive": by_state.get(False, {"count": 0})["count"],
        "uses": sum(each["uses"] for each in by_state.values()),
        "discounts": _discounts(),
    }


def _discounts() -> Document:
    """Return what coupons took off, by currency."""
    stages: list[Document] = [
        {"$match": {"currency": {"$in": [*money.FIAT]}}},
        {"$group": {"_id": "$currency", "amount": {"$sum": "$amount"}}},
    ]
    found = CouponUse.collection().aggregate(stages)
    return {each["_id"]: money.shown(money.minor(each["amount"], each["_id"]), each["_id"]) for each in found}
