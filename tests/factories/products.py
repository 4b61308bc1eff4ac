"""Stores, categories, products, and orders that brought them."""

from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.categories.models import Category
from mixillo.blueprints.products.models import ACTIVE, Product
from mixillo.core import clock
from tests.factories.users import make_user

_numbers = count(1)
Document = dict[str, Any]


def make_category(db: Database, name: str = "Home", **fields: Any) -> Document:
    """Store a category and return the document; ``fields`` are stored as given."""
    slug = fields.pop("slug", None) or f"{name.lower().replace(' ', '-')}-{next(_numbers)}"
    document = Category(id=ObjectId(), name=name, slug=slug).to_mongo().to_dict() | fields
    db["categories"].insert_one(document)
    return document


def make_store(db: Database, seller: Document | None = None, **fields: Any) -> Document:
    """Store an active store, with a seller of its own unless one is given, and return the document."""
    seller = seller or make_user(db, role="seller")
    number = next(_numbers)
    document = {
        "_id": ObjectId(), "sellerId": seller["_id"], "name": f"Store {number}", "slug": f"store-{number}",
        "status": "active", "isVerified": True, "rating": 4.25, "createdAt": clock.now(),
    } | fields  # fmt: skip
    db["stores"].insert_one(document)
    return document


def make_product(db: Database, store: Document | None = None, **fields: Any) -> Document:
    """Store a product on sale, in a store of its own unless one is given, and return the document."""
    if store is None and "storeId" not in fields:
        store = make_store(db)
    number = next(_numbers)
    made = Product(
        id=ObjectId(), storeId=(store or {}).get("_id"), sellerId=(store or {}).get("sellerId"), name=f"Thing {number}",
        description="A thing to have.", price=12.5, stock=10, status=ACTIVE, isPublished=True, slug=f"thing-{number}",
    )  # fmt: skip
    document = {key: value for key, value in (made.to_mongo().to_dict() | fields).items() if value is not ...}
    db["products"].insert_one(document)
    return document


def make_order(db: Database, buyer: Document, product: Document, **fields: Any) -> ObjectId:
    """Store an order that brought ``product`` and return its id."""
    order = {
        "userId": buyer["_id"], "orderNumber": f"ORD-{next(_numbers)}", "status": "delivered",
        "items": [{"productId": product["_id"], "quantity": 1}],
    }  # fmt: skip
    return db["orders"].insert_one(order | fields).inserted_id
