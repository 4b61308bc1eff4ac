"""What an order of the demo costs, and its coupons.

Amounts are computed in cents and stored as numbers with two decimals. Tax is 10 %, shipping 5.99 and free
above 50.00; a coupon lowers the total.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from mixillo.core.money import stored
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

TAX_PERCENT, SHIPPING, FREE_ABOVE = 10, 599, 5000
COUPON_USED = 0.12


class Coupon(NamedTuple):
    code: str
    kind: str
    value: int
    minimum: int
    cap: int | None


COUPONS = (
    Coupon("WELCOME10", "percentage", 10, 30, 20),
    Coupon("SPRING15", "percentage", 15, 60, 30),
    Coupon("FIVEOFF", "fixed", 5, 25, None),
)


def amounts(world: World, subtotal: int) -> dict[str, Any]:
    """Return subtotal (given in cents), tax, shipping, discount and total as an order stores them."""
    tax = (subtotal * TAX_PERCENT + 50) // 100
    shipping = 0 if subtotal > FREE_ABOVE else SHIPPING
    coupon = world.pick(COUPONS) if world.chance(COUPON_USED) else None
    discount = _discount(coupon, subtotal) if coupon else 0
    fields: dict[str, Any] = {
        "subtotal": money(subtotal),
        "tax": money(tax),
        "shipping": money(shipping),
        "discount": money(discount),
        "total": money(subtotal + tax + shipping - discount),
        "couponDiscount": money(discount),
    }
    if coupon and discount:
        fields["couponCode"] = coupon.code
    return fields


def _discount(coupon: Coupon, subtotal: int) -> int:
    if subtotal < coupon.minimum * 100:
        return 0
    if coupon.kind == "fixed":
        return coupon.value * 100
    return min(subtotal * coupon.value // 100, (coupon.cap or 0) * 100)


def coupons(world: World, used: Sequence[Document]) -> list[Document]:
    """Return the coupons with the number of times that they were ``used``; the first is put forward."""
    return [
        world.make.stamped(
            "coupons",
            world.season,
            {
                "code": coupon.code,
                "type": coupon.kind,
                "value": coupon.value,
                "minPurchase": coupon.minimum,
                "maxDiscount": coupon.cap,
                "usageCount": sum(use["code"] == coupon.code for use in used),
                "validFrom": world.season,
                "validUntil": world.moment + timedelta(days=90),
                "isActive": True,
                "isPublic": True,
                "isFeatured": coupon is COUPONS[0],
                "applicableProducts": [],
                "applicableCategories": [],
            },
        )
        for coupon in COUPONS
    ]


def uses(world: World, placed: Sequence[Document]) -> list[Document]:
    """Return the orders that coupons were used for; cancelled ones gave theirs back."""
    return [
        world.make.dated(
            "couponuses",
            order["createdAt"],
            {
                "userId": order["userId"],
                "orderId": order["_id"],
                "code": order["couponCode"],
                "amount": stored(cents(order["couponDiscount"]), order["currency"]),
                "currency": order["currency"],
            },
        )
        for order in placed
        if "couponCode" in order and order["status"] != "cancelled"
    ]


def name_coupons(used: Sequence[Document], made: Sequence[Document]) -> None:
    """Let what was ``used`` name the coupons by their ids."""
    ids = {coupon["code"]: coupon["_id"] for coupon in made}
    for use in used:
        use["couponId"] = ids[use["code"]]


def cents(amount: float) -> int:
    return round(amount * 100)


def money(amount_in_cents: int) -> float:
    return amount_in_cents / 100
