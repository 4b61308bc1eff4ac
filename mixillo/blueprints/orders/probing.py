"""What the probe's own accounts have bought and are about to buy, and how it goes with them.

They sell it to themselves, so that nobody else is bothered.
"""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.cart.models import Cart
from mixillo.blueprints.orders.models import CASH, CONFIRMED
from mixillo.blueprints.orders.services import telling
from mixillo.blueprints.orders.services.numbers import number
from mixillo.blueprints.orders.stories import STORIES
from mixillo.blueprints.products.models import ACTIVE, Product
from mixillo.blueprints.wallets.models import TRANSFERS
from mixillo.core import clock, money
from mixillo.core.db import database
from mixillo.ops.probes import accounts, scenarios

NAME, PRICE, CURRENCY, STOCK = "For probing an order", 100, "USD", 1_000
Document = dict[str, Any]


def connect() -> None:
    """Let the probe's accounts have bought something from now on, and clear up after them."""
    accounts.provisioned.connect(_provide)
    accounts.removing.connect(_remove)
    telling.order_changed.connect(_fill_again)
    for story in STORIES:
        scenarios.declare(story)


def _provide(_sender: Any, *, user_id: ObjectId) -> None:
    """Let an account have an order, and something in its cart."""
    product = Product(
        id=ObjectId(),
        sellerId=user_id,
        name=NAME,
        description=NAME,
        price=money.stored(PRICE, CURRENCY),
        stock=STOCK,
        status=ACTIVE,
        isPublished=True,
        slug=f"probe-{user_id}",
    )
    database()["products"].insert_one(product.to_mongo().to_dict())
    database()["orders"].insert_one(_order(user_id))
    _fill(user_id, product.id)


def _fill(user_id: ObjectId, product_id: ObjectId) -> None:
    now = clock.now()
    item = {"_id": ObjectId(), "productId": product_id, "quantity": 1, "addedAt": now}
    update = {"$set": {"items": [item], "updatedAt": now}, "$setOnInsert": {"createdAt": now}}
    Cart.collection().update_one({"userId": user_id}, update, upsert=True)


def _fill_again(_sender: Any, *, order: Document, occasion: str, **_more: Any) -> None:
    """Put what an account has ordered into its cart once more: there is more than one way to order it."""
    items = order.get("items") or [{}]
    if occasion == telling.PLACED and items[0].get("name") == NAME and items[0].get("sellerId") == order["userId"]:
        _fill(order["userId"], items[0]["productId"])


def _order(user_id: ObjectId) -> Document:
    """Return an order that never was: it is nobody's but its buyer's, and no money is in it."""
    now, units = clock.now(), money.stored(PRICE, CURRENCY)
    amounts = {"goods": units, "amount": units}
    return {
        "_id": ObjectId(),
        "userId": user_id,
        "orderNumber": number(now),
        "items": [{"_id": ObjectId(), "name": NAME, "price": units, "quantity": 1, "total": units}],
        "fulfilments": [{"storeId": None, "sellerId": user_id, "status": CONFIRMED} | amounts],
        "subtotal": units,
        "total": units,
        "currency": CURRENCY,
        "paymentMethod": CASH,
        "isBooked": True,
        "status": CONFIRMED,
        "statusHistory": [{"status": CONFIRMED, "timestamp": now}],
        "createdAt": now,
        "updatedAt": now,
    }


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove what they bought; of its money, what only the house moved, as the rest goes with their wallets."""
    theirs = {"userId": {"$in": user_ids}}
    for order in database["orders"].find(theirs, {"_id": 1}):
        ops[TRANSFERS].delete_many({"_id": {"$gte": f"order:{order['_id']}:", "$lt": f"order:{order['_id']};"}})
    for name in ("orders", "shippings", "couponuses"):
        database[name].delete_many(theirs)
