"""The parts of an order, one for each store: what follows from them, and what they are of orders from before."""

from collections.abc import Sequence
from typing import Any

from mixillo.blueprints.orders.models import (
    CANCELLED,
    CONFIRMED,
    DELIVERED,
    PENDING,
    PROCESSING,
    RETURNED,
    SHIPPED,
)
from mixillo.core import money

Document = dict[str, Any]
WAY = (PENDING, CONFIRMED, PROCESSING, SHIPPED, DELIVERED, RETURNED)
MOMENTS = {SHIPPED: "shippedAt", DELIVERED: "deliveredAt", CANCELLED: "cancelledAt", RETURNED: "returnedAt"}
CARRIED = ("trackingNumber", "trackingUrl", "returnReason", *MOMENTS.values())


def of(order: Document) -> list[Document]:
    """Return the parts of a stored order; of one from before there is one part, which is all of it."""
    if order.get("fulfilments"):
        parts: list[Document] = order["fulfilments"]
        return parts
    items = order.get("items") or [{}]
    whole = {
        "storeId": items[0].get("storeId"),
        "sellerId": order.get("sellerId"),
        "status": order.get("status") or PENDING,
        "goods": order.get("subtotal"),
        "discount": order.get("discount"),
        "shipping": order.get("shipping"),
        "tax": order.get("tax"),
        "amount": order.get("total"),
        "carrier": order.get("carrierName"),
    }
    return [whole | {name: order[name] for name in CARRIED if name in order}]


def items_of(order: Document, part: Document) -> list[Document]:
    """Return the items that are in a part."""
    if len(of(order)) == 1:
        return list(order.get("items") or [])
    return [item for item in order["items"] if (item["storeId"], item["sellerId"]) == key(part)]


def key(part: Document) -> tuple[Any, Any]:
    """Return what tells the parts of an order apart."""
    return part.get("storeId"), part.get("sellerId")


def status(parts: Sequence[Document]) -> str:
    """Return the status of an order: that of its least advanced part that was not cancelled."""
    alive = [part["status"] for part in parts if part["status"] != CANCELLED]
    return min(alive, key=WAY.index) if alive else CANCELLED


def units(thing: Document, name: str, currency: str) -> int:
    """Return an amount of an order, a part or an item in minor units."""
    return money.minor(thing.get(name), currency)


def left(part: Document, currency: str) -> int:
    """Return what was not given back of a part, in minor units."""
    return units(part, "amount", currency) - units(part, "refunded", currency)
