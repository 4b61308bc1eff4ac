"""Indexes of orders and parcels; the parts of orders from before: one, which is all of the order."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.database import Database

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
LISTS: dict[str, list[tuple[str, int]]] = {
    "newest": NEWEST,
    "newest_of_status": [("status", ASCENDING), *NEWEST],
    "newest_of_payment": [("paymentStatus", ASCENDING), *NEWEST],
    "newest_of_buyer": [("userId", ASCENDING), *NEWEST],
    "newest_of_buyer_and_status": [("userId", ASCENDING), ("status", ASCENDING), *NEWEST],
    "newest_of_seller": [("fulfilments.sellerId", ASCENDING), *NEWEST],
    "newest_of_seller_and_status": [
        ("fulfilments.sellerId", ASCENDING), ("fulfilments.status", ASCENDING), *NEWEST,
    ],
    "counted": [
        ("status", ASCENDING), ("paymentStatus", ASCENDING), ("currency", ASCENDING), ("total", ASCENDING),
        ("refundedAmount", ASCENDING),
    ],
}  # fmt: skip
# Few at any time: those that wait to be paid, and those of which the payment provider is to be asked something.
WAITING = {"unpaid": "expiresAt", "refund_due": "refundDueAt"}
BATCH = 500
PART = {"status": "status", "goods": "subtotal", "discount": "discount", "shipping": "shipping", "tax": "tax",
        "amount": "total", "carrier": "carrierName", "sellerId": "sellerId"}  # fmt: skip
CARRIED = ("trackingNumber", "shippedAt", "deliveredAt", "cancelledAt", "returnedAt", "returnReason")


def upgrade(database: Database, ops: Database) -> None:
    """Fill in what is missing, and create the indexes."""
    orders = database["orders"]
    changes = []
    for order in orders.find({"fulfilments": {"$exists": False}}):
        changes.append(UpdateOne({"_id": order["_id"]}, {"$set": {"fulfilments": [_part(order)]}}))
        if len(changes) == BATCH:
            orders.bulk_write(changes, ordered=False)
            changes = []
    if changes:
        orders.bulk_write(changes, ordered=False)
    for name, keys in LISTS.items():
        orders.create_index(keys, name=name)
    for name, field in WAITING.items():
        orders.create_index([(field, ASCENDING)], name=name, sparse=True)
    # The names are those that Mongoose gives: the existing system has them.
    orders.create_index([("orderNumber", ASCENDING)], unique=True)
    database["shippings"].create_index([("orderId", ASCENDING)], unique=True)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what it filled in, and what the existing system has too, stays."""
    orders = database["orders"]
    for name in {*LISTS, *WAITING} & set(orders.index_information()):
        orders.drop_index(name)


def _part(order: dict[str, Any]) -> dict[str, Any]:
    items = order.get("items") or [{}]
    part = {"storeId": items[0].get("storeId")} | {name: order.get(field) for name, field in PART.items()}
    return part | {name: order[name] for name in CARRIED if name in order}
