"""Indexes of categories, products, reviews, wishes and search terms; the entries and words of the product search.

What lists sort by is filled in where old documents lack it. A database without reviews gets their indexes with the
first of them, see ``INDEXES`` of the models.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

ON_SALE = {"isPublished": True}
NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
# A list's filter first, then its order, then what else it may be narrowed down by without reading the product.
ORDERS = {
    "createdAt": [*NEWEST, ("price", ASCENDING), ("rating", ASCENDING)],
    "price": [("price", ASCENDING), ("_id", ASCENDING), ("rating", ASCENDING)],
    "rating": [("rating", DESCENDING), ("_id", DESCENDING), ("price", ASCENDING)],
    "salesCount": [("salesCount", DESCENDING), ("_id", DESCENDING), ("price", ASCENDING), ("rating", ASCENDING)],
}
LISTS = {
    f"on_sale_{f'{field}_' if field else ''}{order}": [*([(field, ASCENDING)] if field else []), *keys]
    for field in ("", "category", "storeId")
    for order, keys in ORDERS.items()
}
COUNTED = [("isPublished", ASCENDING), ("status", ASCENDING), ("category", ASCENDING)]
PLAIN = {
    "all_newest": NEWEST,
    "all_newest_of_status": [("status", ASCENDING), *NEWEST],
    "all_newest_of_category": [("category", ASCENDING), *NEWEST],
    "newest_of_seller": [("sellerId", ASCENDING), *NEWEST],
    "newest_of_seller_and_status": [("sellerId", ASCENDING), ("status", ASCENDING), *NEWEST],
}
UNIQUE = {"categories": ("slug",), "products": ("sku", "slug")}
BOUGHT = [("items.productId", ASCENDING), ("userId", ASCENDING), ("status", ASCENDING)]
STORE_OF = [("sellerId", ASCENDING), ("status", ASCENDING)]
PAIRS = {
    "reviews": {
        "one_per_buyer": [("productId", ASCENDING), ("userId", ASCENDING)],
        "ratings": [("productId", ASCENDING), ("rating", ASCENDING)],
        "newest": [("productId", ASCENDING), *NEWEST],
        "most_helpful": [("productId", ASCENDING), ("helpfulCount", DESCENDING), ("_id", DESCENDING)],
    },
    "reviewvotes": {"one_per_person": [("reviewId", ASCENDING), ("userId", ASCENDING)]},
    "wishlists": {
        "one_per_product": [("userId", ASCENDING), ("productId", ASCENDING)],
        "newest": [("userId", ASCENDING), *NEWEST],
        "of_product": [("productId", ASCENDING)],
    },
}
SEARCH = {
    "words_popularity": [("words", ASCENDING), ("popularity", DESCENDING), ("_id", DESCENDING)],
    "labels_price": [("labels", ASCENDING), ("price", ASCENDING), ("_id", ASCENDING)],
    "labels_rating": [("labels", ASCENDING), ("rating", DESCENDING), ("_id", DESCENDING)],
    "labels_createdAt": [("labels", ASCENDING), *NEWEST],
    "builtAt": [("builtAt", ASCENDING)],
}
WORDS = {
    "starts": [("starts", ASCENDING), ("count", DESCENDING), ("_id", ASCENDING)],
    "near": [("near", ASCENDING)],
}


def upgrade(database: Database, ops: Database) -> None:
    """Fill in what is missing, and create the indexes."""
    products = database["products"]
    for field in ("rating", "salesCount", "viewsCount"):
        products.update_many({field: {"$exists": False}}, {"$set": {field: 0}})
    for name, keys in LISTS.items():
        products.create_index(keys, name=name, partialFilterExpression=ON_SALE)
    featured = ON_SALE | {"isFeatured": True}
    products.create_index(NEWEST, name="on_sale_featured", partialFilterExpression=featured)
    products.create_index(COUNTED, name="on_sale_counted")
    for name, keys in PLAIN.items():
        products.create_index(keys, name=name)
    for collection, fields in UNIQUE.items():
        for field in fields:
            _unique(database, collection, field, sparse=collection == "products")
    database["categories"].create_index("parentId")
    database["categories"].create_index([("sortOrder", ASCENDING), ("_id", ASCENDING)], name="in_order")
    database["orders"].create_index(BOUGHT, name="bought")
    database["stores"].create_index(STORE_OF, name="store_of")
    _terms(database)
    _pairs(database)
    for collection, indexes in (("productsearch", SEARCH), ("searchwords", WORDS)):
        for name, keys in indexes.items():
            ops[collection].create_index(keys, name=name)
    ops["productviews"].create_index("expiresAt", expireAfterSeconds=0)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what it filled in, and what the existing system has too, stays."""
    made = {
        "products": [*LISTS, "on_sale_featured", "on_sale_counted", *PLAIN],
        "categories": ["in_order"],
        "orders": ["bought"],
        "stores": ["store_of"],
    }
    made |= {collection: [*indexes] for collection, indexes in PAIRS.items()}
    for collection, names in made.items():
        for name in set(names) & set(database[collection].index_information()):
            database[collection].drop_index(name)
    for collection in ("productsearch", "searchwords", "productviews", "searchstate"):
        ops.drop_collection(collection)


def _unique(database: Database, collection: str, field: str, *, sparse: bool) -> None:
    """Make ``field`` unique, unless the existing system has; the names are those that Mongoose gives."""
    options: dict[str, Any] = {"sparse": True} if sparse else {}
    database[collection].create_index([(field, ASCENDING)], unique=True, **options)


def _terms(database: Database) -> None:
    """Forget terms after 30 days; the existing system's index of its own, where it is there, serves as well."""
    terms = database["searchqueries"]
    if not any("expireAfterSeconds" in index for index in terms.index_information().values()):
        terms.create_index("timestamp", name="forgotten", expireAfterSeconds=30 * 86_400)


def _pairs(database: Database) -> None:
    there = database.list_collection_names(filter={"name": {"$in": [*PAIRS]}})
    for collection in {*there, "wishlists"}:
        for name, keys in PAIRS[collection].items():
            database[collection].create_index(keys, name=name, unique=name.startswith("one_per"))
