"""How a store does: made of its products and of the orders that brought something of it."""

from collections import Counter
from datetime import timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.products.models import ON_SALE, Product
from mixillo.core import clock, money
from mixillo.core.db import database, hinted

Document = dict[str, Any]
# What is paid for, wholly or but for what was given back.
PAID = ("paid", "partially_refunded")
CURRENCY = "USD"
INDEX = "figures_of_store"
NONE: Document = {"productsCount": 0, "totalSales": 0, "rating": 0, "reviewsCount": 0}


def of_products(store_ids: list[ObjectId] | None = None) -> dict[ObjectId, Document]:
    """Return what is on sale, was sold and is thought of it (mean of all reviews), by store; all without ids."""
    where = {"storeId": {"$in": store_ids}} if store_ids is not None else {"storeId": {"$gt": ObjectId("0" * 24)}}
    reviews = {"$ifNull": ["$reviewsCount", 0]}
    on_sale = {"$and": [{"$eq": ["$isPublished", True]}, {"$in": ["$status", ON_SALE["status"]["$in"]]}]}
    group = {
        "_id": "$storeId",
        "products": {"$sum": {"$cond": [on_sale, 1, 0]}},
        "sales": {"$sum": {"$ifNull": ["$salesCount", 0]}},
        "reviews": {"$sum": reviews},
        "stars": {"$sum": {"$multiply": [{"$ifNull": ["$rating", 0]}, reviews]}},
    }
    return {each["_id"]: _figures(each) for each in grouped(where, group)}


def grouped(where: Document, group: Document) -> list[Document]:
    """Return products grouped by what an index holds, so that none of them is read."""
    stages: list[Document] = [{"$match": where}, {"$group": group}]

    def read(hint: str | None) -> list[Document]:
        options: Document = {"hint": hint} if hint else {}
        return list(Product.collection().aggregate(stages, **options))

    return hinted(read, INDEX)


def of_orders(store_id: ObjectId, days: int) -> Document:
    """Return the orders of the last ``days`` that brought something of a store.

    How many by status, and what was paid: units and, by currency, the goods alone (no shipping, tax, order discounts).
    """
    counts, units, revenue = Counter[str](), 0, Counter[str]()
    for group in database()["orders"].aggregate(_stages(store_id, days)):
        found = group["_id"]
        counts[found["status"]] += group["orders"]
        if found["isPaid"]:
            units += group["units"]
            revenue[found["currency"]] += money.minor(group["goods"], found["currency"])
    shown = {currency: money.shown(amount, currency) for currency, amount in sorted(revenue.items())}
    currency = max(revenue, key=lambda each: revenue[each], default=CURRENCY)
    return {
        "days": days,
        "orders": counts.total(),
        "ordersByStatus": dict(sorted(counts.items())),
        "unitsSold": units,
        "revenue": shown.get(currency, 0.0),
        "currency": currency,
        "revenueByCurrency": shown,
    }


def _figures(group: Document) -> Document:
    reviews = group["reviews"]
    stars = float(str(group["stars"])) / reviews if reviews else 0
    return {
        "productsCount": group["products"],
        "totalSales": group["sales"],
        "rating": stars,
        "reviewsCount": reviews,
    }


def _stages(store_id: ObjectId, days: int) -> list[Document]:
    mine = {"input": "$items", "as": "each", "cond": {"$eq": ["$$each.storeId", store_id]}}
    # Of an order with parts, that of this store; of one from before, the order itself.
    part = {"input": {"$ifNull": ["$fulfilments", []]}, "as": "each", "cond": {"$eq": ["$$each.storeId", store_id]}}
    total = {"$toDecimal": {"$ifNull": ["$$each.total", {"$multiply": ["$$each.price", "$$each.quantity"]}]}}
    given_back = {"$in": [{"$ifNull": [{"$first": "$part.status"}, "$status"]}, ["cancelled", "returned"]]}
    return [
        {"$match": {"items.storeId": store_id, "createdAt": {"$gte": clock.now() - timedelta(days=days)}}},
        {"$set": {"items": {"$filter": mine}, "part": {"$filter": part}}},
        {"$project": {
            "status": {"$ifNull": [{"$first": "$part.status"}, "$status"]},
            "isPaid": {"$and": [{"$in": ["$paymentStatus", [*PAID]]}, {"$not": given_back}]},
            "currency": {"$ifNull": ["$currency", CURRENCY]},
            "units": {"$sum": "$items.quantity"},
            "goods": {"$sum": {"$map": {"input": "$items", "as": "each", "in": total}}},
        }},
        {"$group": {
            "_id": {"status": "$status", "isPaid": "$isPaid", "currency": "$currency"},
            "orders": {"$sum": 1},
            "units": {"$sum": "$units"},
            "goods": {"$sum": "$goods"},
        }},
    ]  # fmt: skip
