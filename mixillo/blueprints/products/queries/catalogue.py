"""What is on sale: lists in every order that clients ask for, single products, and what goes with them.

Each list names its index: left to itself the database prefers to sort in memory where few products match.
"""

from typing import Any

from bson import Decimal128, ObjectId

from mixillo.blueprints.categories.queries import shelves
from mixillo.blueprints.products.models import ON_SALE, Product
from mixillo.blueprints.products.queries import shapes
from mixillo.core import clock
from mixillo.core.db import database, hinted
from mixillo.core.kept import kept
from mixillo.core.pagination import paginate
from mixillo.core.slugs import by_id_or_slug
from mixillo.errors import NotFound

Document = dict[str, Any]
SORTS = {"createdAt": "createdAt", "price": "price", "rating": "rating", "salesCount": "salesCount"}
NEWEST = "-createdAt"
ORDERS = [sign + name for name in SORTS for sign in ("-", "")]
SECONDS_COUNTED = 30.0
# Of a list that is narrowed down nobody reads the last page; counting on would cost more than the list.
MOST_COUNTED = 10_000


class ProductNotFound(NotFound):
    """There is no such product, or none that the viewer may see."""

    code, title = "product_not_found", "There is no such product"


def on_sale(query: Document) -> tuple[list[Document], Document]:
    """Return a page of what is on sale and its ``pagination``, whose ``total`` may be half a minute old.

    An unknown category leaves nothing. ``total`` of a list that is narrowed down is counted up to ``MOST_COUNTED``.
    """
    where, prefix = filters(query)
    if where is None:
        return [], empty(query)
    field, direction = ordered(query["sortBy"])
    found, pagination = paginate(
        Product.collection(), where, query | {"total": False}, sort=[(field, direction), ("_id", direction)],
        projection=shapes.CARD_FIELDS, hint=f"on_sale_{prefix}{field}",
    )  # fmt: skip
    if query["total"] and not query.get("cursor"):
        total = kept(("products.total", repr(where)), SECONDS_COUNTED, lambda: _count(where))
        pagination |= {"total": total, "pages": -(-total // query["limit"])}
    return shapes.cards(found), pagination


def featured(limit: int) -> list[Document]:
    """Return what is put forward now, the newest first."""
    now = clock.now()
    forward = {"isFeatured": True, "$or": [{"featuredUntil": None}, {"featuredUntil": {"$gt": now}}]}
    return _first(forward, [("createdAt", -1), ("_id", -1)], limit, "on_sale_featured")


def best_sellers(limit: int) -> list[Document]:
    """Return what was sold most often."""
    return _first({"salesCount": {"$gt": 0}}, [("salesCount", -1), ("_id", -1)], limit, "on_sale_salesCount")


def find(text: str, fields: Document) -> Document:
    """Return the stored product on sale that has this id or slug.

    :raises ProductNotFound: there is none.
    """
    product = Product.collection().find_one(by_id_or_slug(text) | ON_SALE, fields)
    if product is None:
        raise ProductNotFound
    return product


def related(text: str, limit: int) -> list[Document]:
    """Return what goes with a product: the best sold of its category first, then others of its store.

    :raises ProductNotFound: there is no such product on sale.
    """
    product = find(text, {"category": 1, "storeId": 1})
    popular = [("salesCount", -1), ("_id", -1)]
    found: list[Document] = []
    for name, prefix in (("category", "category_"), ("storeId", "storeId_")):
        if len(found) < limit and product.get(name):
            where = {name: product[name], "_id": {"$nin": [product["_id"], *(each["_id"] for each in found)]}}
            found += _stored(where, popular, limit - len(found), f"on_sale_{prefix}salesCount")
    return shapes.cards(found)


def by_ids(product_ids: list[ObjectId]) -> dict[ObjectId, Document]:
    """Return those of ``product_ids`` that are on sale, as lists show them, by id."""
    found = list(Product.collection().find({"_id": {"$in": product_ids}} | ON_SALE, shapes.CARD_FIELDS))
    return {card["_id"]: card for card in shapes.cards(found)}


def filters(query: Document) -> tuple[Document | None, str]:
    """Return the filter of ``query`` (``None`` where nothing can match) and the prefix of the indexes that serve it."""
    where: Document = {**ON_SALE, **_ranges(query)}
    prefix = ""
    if "category" in query:
        category = shelves().find(query["category"])
        if category is None:
            return None, prefix
        where["category"], prefix = {"$in": shelves().within(category["_id"])}, "category_"
    store_id = query.get("storeId") or _store_of(query.get("sellerId"))
    if "storeId" in query or "sellerId" in query:
        if store_id is None:
            return None, prefix
        where["storeId"], prefix = store_id, "storeId_"
    if "sellerId" in query:
        where["sellerId"] = query["sellerId"]
    return where, prefix


def ordered(sort_by: str) -> tuple[str, int]:
    """Return the field and direction of ``-price`` or ``price``."""
    return SORTS[sort_by.lstrip("-")], -1 if sort_by.startswith("-") else 1


def stocked(wanted: bool) -> Document:
    """Return the filter of what there is, or is not, to buy."""
    tracked = {"trackInventory": {"$ne": False}}
    return (
        {"$or": [{"stock": {"$gt": 0}}, {"trackInventory": False}]}
        if wanted
        else {"stock": {"$not": {"$gt": 0}}} | tracked
    )


def _ranges(query: Document) -> Document:
    where: Document = {}
    for name, operator, field in (
        ("minPrice", "$gte", "price"), ("maxPrice", "$lte", "price"), ("minRating", "$gte", "rating"),
    ):  # fmt: skip
        if name in query:
            where.setdefault(field, {})[operator] = Decimal128(query[name])
    return where | (stocked(query["inStock"]) if "inStock" in query else {})


def _store_of(seller_id: ObjectId | None) -> ObjectId | None:
    """Return the one store that a seller has."""
    store = database()["stores"].find_one({"sellerId": seller_id}, {"_id": 1}) if seller_id else None
    return store and store["_id"]


def _first(where: Document, sort: list[tuple[str, int]], limit: int, hint: str) -> list[Document]:
    return shapes.cards(_stored(where, sort, limit, hint))


def _stored(where: Document, sort: list[tuple[str, int]], limit: int, hint: str) -> list[Document]:
    where = ON_SALE | where
    return hinted(
        lambda index: list(Product.collection().find(where, shapes.CARD_FIELDS, sort=sort, limit=limit, hint=index)),
        hint,
    )


def _count(where: Document) -> int:
    if where == ON_SALE:
        return hinted(lambda index: _counted(where, {"hint": index} if index else {}), "on_sale_counted")
    return _counted(where, {"limit": MOST_COUNTED})


def _counted(where: Document, options: Document) -> int:
    return Product.collection().count_documents(where, **options)


def empty(query: Document) -> Document:
    """Return the ``pagination`` of a list that nothing can be in."""
    return {
        "limit": query["limit"], "hasMore": False, "nextCursor": None, "page": query["page"], "total": 0, "pages": 0,
    }  # fmt: skip
