"""Which stores there are: the open ones for everybody, all of them for administrators, one's own."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.products.queries import catalogue
from mixillo.blueprints.stores.models import ACTIVE, NEWEST, STATUSES, Store, StoreFollow
from mixillo.blueprints.stores.queries import shapes
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.core.slugs import ID, by_id_or_slug, slugify
from mixillo.errors import NotFound

Document = dict[str, Any]
SORTS = ("createdAt", "followersCount", "rating", "totalSales")
ORDERS = [f"-{name}" for name in SORTS]
BY_SLUG = [("slug", 1)]
LAST_CHARACTER = "\uffff"
MOST_PRODUCTS = 12


class StoreNotFound(NotFound):
    """There is no such store, or none that the viewer may see."""

    code, title = "store_not_found", "There is no such store"


def open_ones(query: Document) -> tuple[list[Document], Document]:
    """Return a page of open stores and its ``pagination``.

    ``search`` (the beginning of a name, or an id) orders them by name, else ``sortBy`` does.
    """
    where = {"status": ACTIVE} | {name: query[name] for name in ("isVerified", "isFeatured") if name in query}
    if query.get("search"):
        found, pagination = _named(where, query, shapes.CARD_FIELDS)
    else:
        found, pagination = _listed(where, query, query["sortBy"].lstrip("-"), shapes.CARD_FIELDS)
    return shapes.cards(found), pagination


def everything(query: Document) -> tuple[list[Document], Document]:
    """Return a page of stores of every status, newest first; ``status`` and ``search`` narrow it down."""
    where = {"status": query["status"]} if "status" in query else {}
    if query.get("search"):
        found, pagination = _named(where, query, shapes.OWN_FIELDS)
    else:
        found, pagination = _listed(where, query, "createdAt", shapes.OWN_FIELDS)
    return shapes.own(found), pagination


def page(text: str, viewer: Viewer | None) -> Document:
    """Return the page of the open store of this id or slug: ``{store, products}``, the newest of what it sells.

    :raises StoreNotFound: there is none.
    """
    store = find(text)
    shown = shapes.page(store) | {"isFollowing": viewer is not None and is_following(viewer.id, store["_id"])}
    query = {"storeId": store["_id"], "sortBy": catalogue.NEWEST, "limit": MOST_PRODUCTS, "page": 1, "total": False}
    products, _ = catalogue.on_sale(query)
    return {"store": shown, "products": products}


def products(text: str, query: Document) -> tuple[list[Document], Document]:
    """Return a page of what the open store of this id or slug sells, and its ``pagination``.

    :raises StoreNotFound: there is none.
    """
    return catalogue.on_sale(query | {"storeId": find(text)["_id"]})


def find(text: str) -> Document:
    """Return the stored open store of this id or slug.

    :raises StoreNotFound: there is none.
    """
    found: Document | None = Store.collection().find_one(by_id_or_slug(text) | {"status": ACTIVE}, shapes.PAGE_FIELDS)
    if found is None:
        raise StoreNotFound
    return found


def managed(viewer: Viewer, text: str) -> Document:
    """Return a store of any status by its id or slug, to its seller and to administrators.

    :raises StoreNotFound: there is none, or it is somebody else's.
    """
    whose = {} if viewer.is_admin else {"sellerId": viewer.id}
    return _own(by_id_or_slug(text) | whose)


def of_seller(seller_id: ObjectId) -> Document:
    """Return somebody's own store.

    :raises StoreNotFound: they have none.
    """
    return _own({"sellerId": seller_id})


def followed(user_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the open stores that somebody follows, the latest first, and its ``pagination``.

    What is closed is left out, so that a page may be shorter than its limit.
    """
    follows, pagination = paginate(
        StoreFollow.collection(), {"userId": user_id}, query, sort=NEWEST, projection={"storeId": 1, "createdAt": 1}
    )
    where = {"_id": {"$in": [each["storeId"] for each in follows]}, "status": ACTIVE}
    found = shapes.cards(list(Store.collection().find(where, shapes.CARD_FIELDS)))
    by_id = {store["_id"]: store for store in found}
    return [by_id[each["storeId"]] for each in follows if each["storeId"] in by_id], pagination


def is_following(user_id: ObjectId, store_id: ObjectId) -> bool:
    """Return whether somebody follows a store."""
    return StoreFollow.collection().find_one({"userId": user_id, "storeId": store_id}, ["_id"]) is not None


def statistics() -> dict[str, int]:
    """Return how many stores there are, in all and by status."""
    stages: list[Document] = [
        {"$match": {"status": {"$in": [*STATUSES]}}},
        {"$group": {"_id": "$status", "count": {"$sum": 1}}},
    ]
    counted = {each["_id"]: each["count"] for each in Store.collection().aggregate(stages)}
    found = {status: counted.get(status, 0) for status in STATUSES}
    return {"total": sum(found.values())} | found


def _own(where: Document) -> Document:
    found = Store.collection().find_one(where, shapes.OWN_FIELDS)
    if found is None:
        raise StoreNotFound
    return shapes.own([found])[0]


def _listed(where: Document, query: Document, field: str, fields: list[str]) -> tuple[list[Document], Document]:
    hint = f"of_status_{field}" if "status" in where else f"all_{field}"
    sort = [(field, -1), ("_id", -1)]
    return paginate(Store.collection(), where, query, sort=sort, projection=dict.fromkeys(fields, 1), hint=hint)


def _named(where: Document, query: Document, fields: list[str]) -> tuple[list[Document], Document]:
    text = query["search"]
    if ID.fullmatch(text):
        found = list(Store.collection().find({"_id": ObjectId(text)} | where, fields))
        return found, catalogue.empty(query) | {"total": len(found), "pages": len(found)}
    start = slugify(text)
    if not start:
        return [], catalogue.empty(query)
    where = where | {"slug": {"$gte": start, "$lt": start + LAST_CHARACTER}}
    return paginate(Store.collection(), where, query, sort=BY_SLUG, projection=dict.fromkeys(fields, 1), hint="slug_1")
