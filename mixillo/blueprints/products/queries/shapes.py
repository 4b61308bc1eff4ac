"""A product as the API shows it: under the stored names and those of the clients, with what it refers to beside it."""

from functools import lru_cache
from typing import Any

from bson import Decimal128, ObjectId

from mixillo.blueprints.categories.queries import shelves
from mixillo.blueprints.products.models import CURRENCY, DRAFT
from mixillo.blueprints.products.queries.availability import available
from mixillo.blueprints.users.queries import people
from mixillo.core import money
from mixillo.core.db import database

Document = dict[str, Any]
# Projections and defaults in one: documents of the existing database lack fields that were added later.
CARD: Document = {
    "storeId": None,
    "sellerId": None,
    "name": "",
    "description": "",
    "price": 0,
    "compareAtPrice": None,
    "currency": CURRENCY,
    "stock": 0,
    "trackInventory": True,
    "images": [],
    "category": None,
    "subcategory": None,
    "tags": [],
    "brand": None,
    "hasVariants": False,
    "freeShipping": False,
    "viewsCount": 0,
    "salesCount": 0,
    "rating": 0,
    "reviewsCount": 0,
    "isFeatured": False,
    "createdAt": None,
    "updatedAt": None,
}
PAGE: Document = CARD | {
    "videoUrl": None,
    "variants": [],
    "weight": None,
    "dimensions": None,
    "shippingClass": None,
    "metaTitle": None,
    "metaDescription": None,
    "publishedAt": None,
}
# Nobody's business but the seller's and the administrators'.
PRIVATE: Document = {
    "sku": None,
    "reserved": 0,
    "lowStockThreshold": 10,
    "status": DRAFT,
    "isPublished": False,
    "totalRevenue": 0,
    "featuredUntil": None,
    "rejectionReason": None,
    "rejectedAt": None,
    "reviewedBy": None,
}
OWN: Document = PAGE | PRIVATE
# For lists to come in an order, its fields have to be read: the slug too, which falls back to the id.
CARD_FIELDS = dict.fromkeys([*CARD, "slug", "reserved"], 1)
PAGE_FIELDS = dict.fromkeys([*PAGE, "slug", "reserved"], 1)
OWN_FIELDS = dict.fromkeys([*OWN, "slug"], 1)
STORE: Document = {"name": "", "slug": None, "logo": None, "rating": 0, "isVerified": False}


def cards(products: list[Document]) -> list[Document]:
    """Return stored ``products`` as lists show them."""
    return _joined(products, CARD)


def page(product: Document) -> Document:
    """Return a stored ``product`` as its page shows it."""
    (shown,) = _joined([product], PAGE)
    return shown | _page(product)


def own(products: list[Document]) -> list[Document]:
    """Return stored ``products`` as their seller and administrators see them."""
    return [
        shown | _page(product, on_shelf=True) | _private(product)
        for shown, product in zip(_joined(products, OWN), products, strict=True)
    ]


def in_stock(product: Document) -> bool:
    """Return whether there is any to buy."""
    return available(product) != 0


def stores(store_ids: list[ObjectId]) -> dict[ObjectId, Document]:
    """Return the short forms of stores by id: what stands beside a product."""
    found = database()["stores"].find({"_id": {"$in": store_ids}}, dict.fromkeys(STORE, 1))
    return {store["_id"]: _store(store) for store in found}


def amount(value: Any, currency: str) -> float | None:
    """Return a stored price with its currency's decimals."""
    if value is None:
        return None
    return _shown(value.to_decimal() if isinstance(value, Decimal128) else value, currency)


@lru_cache(maxsize=8_192)  # prices repeat, and reckoning in decimals takes its time
def _shown(value: Any, currency: str) -> float:
    return money.shown(money.minor(value, currency), currency)


def _joined(products: list[Document], fields: Document) -> list[Document]:
    sellers = people.summaries(list({product["sellerId"] for product in products if product.get("sellerId")}))
    shops = stores(list({product["storeId"] for product in products if product.get("storeId")}))
    categories = shelves()
    return [
        _card(product, fields)
        | {
            "seller": sellers.get(product["sellerId"]) if product.get("sellerId") else None,
            "store": shops.get(product["storeId"]) if product.get("storeId") else None,
            "categoryInfo": categories.summary(product.get("category")),
        }
        for product in products
    ]


def _card(product: Document, fields: Document) -> Document:
    get = product.get
    shown = {name: get(name, default) for name, default in fields.items()}
    currency: str = shown["currency"] or CURRENCY
    price, before = amount(shown["price"], currency), amount(shown["compareAtPrice"], currency)
    images = [_image(image) for image in _in_order(shown["images"])]
    shown |= {
        "_id": product["_id"],
        "id": product["_id"],
        "slug": get("slug") or str(product["_id"]),
        "price": price,
        "compareAtPrice": before,
        "originalPrice": before,
        "discountPercent": round((before - price) / before * 100) if price and before and before > price else 0,
        "images": images,
        "imageUrls": [image["url"] for image in images],
        "imageUrl": images[0]["url"] if images else None,
        "stock": _countable(product),
        "inStock": in_stock(product),
        "rating": round(shown["rating"] or 0, 1),
        "reviewCount": shown["reviewsCount"],
        "featured": shown["isFeatured"],
    }
    return shown


def _page(product: Document, *, on_shelf: bool = False) -> Document:
    """Return what pages show beyond lists; of variants what can be bought, or what lies ``on_shelf``."""
    currency, price = product.get("currency") or CURRENCY, product.get("price")
    variants = [_variant(variant, price, currency) for variant in product.get("variants") or []]
    for shown in variants:
        if not on_shelf and shown["_id"]:
            shown["stock"] = _countable(product, shown["_id"], shown["stock"])
    return {"variants": variants, "dimensions": _dimensions(product.get("dimensions"))}


def _private(product: Document) -> Document:
    threshold: int = product.get("lowStockThreshold") or 0
    return {
        # What lies on the shelf, which is what its seller counts and changes; others see what they can buy of it.
        "stock": product.get("stock") or 0,
        "totalRevenue": amount(product.get("totalRevenue") or 0, product.get("currency") or CURRENCY),
        "isLowStock": product.get("trackInventory") is not False and _countable(product) <= threshold,
    }


def _countable(product: Document, variant_id: ObjectId | None = None, written: int | None = None) -> int:
    """Return how many there are to buy; where nobody counts, what is written down."""
    left = available(product, variant_id)
    return int(written or product.get("stock") or 0) if left is None else left


def _variant(variant: Document, price: Any, currency: str) -> Document:
    own_price = variant.get("price")
    of_product, of_variant = (
        money.minor(price, currency),
        money.minor(price if own_price is None else own_price, currency),
    )
    return {
        "_id": variant.get("_id"),
        "name": variant.get("name") or "",
        "value": variant.get("value") or "",
        "attributes": {variant.get("name") or "": variant.get("value") or ""},
        "price": money.shown(of_variant, currency),
        "priceAdjustment": money.shown(of_variant - of_product, currency),
        "stock": variant.get("stock") or 0,
        "sku": variant.get("sku"),
        "image": variant.get("image"),
    }


def _dimensions(stored: Document | None) -> Document | None:
    if not stored:
        return None
    return {name: stored.get(name) for name in ("length", "width", "height")} | {"unit": stored.get("unit") or "cm"}


def _image(image: Document) -> Document:
    return {"url": image.get("url") or "", "alt": image.get("alt"), "sortOrder": image.get("sortOrder") or 0}


def _in_order(images: list[Document] | None) -> list[Document]:
    return sorted(images or [], key=lambda image: image.get("sortOrder") or 0)


def _store(store: Document) -> Document:
    shown = {name: store.get(name, default) for name, default in STORE.items()}
    return {"_id": store["_id"], **shown, "rating": round(shown["rating"] or 0, 1)}
