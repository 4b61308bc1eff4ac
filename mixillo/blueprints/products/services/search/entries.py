"""What of a product is searched, and how widely it is known."""

import math
from bisect import bisect_right
from typing import Any

from mixillo.blueprints.categories.queries import shelves
from mixillo.blueprints.products.models import CURRENCY
from mixillo.blueprints.products.queries import shapes
from mixillo.blueprints.products.services.search.engine import BANDS, Entry
from mixillo.blueprints.products.services.search.words import words

Document = dict[str, Any]
READ = dict.fromkeys(
    ("name", "description", "tags", "brand", "subcategory", "category", "storeId", "sellerId", "price", "currency",
     "rating", "reviewsCount", "salesCount", "viewsCount", "stock", "reserved", "trackInventory",
     "createdAt"), 1,
)  # fmt: skip
MAX_TEXT_WORDS = 100


def entry(product: Document) -> Entry:
    """Return what is searched of a stored product on sale."""
    name = words(product.get("name") or "")
    category = shelves().summary(product.get("category")) or {"name": ""}
    labelled = [product.get("brand"), product.get("subcategory"), category["name"], *(product.get("tags") or [])]
    labels = _without(words(" ".join(filter(None, labelled))), name)
    text = _without(words(product.get("description") or "")[:MAX_TEXT_WORDS], name, labels)
    return Entry(product["_id"], name, labels, text, _fields(product))


def popularity(product: Document) -> int:
    """Return how widely a product is known, in coarse steps: it orders what the words alone leave equal."""
    sold, seen = (math.log2(1 + max(0, product.get(name) or 0)) for name in ("salesCount", "viewsCount"))
    praised = (product.get("rating") or 0) * math.log2(1 + (product.get("reviewsCount") or 0))
    return round(8 * sold + 2 * praised + seen)


def _fields(product: Document) -> Document:
    price = shapes.amount(product.get("price") or 0, product.get("currency") or CURRENCY) or 0.0
    return {
        "category": product.get("category"),
        "storeId": product.get("storeId"),
        "sellerId": product.get("sellerId"),
        "brand": product.get("brand"),
        "price": price,
        "band": bisect_right(BANDS, price) - 1,
        "rating": product.get("rating") or 0,
        "inStock": shapes.in_stock(product),
        "createdAt": product.get("createdAt"),
        "popularity": popularity(product),
    }


def _without(found: list[str], *others: list[str]) -> list[str]:
    known = {word for other in others for word in other}
    return [word for word in found if word not in known]
