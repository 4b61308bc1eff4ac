"""Using coupons up, in the transaction that makes the order; giving them back when it dies.

Every use changes the coupon's own document, so that of two orders that want the last one at the same time the second
starts again and finds none left: the server sees to that, whoever takes turns or not.
"""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.coupons.models import Coupon, CouponUse
from mixillo.blueprints.coupons.services import validating
from mixillo.blueprints.coupons.services.discounts import Applied
from mixillo.blueprints.coupons.services.validating import CouponNotFound, CouponNotValid
from mixillo.core import clock, money

__all__ = ["Applied", "CouponNotValid", "give_back", "redeem"]
Document = dict[str, Any]


def redeem(applied: Sequence[Applied], user_id: ObjectId, order_id: ObjectId, session: ClientSession) -> None:
    """Use coupons for an order.

    A transaction that does so had better take turns of the coupons' ids, as many orders may want the same one. The
    first use of all makes the collection and its indexes: the transaction is then repeated, as after a conflict.

    :raises CouponNotFound: one was removed meanwhile.
    :raises CouponNotValid: one cannot be used any more: limits, dates, switched off.
    """
    if applied:
        CouponUse.ensure_collection()
    for each in applied:
        _count(each.coupon_id, user_id, session)
        use = CouponUse(
            id=ObjectId(),
            couponId=each.coupon_id,
            userId=user_id,
            orderId=order_id,
            code=each.code,
            amount=money.stored(each.amount, each.currency),
            currency=each.currency,
        )
        CouponUse.collection().insert_one(use.to_mongo().to_dict(), session=session)


def give_back(order_id: ObjectId, session: ClientSession) -> None:
    """Let the coupons of an order be used again: it was cancelled, or never paid. Doing so again changes nothing."""
    for use in list(CouponUse.collection().find({"orderId": order_id}, {"couponId": 1}, session=session)):
        CouponUse.collection().delete_one({"_id": use["_id"]}, session=session)
        counted = {"_id": use["couponId"], "usageCount": {"$gt": 0}}
        Coupon.collection().update_one(counted, {"$inc": {"usageCount": -1}}, session=session)


def _count(coupon_id: ObjectId, user_id: ObjectId, session: ClientSession) -> None:
    """Count a use if there is one left, of all and of the person's.

    The person's uses are counted after the coupon was changed: what another transaction adds meanwhile conflicts.
    """
    now = clock.now()
    in_force: Document = {
        "_id": coupon_id,
        "isActive": {"$ne": False},
        "$and": [
            {"$or": [{"validFrom": None}, {"validFrom": {"$lte": now}}]},
            {"$or": [{"validUntil": None}, {"validUntil": {"$gt": now}}]},
            {"$or": [{"usageLimit": None}, {"$expr": {"$lt": [{"$ifNull": ["$usageCount", 0]}, "$usageLimit"]}}]},
        ],
    }
    coupon = Coupon.collection().find_one_and_update(in_force, {"$inc": {"usageCount": 1}}, session=session)
    if coupon is None:
        raise _refusal(coupon_id, session)
    limit = coupon.get("perUserLimit")
    if limit is not None and validating.uses_of(coupon_id, user_id, session) >= limit:
        raise CouponNotValid.because(coupon, "used_by_you", "you have used it as often as you may.")


def _refusal(coupon_id: ObjectId, session: ClientSession) -> CouponNotFound | CouponNotValid:
    coupon = Coupon.collection().find_one({"_id": coupon_id}, session=session)
    if coupon is None:
        return CouponNotFound("The coupon is not there any more.")
    return CouponNotValid.because(coupon, *(validating.fault(coupon, clock.now()) or ("used_up", "it is used up.")))
