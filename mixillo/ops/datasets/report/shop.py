"""The report's ten categories, and the one store with its three products."""

from datetime import datetime
from typing import NamedTuple

from mixillo.ops.datasets.documents import Document, DocumentFactory
from mixillo.ops.datasets.report.dates import LAUNCH, day


class Item(NamedTuple):
    name: str
    category: str
    price: float
    stock: int
    description: str


# The shop opened with the first of the seven days whose events the database holds.
OPENED = day(-6)
STORE_SLUG = "linen-and-clay"
CATEGORIES = (
    "Fashion", "Beauty", "Electronics", "Home & Living", "Sports",
    "Toys", "Books", "Food", "Art & Crafts", "Pets",
)  # fmt: skip
ITEMS = (
    Item("Washed Linen Throw", "Home & Living", 64.5, 18, "A throw of stonewashed linen, 130 by 170 cm."),
    Item("Speckled Stoneware Mug", "Home & Living", 22.95, 40, "Thrown and glazed by hand; holds 300 ml."),
    Item("Block Print Starter Kit", "Art & Crafts", 34.9, 12, "Two cutters, three blocks and black ink."),
)


def categories(make: DocumentFactory) -> list[Document]:
    """Return the ten categories; ``productsCount`` counts the products that ``products()`` makes."""
    return [
        make.stamped("categories", LAUNCH, _category(position, name)) for position, name in enumerate(CATEGORIES, 1)
    ]


def _category(position: int, name: str) -> Document:
    slug = _slug(name)
    return {
        "name": name,
        "slug": slug,
        "description": f"Everything in {name.lower()}",
        "icon": slug,
        "sortOrder": position,
        "isActive": True,
        "isFeatured": position < 5,
        "productsCount": sum(item.category == name for item in ITEMS),
    }


def stores(make: DocumentFactory, seller: Document, admin: Document) -> list[Document]:
    """Return the store of ``seller``, and write its id into the seller's document."""
    store = make.stamped("stores", OPENED, _store(seller, admin, OPENED))
    seller["storeId"] = store["_id"]
    return [store]


def _store(seller: Document, admin: Document, opened: datetime) -> Document:
    return {
        "sellerId": seller["_id"],
        "name": "Linen and Clay",
        "description": "Textiles and stoneware from a small studio in Utrecht.",
        "email": seller["email"],
        "address": {"city": "Utrecht", "country": "NL"},
        "businessType": "individual",
        "status": "active",
        "isVerified": True,
        "verifiedAt": opened,
        "productsCount": len(ITEMS),
        "totalSales": 0,
        "totalRevenue": 0,
        "rating": 0,
        "reviewsCount": 0,
        "followersCount": 0,
        "paymentMethods": ["card"],
        "shippingZones": [],
        "slug": STORE_SLUG,
        "isFeatured": False,
        "approvedBy": admin["_id"],
        "approvedAt": opened,
    }


def products(make: DocumentFactory, store: Document, shelves: list[Document]) -> list[Document]:
    """Return the three products of ``store``, each in one of the categories in ``shelves``."""
    category_ids = {shelf["name"]: shelf["_id"] for shelf in shelves}
    return [
        make.stamped("products", OPENED, _product(number, item, store) | {"category": category_ids[item.category]})
        for number, item in enumerate(ITEMS, 1)
    ]


def _product(number: int, item: Item, store: Document) -> Document:
    slug = _slug(item.name)
    picture = {"url": f"https://media.mixillo.example/{slug}.jpg", "alt": item.name, "sortOrder": 0}
    return {
        "storeId": store["_id"],
        "sellerId": store["sellerId"],
        "name": item.name,
        "description": item.description,
        "sku": f"LC-{number:04d}",
        "price": item.price,
        "currency": "EUR",
        "stock": item.stock,
        "lowStockThreshold": 10,
        "trackInventory": True,
        "images": [picture],
        "tags": item.name.lower().split(),
        "hasVariants": False,
        "variants": [],
        "freeShipping": False,
        "status": "active",
        "isPublished": True,
        "publishedAt": OPENED,
        "viewsCount": 0,
        "salesCount": 0,
        "totalRevenue": 0,
        "rating": 0,
        "reviewsCount": 0,
        "slug": f"{slug}-{number:06d}",
        "isFeatured": number == 1,
    }


def _slug(name: str) -> str:
    return "-".join(name.lower().replace("&", "and").split())
