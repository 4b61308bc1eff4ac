"""What a cart costs now: goods, discounts, shipping, tax, exact to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from bson import ObjectId
from flask import current_app
from pymongo.client_session import ClientSession

from mixillo.blueprints.cart.services.pricing import COUPON, Change, Line, Priced, priced
from mixillo.blueprints.coupons.services import discounts, validating
from mixillo.blueprints.coupons.services.discounts import Applied
from mixillo.blueprints.coupons.services.validating import CouponNotFound, CouponNotValid
from mixillo.blueprints.shipping.services import offering
from mixillo.blueprints.shipping.services.offering import Parcel
from mixillo.core import money

__all__ = ["Applied", "Change", "Line", "Quote", "quote"]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a cart costs, in minor units of ``currency``: ``total`` = subtotal − discount + shipping + tax.

    The lines' ``discount`` add up to ``discount``. ``shipping_method`` is ``None`` where there is nothing to ship.
    ``changes`` says what is not as its owner left it.
    """

    currency: str
    lines: tuple[Line, ...]
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int
    coupons: tuple[Applied, ...]
    shipping_method: Document | None
    changes: tuple[Change, ...]


def quote(
    cart: Document,
    *,
    codes: Sequence[str] = (),
    country: str | None = None,
    method: str | None = None,
    session: ClientSession | None = None,
) -> Quote:
    """Return what ``cart`` costs if it is shipped to ``country`` by the ``method`` of this code (the cheapest).

    ``codes`` are coupons that are asked for now and must be good; those that are in the cart already count as far as
    they are, and ``changes`` says of the others why not.

    :raises CouponNotFound: there is none of a code.
    :raises CouponNotValid: one of ``codes`` cannot be used for this, by this person, beside the others.
    :raises NotShippedThere: nothing is shipped to the country.
    :raises MethodNotAvailable: the method does not ship this there.
    """
    goods = priced(cart.get("items") or [], session)
    coupons = _coupons(cart, codes, goods, session)
    applied, shares = discounts.reckon(coupons, goods.lines, goods.currency)
    lines = tuple(replace(line, discount=share) for line, share in zip(goods.lines, shares, strict=True))
    subtotal, discount = goods.subtotal, sum(shares)
    shipping, described = 0, None
    if lines:
        option = offering.choose(parcel_of(goods), country, method, session)
        shipping, described = option.cost, option.described()
    tax = money.percentage(subtotal - discount, current_app.config["SETTINGS"].tax_percent)
    return Quote(
        currency=goods.currency,
        lines=lines,
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        tax=tax,
        total=subtotal - discount + shipping + tax,
        coupons=applied,
        shipping_method=described,
        changes=tuple(goods.changes),
    )


def parcel_of(goods: Priced) -> Parcel:
    """Return what is to be shipped of ``goods``."""
    return Parcel(
        currency=goods.currency,
        value=goods.subtotal,
        weight=sum((line.weight for line in goods.lines), Decimal(0)),
        stores=frozenset(line.store_id for line in goods.lines if line.store_id),
        is_free=all(line.free_shipping for line in goods.lines),
    )


def _coupons(cart: Document, codes: Sequence[str], goods: Priced, session: ClientSession | None) -> list[Document]:
    """Return the coupons to use: those of the cart that are good, then ``codes``."""
    user_id: ObjectId | None = cart.get("userId")
    chosen: list[Document] = []
    asked = [code.strip().upper() for code in codes]
    kept = [code for code in cart.get("couponCodes") or [] if code.upper() not in asked]
    for code in [*kept, *asked] if goods.lines else asked:
        try:
            coupon = validating.find(code, session)
            validating.check(coupon, goods.lines, goods.currency, user_id, session)
            validating.check_together([*chosen, coupon])
        except (CouponNotFound, CouponNotValid) as error:
            if code in asked:
                raise
            reason = error.extensions.get("reason", "not_found")
            goods.changes.append(Change(COUPON, code, reason=reason))
        else:
            chosen.append(coupon)
    return chosen
