"""An order as the API shows it: under the stored names and those of the mobile app."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.orders.models import DONE, PENDING, UNPAID
from mixillo.blueprints.orders.queries import parts
from mixillo.blueprints.users.queries import people
from mixillo.core import money

Document = dict[str, Any]
# Defaults: documents of the existing database lack fields that were added later.
SHOWN: Document = {
    "userId": None,
    "orderNumber": "",
    "currency": "USD",
    "couponCode": None,
    "shippingAddress": None,
    "billingAddress": None,
    "shippingMethod": None,
    "estimatedDelivery": None,
    "trackingNumber": None,
    "carrierName": None,
    "paymentMethod": None,
    "paymentStatus": UNPAID,
    "paymentId": None,
    "status": PENDING,
    "expiresAt": None,
    "paidAt": None,
    "shippedAt": None,
    "deliveredAt": None,
    "cancelledAt": None,
    "cancellationReason": None,
    "returnedAt": None,
    "returnReason": None,
    "customerNotes": None,
    "sellerId": None,
    "canReview": False,
    "createdAt": None,
    "updatedAt": None,
}
AMOUNTS = ("subtotal", "tax", "shipping", "discount", "total", "couponDiscount", "refundedAmount")
PART: Document = {
    "storeId": None,
    "sellerId": None,
    "status": PENDING,
    "carrier": None,
    "trackingNumber": None,
    "trackingUrl": None,
    "shippedAt": None,
    "deliveredAt": None,
    "cancelledAt": None,
    "returnedAt": None,
    "returnRequestedAt": None,
    "returnReason": None,
}
PART_AMOUNTS = ("goods", "discount", "shipping", "tax", "amount", "refunded")
ADDRESS = ("fullName", "phone", "addressLine1", "addressLine2", "city", "state", "postalCode", "country")
STEP: Document = {"status": PENDING, "timestamp": None, "note": None, "updatedBy": None, "storeId": None}


def whole(order: Document) -> Document:
    """Return a stored order as its buyer sees it."""
    currency = order.get("currency") or "USD"
    shown = {name: order.get(name, default) for name, default in SHOWN.items()}
    shown |= _amounts(order, AMOUNTS, currency)
    return {
        "_id": order["_id"],
        "id": order["_id"],
        **shown,
        "shippingAddress": _address(shown["shippingAddress"]),
        "billingAddress": _address(shown["billingAddress"]),
        "items": [_item(item, currency) for item in order.get("items") or []],
        "fulfilments": [_part(part, currency) for part in parts.of(order)],
        "statusHistory": [_step(step) for step in order.get("statusHistory") or []],
        "refunds": [_refund(refund, currency) for refund in order.get("refunds") or []],
        "orderDate": shown["createdAt"],
        "date": shown["createdAt"],
    }


def of_seller(order: Document, seller_id: ObjectId) -> Document:
    """Return a stored order as one of its sellers sees it: their part, as if that was all of it.

    How it is paid, and what others sold with it, is none of their business; the payout stands with the part.
    """
    currency = order.get("currency") or "USD"
    mine = [part for part in parts.of(order) if part.get("sellerId") == seller_id]
    stores = {part.get("storeId") for part in mine}
    items = [item for part in mine for item in parts.items_of(order, part)]
    shown = whole(order | {"items": items, "fulfilments": mine, "refunds": []})
    shown["fulfilments"] = [
        part | {"payout": _payout(own, currency)} for part, own in zip(shown["fulfilments"], mine, strict=True)
    ]
    shown["statusHistory"] = [step for step in shown["statusHistory"] if step["storeId"] in (None, *stores)]
    named = {"subtotal": "goods", "total": "amount", "refundedAmount": "refunded"}
    for name in AMOUNTS:
        place = named.get(name, "discount" if name == "couponDiscount" else name)
        units = sum(parts.units(part, place, currency) for part in mine)
        shown[name] = money.shown(units, currency)
    sent = next((part for part in mine if part.get("trackingNumber")), {})
    return shown | {
        "status": parts.status(mine),
        "sellerId": seller_id,
        "billingAddress": None,
        "paymentId": None,
        "couponCode": None,
        "expiresAt": None,
        "trackingNumber": sent.get("trackingNumber"),
        "carrierName": sent.get("carrier"),
        "returnReason": next((part["returnReason"] for part in mine if part.get("returnReason")), None),
    }


def with_buyers(orders: list[Document]) -> list[Document]:
    """Return stored orders as administrators see them: who bought beside each; ``null`` where the account is closed."""
    buyers = people.summaries([order["userId"] for order in orders])
    return [
        shown
        | {
            "user": buyers.get(order["userId"]),
            "fulfilments": [
                part | {"payout": _payout(own, shown["currency"])}
                for part, own in zip(shown["fulfilments"], parts.of(order), strict=True)
            ],
        }
        for order, shown in ((order, whole(order)) for order in orders)
    ]


def _item(item: Document, currency: str) -> Document:
    variant = item.get("variant") or {}
    return {
        "_id": item.get("_id"),
        "productId": item.get("productId"),
        "storeId": item.get("storeId"),
        "sellerId": item.get("sellerId"),
        "name": item.get("name") or "",
        "productName": item.get("name") or "",
        "image": item.get("image"),
        "productImage": item.get("image"),
        "quantity": item.get("quantity") or 0,
        "variantId": item.get("variantId"),
        "variant": {"name": str(variant.get("name") or ""), "value": str(variant.get("value") or "")}
        if variant
        else None,
        "variantName": str(variant.get("value") or "") or None,
    } | _amounts(item, ("price", "total", "discount"), currency)


def _part(part: Document, currency: str) -> Document:
    shown = {name: part.get(name, default) for name, default in PART.items()}
    return shown | _amounts(part, PART_AMOUNTS, currency)


def _payout(part: Document, currency: str) -> Document | None:
    """Return what a seller got for a part; ``None`` where that has not come yet."""
    payout = part.get("payout")
    if not payout:
        return None
    return _amounts(payout, ("amount", "commission", "net", "refunded"), currency) | {"at": payout["at"]}


def _refund(refund: Document, currency: str) -> Document:
    shown = {"reason": refund.get("reason"), "isDone": refund.get("state") == DONE, "at": refund.get("at")}
    return shown | _amounts(refund, ("amount",), currency)


def _step(step: Document) -> Document:
    return {name: step.get(name, default) for name, default in STEP.items()}


def _address(stored: Document | None) -> Document | None:
    return {name: stored.get(name) for name in ADDRESS} if stored else None


def _amounts(thing: Document, names: tuple[str, ...], currency: str) -> Document:
    return {name: money.shown(parts.units(thing, name, currency), currency) for name in names}
