"""Whether a coupon may be used: by whom, when, for what, beside which others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.coupons.models import Coupon, CouponUse
from mixillo.blueprints.coupons.services.discounts import Goods, is_for
from mixillo.core import clock, money
from mixillo.errors import Conflict, NotFound

Document = dict[str, Any]


class CouponNotFound(NotFound):
    """There is no coupon of this code."""

    code, title = "coupon_not_found", "There is no such coupon"


class CouponNotValid(Conflict):
    """The coupon cannot be used now; ``reason`` says why in a word, ``coupon`` which it is."""

    code, title = "coupon_not_valid", "The coupon cannot be used"

    @classmethod
    def because(cls, coupon: Document, reason: str, sentence: str) -> "CouponNotValid":
        """Return the error about ``coupon``."""
        return cls(f"{coupon['code']}: {sentence}", reason=reason, coupon=coupon["code"])


def find(code: str, session: ClientSession | None = None) -> Document:
    """Return the stored coupon of this code, in whatever case it is written.

    :raises CouponNotFound: there is none.
    """
    spellings = [code.strip(), code.strip().upper()]
    found: Document | None = Coupon.collection().find_one({"code": {"$in": spellings}}, session=session)
    if found is None:
        raise CouponNotFound(f"There is no coupon {spellings[1]}.")
    return found


def check(
    coupon: Document,
    lines: Sequence[Goods],
    currency: str,
    user_id: ObjectId | None,
    session: ClientSession | None = None,
) -> None:
    """Check that somebody may use ``coupon`` for ``lines``; ``user_id`` is ``None`` as long as nobody knows who it is.

    :raises CouponNotValid: they may not.
    """
    check_in_force(coupon, user_id, session)
    if coupon.get("currency") and coupon["currency"] != currency:
        raise CouponNotValid.because(coupon, "currency", f"it is for orders in {coupon['currency']}.")
    base = sum(line.total for line in lines if is_for(coupon, line))
    if not base:
        raise CouponNotValid.because(coupon, "not_applicable", "it is for none of the goods.")
    minimum = money.minor(coupon.get("minPurchase"), currency)
    if base < minimum:
        sentence = (
            f"it needs goods for {money.in_words(minimum, currency)}; these are {money.in_words(base, currency)}."
        )
        raise CouponNotValid.because(coupon, "minimum", sentence)


def check_in_force(coupon: Document, user_id: ObjectId | None, session: ClientSession | None = None) -> None:
    """Check what does not depend on goods: dates, limits, whether it is switched on.

    :raises CouponNotValid: it cannot be used.
    """
    if found := fault(coupon, clock.now()):
        raise CouponNotValid.because(coupon, *found)
    limit = coupon.get("perUserLimit")
    if user_id and limit is not None and uses_of(coupon["_id"], user_id, session) >= limit:
        raise CouponNotValid.because(coupon, "used_by_you", "you have used it as often as you may.")


def check_together(coupons: Sequence[Document]) -> None:
    """Check that ``coupons`` may be used for one order.

    :raises CouponNotValid: one of several is not stackable, or is there twice.
    """
    if len({coupon["_id"] for coupon in coupons}) < len(coupons):
        raise CouponNotValid.because(coupons[-1], "twice", "it is applied already.")
    alone = [coupon for coupon in coupons if not coupon.get("isStackable")]
    if len(coupons) > 1 and alone:
        raise CouponNotValid.because(alone[-1], "not_stackable", "it cannot be used together with others.")


def fault(coupon: Document, now: datetime) -> tuple[str, str] | None:
    """Return why nobody can use ``coupon`` at the moment ``now``, in a word and in a sentence."""
    opens, closes, limit = (coupon.get(name) for name in ("validFrom", "validUntil", "usageLimit"))
    faults = (
        (coupon.get("isActive") is False, "inactive", "it is switched off."),
        (opens and opens > now, "not_started", "its time has not come yet."),
        (closes and closes <= now, "expired", "its time is over."),
        (limit is not None and (coupon.get("usageCount") or 0) >= limit, "used_up", "it was used as often as it may."),
    )
    return next(((reason, sentence) for is_so, reason, sentence in faults if is_so), None)


def uses_of(coupon_id: ObjectId, user_id: ObjectId, session: ClientSession | None = None) -> int:
    """Return how often somebody has used a coupon."""
    return CouponUse.collection().count_documents({"couponId": coupon_id, "userId": user_id}, session=session)
