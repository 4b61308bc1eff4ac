"""Where an order is: its parcels, and what has happened to it so far."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.orders.models import Parcel
from mixillo.blueprints.orders.queries import orders, parts
from mixillo.core.clock import timestamp
from mixillo.core.security import Viewer

Document = dict[str, Any]
PARCEL = ("storeId", "status", "carrier", "trackingNumber", "trackingUrl", "shippedAt", "deliveredAt")
TOLD = {
    "pending": "Order placed",
    "confirmed": "Order confirmed",
    "processing": "Being prepared",
    "shipped": "Handed to the carrier",
    "delivered": "Delivered",
    "cancelled": "Cancelled",
    "returned": "Sent back",
}


def of(viewer: Viewer, order_id: ObjectId) -> Document:
    """Return the tracking of an order as the viewer may see it; the latest event first.

    Carriers may tell more than sellers do: what the existing system's documents about parcels hold stands among it.
    These are about the whole order: nothing of them is for a seller who has a part in it.

    :raises OrderNotFound: there is none, or it is somebody else's.
    """
    stored = orders.stored(viewer, str(order_id))
    order = orders.shown_to(viewer, stored)
    is_whole = len(order["fulfilments"]) == len(parts.of(stored))
    parcel = (Parcel.collection().find_one({"orderId": order_id}) if is_whole else None) or {}
    sent: Document = next((part for part in order["fulfilments"] if part["trackingNumber"]), {})
    events = [_event(step["status"], step["timestamp"], step["note"]) for step in order["statusHistory"]]
    events += [
        _event(event.get("status"), event.get("timestamp"), event.get("description"), event.get("location"))
        for event in parcel.get("events") or []
        if "storeId" not in event  # ours stand in the history
    ]
    dated = [event for event in events if event["timestamp"]]
    return {
        "orderId": order["_id"],
        "orderNumber": order["orderNumber"],
        "status": order["status"],
        "carrier": order["carrierName"] or parcel.get("carrier"),
        "trackingNumber": order["trackingNumber"] or parcel.get("trackingNumber"),
        "trackingUrl": sent.get("trackingUrl") or parcel.get("trackingUrl"),
        "currentLocation": parcel.get("currentLocation"),
        "estimatedDelivery": order["estimatedDelivery"],
        "deliveredAt": order["deliveredAt"],
        "parcels": [{name: part[name] for name in PARCEL} for part in order["fulfilments"]],
        "events": sorted(dated, key=lambda event: timestamp(event["timestamp"]))[::-1],
    }


def _event(status: Any, at: Any, text: str | None, location: str | None = None) -> Document:
    return {
        "status": status or "",
        "timestamp": at,
        "description": text or TOLD.get(status or "", ""),
        "location": location,
    }
