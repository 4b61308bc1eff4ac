"""Products of any status, for their sellers and for administrators."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.categories.queries import shelves
from mixillo.blueprints.products.models import (
    ACTIVE,
    ARCHIVED,
    CURRENCY,
    DRAFT,
    NEWEST,
    PENDING,
    REJECTED,
    SOLD_OUT,
    Product,
)
from mixillo.blueprints.products.queries import shapes
from mixillo.blueprints.products.queries.catalogue import ProductNotFound, empty
from mixillo.blueprints.users.queries import people
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.core import money
from mixillo.core.db import database
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.core.slugs import ID, by_id_or_slug

Document = dict[str, Any]
# Under which name the clients' statistics know a status.
NAMED = {"active": ACTIVE, "draft": DRAFT, "pending": PENDING, "outOfStock": SOLD_OUT,
         "archived": ARCHIVED, "rejected": REJECTED}  # fmt: skip


def everything(query: Document) -> tuple[list[Document], Document]:
    """Return a page of all products, newest first; ``status``, ``category`` and ``search`` narrow it down."""
    where: Document = {}
    if "status" in query:
        where["status"] = query["status"]
    if "category" in query:
        category = shelves().find(query["category"])
        if category is None:
            return [], empty(query)
        where["category"] = category["_id"]
    return _named(where, query) if query.get("search") else _listed(where, query)


def of_seller(seller_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of what a seller offers or has offered, newest first; ``status`` narrows it down."""
    status = {"status": query["status"]} if "status" in query else {}
    return _listed({"sellerId": seller_id} | status, query)


def one(viewer: Viewer, text: str) -> Document:
    """Return a product of any status by its id or slug, to its seller and to administrators.

    :raises ProductNotFound: there is none, or it is somebody else's.
    """
    whose = {} if viewer.is_admin else {"sellerId": viewer.id}
    product = Product.collection().find_one(by_id_or_slug(text) | whose, shapes.OWN_FIELDS)
    if product is None:
        raise ProductNotFound
    return shapes.own([product])[0]


def statistics() -> dict[str, int]:
    """Return how many products there are, in all and by status."""
    group = {"_id": "$status", "count": {"$sum": 1}}
    stages: list[Document] = [{"$match": {"status": {"$in": [*NAMED.values()]}}}, {"$group": group}]
    counted = {each["_id"]: each["count"] for each in Product.collection().aggregate(stages)}
    found = {name: counted.get(status, 0) for name, status in NAMED.items()}
    return {"total": sum(found.values())} | found


def statistics_of(viewer: Viewer, seller_id: ObjectId) -> Document:
    """Return a seller's figures to themselves and to administrators: products, units sold, revenue by currency.

    :raises UserNotFound: there is no such person, or the viewer may not see this.
    """
    if viewer.id != seller_id and not (viewer.is_admin and people.summaries([seller_id])):
        raise UserNotFound
    group = {
        "_id": {"$ifNull": ["$currency", CURRENCY]},
        "total": {"$sum": 1},
        "active": {"$sum": {"$cond": [{"$eq": ["$status", ACTIVE]}, 1, 0]}},
        "sales": {"$sum": {"$ifNull": ["$salesCount", 0]}},
        "revenue": {"$sum": {"$toDecimal": {"$ifNull": ["$totalRevenue", 0]}}},
    }
    found = list(Product.collection().aggregate([{"$match": {"sellerId": seller_id}}, {"$group": group}]))
    revenue = {each["_id"]: _amount(each["revenue"], each["_id"]) for each in found}
    currency = max(revenue, key=lambda each: revenue[each], default=CURRENCY)
    return {
        "total": sum(each["total"] for each in found),
        "active": sum(each["active"] for each in found),
        "totalSales": sum(each["sales"] for each in found),
        "totalRevenue": revenue.get(currency, 0.0),
        "currency": currency,
        "revenueByCurrency": revenue,
    }


def store_of(seller_id: ObjectId) -> Document | None:
    """Return the id, name and status of a seller's store."""
    found: Document | None = database()["stores"].find_one({"sellerId": seller_id}, {"status": 1, "name": 1})
    return found


def _listed(where: Document, query: Document) -> tuple[list[Document], Document]:
    found, pagination = paginate(Product.collection(), where, query, sort=NEWEST, projection=shapes.OWN_FIELDS)
    return shapes.own(found), pagination


def _named(where: Document, query: Document) -> tuple[list[Document], Document]:
    """Return what has this id, number or slug, which are a few at most; words are looked for by the search."""
    text = query["search"]
    called = {"_id": ObjectId(text)} if ID.fullmatch(text) else {"$or": [{"sku": text}, {"slug": text}]}
    found = list(Product.collection().find(where | called, shapes.OWN_FIELDS))
    return shapes.own(found), empty(query) | {"total": len(found), "pages": 1}


def _amount(value: Any, currency: str) -> float:
    return money.shown(money.minor(value, currency), currency)
