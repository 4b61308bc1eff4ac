"""What the probe's own accounts have bought, and how it goes with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.orders.models import CASH, CONFIRMED
from mixillo.blueprints.orders.services.numbers import number
from mixillo.core import clock, money
from mixillo.core.db import database
from mixillo.ops.probes import accounts

PRICE, CURRENCY = 100, "USD"


def connect() -> None:
    """Let the probe's accounts have bought something from now on, and clear up after them."""
    accounts.provisioned.connect(_buy)
    accounts.removing.connect(_remove)


def _buy(_sender: Any, *, user_id: ObjectId) -> None:
    """Let an account have ordered something that never was: nobody sells it, and nobody waits to be paid."""
    now = clock.now()
    units = money.stored(PRICE, CURRENCY)
    amounts = {"goods": units, "amount": units}
    order = {
        "_id": ObjectId(),
        "userId": user_id,
        "orderNumber": number(now),
        "items": [{"_id": ObjectId(), "name": "For probing", "price": units, "quantity": 1, "total": units}],
        "fulfilments": [{"storeId": None, "sellerId": None, "status": CONFIRMED} | amounts],
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
    database()["orders"].insert_one(order)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    theirs = {"userId": {"$in": user_ids}}
    database["orders"].delete_many(theirs)
    database["shippings"].delete_many(theirs)
    database["couponuses"].delete_many(theirs)
