"""Whether a coupon would be good for a cart, without using it."""

from dataclasses import dataclass
from typing import Any

from mixillo.blueprints.cart.services.owners import Owner
from mixillo.blueprints.cart.services.quoting import quote
from mixillo.blueprints.coupons.queries import catalogue
from mixillo.blueprints.coupons.services import validating
from mixillo.blueprints.coupons.services.validating import CouponNotFound, CouponNotValid
from mixillo.blueprints.products.models import CURRENCY
from mixillo.core import money

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: ``members`` of an answer, and a sentence."""

    members: Document
    sentence: str


def tried(owner: Owner, code: str) -> Tried:
    """Return whether the coupon of this ``code`` is good for the owner's cart, and what it takes off."""
    nothing: Document = {"valid": False, "coupon": None, "discount": 0, "currency": CURRENCY}
    try:
        coupon = validating.find(code)
    except CouponNotFound as error:
        return Tried(nothing | {"reason": "not_found"}, error.detail)
    try:
        found = quote(owner.cart(), codes=[code])
    except CouponNotValid as error:
        reason = error.extensions["reason"]
        return Tried(nothing | {"reason": reason, "coupon": catalogue.shown(coupon)}, error.detail)
    amount = money.shown(found.coupons[-1].amount, found.currency)
    members = {"valid": True, "reason": None, "discount": amount, "currency": found.currency}
    return Tried(members | {"coupon": catalogue.shown(coupon)}, f"{coupon['code']} is good for this.")
