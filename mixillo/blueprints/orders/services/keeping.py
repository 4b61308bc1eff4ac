"""Goods and coupons of an order: reserved for it, used up by it, free again without it."""

from collections.abc import Sequence
from typing import Any

from mixillo.blueprints.coupons.models import Coupon
from mixillo.blueprints.coupons.services import redeeming, validating
from mixillo.blueprints.coupons.services.discounts import Applied
from mixillo.blueprints.orders.models import CANCELLED, CONFIRMED, PENDING
from mixillo.blueprints.orders.queries import parts
from mixillo.blueprints.orders.services.working import Work
from mixillo.blueprints.products.services import stock
from mixillo.core import money
from mixillo.errors import AppError

Document = dict[str, Any]


def reserve(work: Work) -> None:
    """Keep the goods of an order from others.

    :raises OutOfStock: there is less of something than it needs.
    """
    counted = stock.reserve(work.goods(), work.session)
    for item in work.order["items"]:
        item["isCounted"] = item["productId"] in counted


def confirm(work: Work, note: str, *, is_paid: bool = False) -> None:
    """Sell what was reserved, and let the sellers begin."""
    stock.take(work.goods(), work.session)
    for part in work.parts:
        work.move(part, CONFIRMED, note)
    work.order.pop("expiresAt", None)
    if is_paid:
        work.order["paidAt"] = work.now


def cancel(work: Work, cancelled: Sequence[Document], reason: str) -> None:
    """Give up parts of an order, sold or only reserved; the coupons too when nothing else is left of it."""
    for part in cancelled:
        if work.order.get("isBooked"):
            free = stock.release if part["status"] == PENDING else stock.put_back
            free(work.goods(part), work.session)
        work.move(part, CANCELLED, reason)
    if parts.status(work.parts) == CANCELLED:
        work.order["cancellationReason"] = reason
        work.order.pop("expiresAt", None)
        redeeming.give_back(work.id, work.session)


def revive(work: Work) -> bool:
    """Reserve the goods of an order that had expired once more; return whether they and its coupons can be had."""
    coupons = _coupons(work)
    try:
        stock.check(work.goods(), work.session)
        for each in coupons:
            validating.check_in_force(_stored(each, work), work.order["userId"], work.session)
    except AppError:
        return False
    reserve(work)
    redeeming.redeem(coupons, work.order["userId"], work.id, work.session)
    for part in work.parts:
        part["status"] = PENDING
        part.pop("cancelledAt", None)
    for name in ("cancelledAt", "cancellationReason", "expiredAt"):
        work.order.pop(name, None)
    return True


def _coupons(work: Work) -> list[Applied]:
    return [
        Applied(each["couponId"], each["code"], money.minor(each["amount"], work.currency), work.currency)
        for each in work.order.get("coupons", [])
    ]


def _stored(applied: Applied, work: Work) -> Document:
    coupon = Coupon.collection().find_one({"_id": applied.coupon_id}, session=work.session)
    return coupon or validating.find(applied.code, work.session)
