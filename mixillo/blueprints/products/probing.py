"""What the probe's sellers need to sell, and how it goes with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.products.models import ACTIVE, CURRENCY, Product, Review, ReviewVote, Wish
from mixillo.blueprints.products.services.search.mongo import MongoEngine
from mixillo.core import clock, money
from mixillo.core.db import database
from mixillo.ops.probes import accounts


def connect() -> None:
    """Open stores for the probe's sellers from now on, and clear up after them."""
    accounts.provisioned.connect(_open)
    accounts.removing.connect(_remove)


def _open(_sender: Any, *, user_id: ObjectId) -> None:
    """Open a store for a seller, with something on sale in it: what they offer themselves waits for approval."""
    seller = database()["users"].find_one({"_id": user_id, "role": "seller"}, {"username": 1})
    if seller is None:
        return
    name, now = seller["username"], clock.now()
    store = {"_id": ObjectId(), "sellerId": user_id, "name": name, "slug": name, "status": ACTIVE, "createdAt": now}
    database()["stores"].insert_one(store)
    product = Product(
        id=ObjectId(),
        storeId=store["_id"],
        sellerId=user_id,
        name=name,
        description="For probing",
        price=money.stored(100, CURRENCY),
        stock=1,
        slug=name,
        status=ACTIVE,
        isPublished=True,
    )
    Product.collection().insert_one(product.to_mongo().to_dict())


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove what they offered with what hangs on it, their stores, and what they searched for."""
    theirs = {"sellerId": {"$in": user_ids}}
    name = Product.collection().name
    offered = [product["_id"] for product in database[name].find(theirs, {"_id": 1})]
    reviews = [r["_id"] for r in database[Review.collection().name].find({"productId": {"$in": offered}}, {"_id": 1})]
    database[ReviewVote.collection().name].delete_many({"reviewId": {"$in": reviews}})
    for belonging in (Review, Wish):
        database[belonging.collection().name].delete_many({"productId": {"$in": offered}})
    database[name].delete_many(theirs)
    database["stores"].delete_many(theirs)
    MongoEngine().put([], offered)
    database["searchqueries"].delete_many({"userId": {"$in": user_ids}})
