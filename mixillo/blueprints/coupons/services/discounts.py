"""What coupons are worth: pure reckoning in minor units, exact to the last one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bson import ObjectId

from mixillo.blueprints.categories.queries import shelves
from mixillo.blueprints.coupons.models import PERCENTAGE
from mixillo.core import money

Document = dict[str, Any]


class Goods(Protocol):
    """What a coupon looks at of a line: the product, its category, and what the line costs."""

    @property
    def product_id(self) -> ObjectId: ...
    @property
    def category(self) -> ObjectId | None: ...
    @property
    def total(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Applied:
    """A coupon and what it takes off, in minor units of ``currency``."""

    coupon_id: ObjectId
    code: str
    amount: int
    currency: str


def reckon(coupons: Sequence[Document], lines: Sequence[Goods], currency: str) -> tuple[tuple[Applied, ...], list[int]]:
    """Return what each of ``coupons`` takes off, and what all of them take off each of ``lines``.

    The next coupon looks at what the ones before have left to pay, so that together they never take off more than
    there is, neither of the whole nor of a line.
    """
    left = [line.total for line in lines]
    applied = []
    for coupon in coupons:
        chosen = [number for number, line in enumerate(lines) if is_for(coupon, line)]
        amount = worth(coupon, sum(left[number] for number in chosen), currency)
        for number, share in zip(chosen, spread(amount, [left[number] for number in chosen]), strict=True):
            left[number] -= share
        applied.append(Applied(coupon["_id"], coupon["code"], amount, currency))
    return tuple(applied), [line.total - rest for line, rest in zip(lines, left, strict=True)]


def worth(coupon: Document, base: int, currency: str) -> int:
    """Return what ``coupon`` takes off goods for ``base``: never more than that."""
    if coupon["type"] != PERCENTAGE:
        return min(money.minor(coupon["value"], currency), base)
    amount = money.percentage(base, money.decimal(coupon["value"]))
    cap = coupon.get("maxDiscount")
    return min(amount, base if cap is None else money.minor(cap, currency))


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Return ``amount``, which is not more than all ``weights``, in parts as large as they; the sum is exact."""
    whole, so_far, given, parts = sum(weights), 0, 0, []
    for weight in weights:
        so_far += weight
        upto = amount * so_far // whole if whole else 0
        parts.append(upto - given)
        given = upto
    return parts


def is_for(coupon: Document, line: Goods) -> bool:
    """Return whether ``coupon`` makes ``line`` cheaper: all where it names neither products nor categories."""
    products, categories = coupon.get("applicableProducts") or [], coupon.get("applicableCategories") or []
    if not products and not categories:
        return True
    within = {below for category_id in categories for below in shelves().within(category_id)}
    return line.product_id in products or line.category in within
