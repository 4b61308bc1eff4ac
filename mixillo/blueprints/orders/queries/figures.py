"""How many orders there are, and what they brought."""

from datetime import timedelta
from typing import Any

from mixillo.blueprints.orders.models import PAID, PARTLY_REFUNDED, STATUSES, Order
from mixillo.core import clock, money
from mixillo.core.db import hinted
from mixillo.core.kept import kept

Document = dict[str, Any]
SECONDS_KEPT = 30.0
HINT = "counted_by_paid"


def statistics() -> Document:
    """Return how many orders there are: in all, by status, in the last 24 hours; and revenue by currency.

    The revenue is what was paid and not given back; ``revenue`` is that in ``currency``, the one with most. It may be
    half a minute old.
    """
    return kept("orders.statistics", SECONDS_KEPT, _count)


def _count() -> Document:
    group = {
        "_id": {"status": "$status", "paymentStatus": "$paymentStatus", "currency": {"$ifNull": ["$currency", "USD"]}},
        "count": {"$sum": 1},
        # Orders from before do not say what was paid: it was all.
        "paid": {"$sum": {"$toDecimal": {"$ifNull": ["$paidAmount", "$total", 0]}}},
        "refunded": {"$sum": {"$toDecimal": {"$ifNull": ["$refundedAmount", 0]}}},
    }
    stages: list[Document] = [{"$match": {"status": {"$in": [*STATUSES]}}}, {"$group": group}]
    counted = dict.fromkeys(STATUSES, 0)
    revenue: dict[str, int] = {}
    groups = hinted(lambda index: _groups(stages, {"hint": index} if index else {}), HINT)
    for each in groups:
        key = each["_id"]
        counted[key["status"]] += each["count"]
        if key["paymentStatus"] in (PAID, PARTLY_REFUNDED):
            units = money.minor(each["paid"], key["currency"]) - money.minor(each["refunded"], key["currency"])
            revenue[key["currency"]] = revenue.get(key["currency"], 0) + units
    since = {"createdAt": {"$gte": clock.now() - timedelta(days=1)}}
    currency = max(revenue, key=lambda each: revenue[each], default="USD")
    return {
        "total": sum(counted.values()),
        **counted,
        "today": Order.collection().count_documents(since),
        "revenue": money.shown(revenue.get(currency, 0), currency),
        "currency": currency,
        "revenueByCurrency": {each: money.shown(units, each) for each, units in revenue.items()},
    }


def _groups(stages: list[Document], options: Document) -> list[Document]:
    return list(Order.collection().aggregate(stages, **options))
