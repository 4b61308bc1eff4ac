"""What was bought, paid and given, by the rows of orders, payments, wallets and gifts. Money is in ``CURRENCY``."""

from typing import Any

from mixillo.blueprints.analytics.queries.days.day import Day, PersonsFigures, single
from mixillo.blueprints.gifts.models import COMPLETED as GIVEN
from mixillo.blueprints.gifts.models import LIVESTREAM, GiftTransaction
from mixillo.blueprints.orders.models import CANCELLED, DELIVERED, PAID, PARTLY_REFUNDED, PENDING, REFUNDED, Order
from mixillo.blueprints.payments.models import COIN_PURCHASE, CREDIT_PURCHASE, SUBSCRIPTION, Payment
from mixillo.blueprints.wallets.models import Transaction
from mixillo.core import money
from mixillo.core.money import COINS

Document = dict[str, Any]
# Amounts of several currencies do not add up; those of others are beside, by currency.
CURRENCY = "USD"
WAS_PAID = (PAID, PARTLY_REFUNDED, REFUNDED)
SPENT_ON = ("gift_sent", "tip", "subscription")
TOP = 5


def _decimal(name: str) -> Document:
    return {"$toDecimal": {"$ifNull": [f"${name}", 0]}}


def _if(condition: Document, value: Any = 1) -> Document:
    return {"$sum": {"$cond": [condition, value, 0]}}


def _amount(value: Any, currency: str = CURRENCY) -> int | float:
    return money.shown(money.minor(value, currency), currency)


_PAID = {"$in": ["$paymentStatus", WAS_PAID]}
_OURS = {"$eq": [{"$ifNull": ["$currency", CURRENCY]}, CURRENCY]}


def orders_of_persons(day: Day) -> PersonsFigures:
    """Yield how much each person ordered, and spent on what is paid."""
    group = {
        "_id": "$userId", "orders": {"$sum": 1}, "spent": _if({"$and": [_PAID, _OURS]}, _decimal("total")),
        "paid": _if({"$and": [_PAID, _OURS]}),
    }  # fmt: skip
    for row in Order.collection().aggregate([{"$match": {"createdAt": day.bounds}}, {"$group": group}]):
        spent = _amount(row["spent"])
        yield (
            row["_id"],
            {
                "shopping.ordersPlaced": row["orders"],
                "shopping.totalSpent": spent,
                "shopping.avgOrderValue": round(spent / row["paid"], 2) if row["paid"] else 0,
            },
        )


def coins_of_persons(day: Day) -> PersonsFigures:
    """Yield how many coins each person bought and spent, and how many they had at last."""
    changed = {"createdAt": day.bounds, "currency": COINS, "status": "completed"}
    group = {
        "_id": "$userId",
        "purchased": _if({"$and": [{"$eq": ["$type", COIN_PURCHASE]}, {"$gt": ["$amount", 0]}]}, "$amount"),
        "spent": _if({"$in": ["$type", SPENT_ON]}, {"$multiply": ["$amount", -1]}),
        "balance": {"$top": {"sortBy": {"createdAt": -1, "_id": -1}, "output": "$balanceAfter"}},
    }
    stages: list[Document] = [{"$match": changed}, {"$group": group}]
    for row in Transaction.collection().aggregate(stages, allowDiskUse=True):
        if row["_id"] is not None:
            names = ("purchased", "spent", "balance")
            yield row["_id"], {f"credits.{name}": _amount(row[name], COINS) for name in names}
    paid = {"createdAt": day.bounds, "type": {"$in": [COIN_PURCHASE, CREDIT_PURCHASE]}, "completedAt": {"$ne": None}}
    totals = {"_id": "$userId", "paid": _if(_OURS, _decimal("amount"))}
    for row in Payment.collection().aggregate([{"$match": paid}, {"$group": totals}]):
        yield row["_id"], {"credits.paid": _amount(row["paid"])}


def gifts_of_persons(day: Day) -> PersonsFigures:
    """Yield how many gifts each person gave and received, and for how many coins."""
    names = {"senderId": ("giftsSent", "totalSpent", "totalCost"),
             "recipientId": ("giftsReceived", "totalReceived", "creatorEarnings")}  # fmt: skip
    for who, (pieces, coins, amount) in names.items():
        group = {"_id": f"${who}", "pieces": {"$sum": "$quantity"}, "coins": {"$sum": f"${amount}"}}
        for row in GiftTransaction.collection().aggregate([_given(day), {"$group": group}]):
            yield row["_id"], {
                f"gifting.{pieces}": int(row["pieces"]), f"gifting.{coins}": _amount(row["coins"], COINS)
            }  # fmt: skip


def _given(day: Day) -> Document:
    return {"$match": {"status": GIVEN, "createdAt": day.bounds}}


def orders(day: Day) -> Document:
    """Return ``{total, completed, pending, cancelled, avgValue}`` of the orders placed on ``day``, as they are now."""
    group = {
        "_id": None, "total": {"$sum": 1}, "paid": _if({"$and": [_PAID, _OURS]}),
        "value": _if({"$and": [_PAID, _OURS]}, _decimal("total")),
        **{status: _if({"$eq": ["$status", status]}) for status in (DELIVERED, PENDING, CANCELLED)},
    }  # fmt: skip
    found = single(Order.collection(), {"$match": {"createdAt": day.bounds}}, {"$group": group})
    if not found:
        return {"total": 0, "completed": 0, "pending": 0, "cancelled": 0, "avgValue": 0}
    average = round(_amount(found["value"]) / found["paid"], 2) if found["paid"] else 0
    return {
        "total": found["total"], "completed": found[DELIVERED], "pending": found[PENDING],
        "cancelled": found[CANCELLED], "avgValue": average,
    }  # fmt: skip


def sold(day: Day) -> int:
    """Return how many pieces the paid orders of ``day`` have."""
    bought = {"createdAt": day.bounds, "paymentStatus": {"$in": WAS_PAID}}
    group = {"_id": None, "pieces": {"$sum": "$items.quantity"}}
    found = single(Order.collection(), {"$match": bought}, {"$unwind": "$items"}, {"$group": group})
    return int(found.get("pieces", 0))


def revenue(day: Day) -> Document:
    """Return what people paid: ``{total, credits, products, subscriptions, commissions, avgOrderValue, byCurrency}``.

    ``commissions`` is the house's share of what sellers have been paid out of the orders of ``day`` since.
    """
    parts: dict[str, dict[str, int]] = {}
    for name, rows in (("products", _paid_orders(day)), ("payments", _paid(day))):
        for row in rows:
            kind = row["_id"].get("kind") or name
            kind = {COIN_PURCHASE: "credits", CREDIT_PURCHASE: "credits", SUBSCRIPTION: "subscriptions"}.get(kind, kind)
            currency = row["_id"]["currency"]
            sums = parts.setdefault(currency, {})
            sums[kind] = sums.get(kind, 0) + money.minor(row["amount"], currency)
    ours = parts.get(CURRENCY, {})
    named = {name: money.shown(ours.get(name, 0), CURRENCY) for name in ("credits", "products", "subscriptions")}
    total = {currency: money.shown(sum(sums.values()), currency) for currency, sums in parts.items()}
    return {
        "total": total.get(CURRENCY, 0), **named, "commissions": _commissions(day),
        "avgOrderValue": orders(day)["avgValue"], "byCurrency": total,
    }  # fmt: skip


def _paid_orders(day: Day) -> Any:
    bought = {"createdAt": day.bounds, "paymentStatus": {"$in": WAS_PAID}}
    group = {"_id": {"currency": {"$ifNull": ["$currency", CURRENCY]}}, "amount": {"$sum": _decimal("total")}}
    return Order.collection().aggregate([{"$match": bought}, {"$group": group}])


def _paid(day: Day) -> Any:
    """Return what was paid for other things than orders."""
    kinds = [COIN_PURCHASE, CREDIT_PURCHASE, SUBSCRIPTION]
    taken = {"type": {"$in": kinds}, "createdAt": day.bounds, "completedAt": {"$ne": None}}
    group = {
        "_id": {"kind": "$type", "currency": {"$ifNull": ["$currency", CURRENCY]}},
        "amount": {"$sum": _decimal("amount")},
    }
    return Payment.collection().aggregate([{"$match": taken}, {"$group": group}])


def _commissions(day: Day) -> int | float:
    bought = {"createdAt": day.bounds, "fulfilments.payout.commission": {"$exists": True}}
    stages: list[Document] = [
        {"$match": bought},
        {"$match": {"$expr": _OURS}},
        {"$unwind": "$fulfilments"},
        {"$group": {"_id": None, "amount": {"$sum": _decimal("fulfilments.payout.commission")}}},
    ]
    found = single(Order.collection(), *stages)
    return _amount(found.get("amount"))


def transactions(day: Day) -> Document:
    """Return how many rows wallets got, by status."""
    counted: list[Document] = [
        {"$match": {"createdAt": day.bounds}},
        {"$group": {"_id": "$status", "count": {"$sum": 1}}},
    ]
    found = {row["_id"]: row["count"] for row in Transaction.collection().aggregate(counted)}
    names = ("completed", "pending", "failed", "refunded")
    return {"total": sum(found.values())} | {name: found.get(name, 0) for name in names}


def coins(day: Day) -> Document:
    """Return what happened with coins: ``{purchased, spent, gifted, totalRevenue, avgPackageSize}``."""
    changed = {"createdAt": day.bounds, "currency": COINS, "status": "completed"}
    bought = {"$and": [{"$eq": ["$type", COIN_PURCHASE]}, {"$gt": ["$amount", 0]}]}
    group = {
        "_id": None, "purchased": _if(bought, "$amount"), "purchases": _if(bought),
        "spent": _if({"$in": ["$type", SPENT_ON]}, {"$multiply": ["$amount", -1]}),
        "gifted": _if({"$eq": ["$type", "gift_sent"]}, {"$multiply": ["$amount", -1]}),
    }  # fmt: skip
    found = single(Transaction.collection(), {"$match": changed}, {"$group": group})
    sums = {name: _amount(found.get(name), COINS) for name in ("purchased", "spent", "gifted")}
    average = round(sums["purchased"] / found["purchases"], 1) if found.get("purchases") else 0
    return sums | {"totalRevenue": revenue(day)["credits"], "avgPackageSize": average}


def gifts(day: Day) -> Document:
    """Return what was given: ``{sent, totalValue, uniqueSenders, uniqueReceivers, avgGiftValue, topGifts}``."""
    group = {"_id": {"sender": "$senderId", "to": "$recipientId", "gift": "$giftId"},
             "pieces": {"$sum": "$quantity"}, "coins": {"$sum": "$totalCost"},
             "name": {"$last": "$giftName"}}  # fmt: skip
    rows = list(GiftTransaction.collection().aggregate([_given(day), {"$group": group}], allowDiskUse=True))
    kinds: dict[Any, Document] = {}
    for row in rows:
        gift = row["_id"].get("gift")
        kind = kinds.setdefault(gift, {"giftId": gift, "name": row["name"], "count": 0, "revenue": 0})
        kind["count"] += int(row["pieces"])
        kind["revenue"] += int(row["coins"])
    sent, value = sum(kind["count"] for kind in kinds.values()), sum(kind["revenue"] for kind in kinds.values())
    return {
        "sent": sent, "totalValue": value,
        "uniqueSenders": len({row["_id"]["sender"] for row in rows}),
        "uniqueReceivers": len({row["_id"]["to"] for row in rows}),
        "avgGiftValue": round(value / sent, 1) if sent else 0,
        "topGifts": sorted(kinds.values(), key=lambda kind: (-kind["count"], str(kind["giftId"])))[:TOP],
    }  # fmt: skip


def given_in_streams(day: Day) -> int:
    """Return how many gifts were given in livestreams."""
    stages: list[Document] = [
        _given(day),
        {"$match": {"context": LIVESTREAM}},
        {"$group": {"_id": None, "n": {"$sum": "$quantity"}}},
    ]
    return int(single(GiftTransaction.collection(), *stages).get("n", 0))
