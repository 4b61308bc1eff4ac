"""From what a cart costs to an order: its items, its parts by store, its amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bson import ObjectId

from mixillo.blueprints.cart.services.quoting import Line, Quote
from mixillo.blueprints.orders.models import PENDING
from mixillo.blueprints.orders.services.numbers import number
from mixillo.core import money

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants to buy what is in their cart.

    ``token`` is what the payment provider knows their means of payment by. ``expected`` is the total that they were
    shown, in units of the currency.
    """

    method: str
    address: Document
    billing: Document | None = None
    token: str | None = None
    codes: tuple[str, ...] = ()
    shipping_method: str | None = None
    notes: str | None = None
    expected: Decimal | None = None


def draft(order_id: ObjectId, buyer_id: ObjectId, wish: Wish, quote: Quote, now: datetime) -> Document:
    """Return the order that ``quote`` leads to, unpaid, with nothing of it reserved yet."""
    parts = _parts(quote)
    sellers = {part["sellerId"] for part in parts}
    described = quote.shipping_method or {}
    amounts = {name: getattr(quote, name) for name in ("subtotal", "tax", "shipping", "discount", "total")}
    order = {
        "_id": order_id,
        "userId": buyer_id,
        "orderNumber": number(now),
        "items": [_item(line, quote.currency) for line in quote.lines],
        "fulfilments": parts,
        **{name: money.stored(units, quote.currency) for name, units in amounts.items()},
        "currency": quote.currency,
        "couponCode": quote.coupons[0].code if quote.coupons else None,
        "couponDiscount": money.stored(quote.discount, quote.currency),
        "coupons": [
            {"couponId": each.coupon_id, "code": each.code, "amount": money.stored(each.amount, quote.currency)}
            for each in quote.coupons
        ],
        "shippingAddress": wish.address,
        "billingAddress": wish.billing,
        "shippingMethod": described.get("code"),
        "estimatedDelivery": now + timedelta(days=int(described.get("estimatedDays") or 0)),
        "paymentMethod": wish.method,
        "paymentStatus": PENDING,
        "paidAmount": money.stored(0, quote.currency),
        "refundedAmount": money.stored(0, quote.currency),
        "refunds": [],
        "isBooked": True,
        "status": PENDING,
        "statusHistory": [],
        "customerNotes": wish.notes,
        "sellerId": sellers.pop() if len(sellers) == 1 else None,
        "canReview": False,
        "createdAt": now,
        "updatedAt": now,
    }
    return {name: value for name, value in order.items() if value is not None}


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """Return ``amount`` in parts as large as ``weights``, equal ones where these are nothing; the sum is exact."""
    weights = weights if sum(weights) else [1] * len(weights)
    whole, so_far, given, found = sum(weights), 0, 0, []
    for weight in weights:
        so_far += weight
        found.append(amount * so_far // whole - given)
        given += found[-1]
    return found


def _parts(quote: Quote) -> list[Document]:
    """Return one part for each store; tax and shipping are spread by what the goods cost after discounts."""
    lines: dict[tuple[ObjectId | None, ObjectId], list[Line]] = {}
    for line in quote.lines:
        lines.setdefault((line.store_id, line.seller_id), []).append(line)
    goods = [sum(line.total for line in each) for each in lines.values()]
    discounts = [sum(line.discount for line in each) for each in lines.values()]
    net = [whole - discount for whole, discount in zip(goods, discounts, strict=True)]
    spread = zip(lines, goods, discounts, shares(quote.shipping, net), shares(quote.tax, net), strict=True)
    return [
        {"storeId": store_id, "sellerId": seller_id, "status": PENDING}
        | _amounts(quote.currency, goods=whole, discount=discount, shipping=shipping, tax=tax,
                   amount=whole - discount + shipping + tax, refunded=0)
        for (store_id, seller_id), whole, discount, shipping, tax in spread
    ]  # fmt: skip


def _item(line: Line, currency: str) -> Document:
    return {
        "_id": line.id,
        "productId": line.product_id,
        "variantId": line.variant_id,
        "storeId": line.store_id,
        "sellerId": line.seller_id,
        "name": line.name,
        "quantity": line.quantity,
        "variant": line.variant,
        "image": line.image,
        "isCounted": False,
    } | _amounts(currency, price=line.price, total=line.total, discount=line.discount)


def _amounts(currency: str, **units: int) -> Document:
    return {name: money.stored(each, currency) for name, each in units.items()}
