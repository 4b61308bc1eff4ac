"""What carriers take along: kept with the part of the order, and in the collection of the existing system."""

from typing import Any

from mixillo.blueprints.orders.models import CARRIERS, DELIVERED, RETURNED, SHIPPED, Parcel
from mixillo.blueprints.orders.services.working import Work

Document = dict[str, Any]
# Under which name the carriers' documents know the status of a part.
NAMED = {SHIPPED: "in_transit", DELIVERED: "delivered", RETURNED: "returned"}
TOLD = {SHIPPED: "Handed to the carrier", DELIVERED: "Delivered", RETURNED: "Sent back"}


def shown(parts: list[Document]) -> Document:
    """Return number and carrier as they stand in the order itself: those of the first part that has any."""
    sent = next((part for part in parts if part.get("trackingNumber")), {})
    named = {"trackingNumber": sent.get("trackingNumber"), "carrierName": sent.get("carrier")}
    return {name: value for name, value in named.items() if value}


def write(work: Work, moved: list[Document]) -> None:
    """Write down that parts are on their way, or have arrived."""
    for part in moved:
        if part["status"] in NAMED:
            _write(work, part)


def _write(work: Work, part: Document) -> None:
    status, carrier = NAMED[part["status"]], part.get("carrier")
    fields = {
        "status": status,
        "carrier": carrier if carrier in CARRIERS else "Other",
        "trackingNumber": part.get("trackingNumber"),
        "trackingUrl": part.get("trackingUrl"),
        "shippedAt": part.get("shippedAt"),
        "deliveredAt": part.get("deliveredAt"),
        "estimatedDelivery": work.order.get("estimatedDelivery"),
        "updatedAt": work.now,
    }
    event = {"status": status, "timestamp": work.now, "description": TOLD[part["status"]], "storeId": part["storeId"]}
    where = {"orderId": work.id}
    told = {"events": {"$elemMatch": {"status": status, "storeId": part["storeId"]}}}
    known = Parcel.collection().find_one(where | told, ["_id"], session=work.session)
    update: Document = {
        "$set": {name: value for name, value in fields.items() if value is not None},
        "$setOnInsert": {"userId": work.order["userId"], "createdAt": work.now},
    }
    if not known:
        update["$push"] = {"events": event}
    Parcel.collection().update_one(where, update, upsert=True, session=work.session)
