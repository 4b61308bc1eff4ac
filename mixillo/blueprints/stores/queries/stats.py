"""All figures of one store together."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.products.models import STATUSES
from mixillo.blueprints.stores.queries import figures, pages
from mixillo.core.security import Viewer

Document = dict[str, Any]


def stats(viewer: Viewer, text: str, days: int) -> Document:
    """Return how the store of this id or slug does, to its seller and to administrators.

    :raises StoreNotFound: there is none, or it is somebody else's.
    """
    store = pages.managed(viewer, text)
    made = figures.of_products([store["_id"]]).get(store["_id"], figures.NONE)
    return {
        "storeId": store["_id"],
        "products": _by_status(store["_id"]),
        "productsOnSale": made["productsCount"],
        "totalSales": made["totalSales"],
        "rating": round(made["rating"], 1),
        "reviewsCount": made["reviewsCount"],
        "followersCount": store["followersCount"],
        **figures.of_orders(store["_id"], days),
    }


def _by_status(store_id: ObjectId) -> dict[str, int]:
    found = figures.grouped({"storeId": store_id}, {"_id": "$status", "count": {"$sum": 1}})
    counted = {each["_id"]: each["count"] for each in found}
    return {status: counted.get(status, 0) for status in STATUSES}
