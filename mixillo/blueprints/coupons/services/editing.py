"""Making and changing coupons, with an entry in the audit log in the same transaction."""

from typing import Any

from bson import Decimal128, ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.categories.queries import shelves
from mixillo.blueprints.coupons.models import PERCENTAGE, Coupon, CouponUse
from mixillo.blueprints.coupons.queries import catalogue
from mixillo.blueprints.coupons.queries.catalogue import CouponGone
from mixillo.blueprints.products.models import Product
from mixillo.core import audit_log, clock, money
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, ValidationFailed

Document = dict[str, Any]
AMOUNTS = ("minPurchase", "maxDiscount", "value")
MOST_PERCENT = 100


class CodeTaken(Conflict):
    """Another coupon has this code."""

    code, title = "coupon_code_taken", "Another coupon has this code"


def create(admin: Viewer, fields: Document) -> Document:
    """Make a coupon and return it as administrators see it.

    :raises ValidationFailed: its dates, its value or what it is for make no sense.
    :raises CodeTaken: another one has its code.
    """
    coupon = Coupon(id=ObjectId(), **_stored(fields, {})).to_mongo().to_dict()

    def work(session: ClientSession) -> None:
        Coupon.collection().insert_one(coupon, session=session)
        _audit("coupon.created", admin, coupon["_id"], {"after": _plain(coupon, fields)}, session)

    try:
        transact(work)
    except DuplicateKeyError:
        raise CodeTaken from None
    return catalogue.whole(coupon)


def change(admin: Viewer, coupon_id: ObjectId, fields: Document) -> Document:
    """Change a coupon and return it as administrators see it; orders keep what they got.

    :raises CouponGone: there is none of this id.
    :raises ValidationFailed: its dates, its value or what it is for would make no sense.
    :raises CodeTaken: another one has its code.
    """

    def work(session: ClientSession) -> None:
        before = _find(coupon_id, session)
        after = _stored(fields, before)
        _set("coupon.changed", admin, before, after, session)

    try:
        transact(work, turns_of=[coupon_id])
    except DuplicateKeyError:
        raise CodeTaken from None
    return catalogue.one(coupon_id, is_admin=True)


def remove(admin: Viewer, coupon_id: ObjectId) -> bool:
    """Remove a coupon; return whether it is gone: one that was used is only switched off.

    :raises CouponGone: there is none of this id.
    """

    def work(session: ClientSession) -> bool:
        before = _find(coupon_id, session)
        used = before.get("usageCount") or CouponUse.collection().find_one({"couponId": coupon_id}, session=session)
        if used:
            _set("coupon.withdrawn", admin, before, {"isActive": False}, session)
            return False
        Coupon.collection().delete_one({"_id": coupon_id}, session=session)
        _audit("coupon.removed", admin, coupon_id, {"before": _plain(before, before)}, session)
        return True

    return transact(work, turns_of=[coupon_id])


def _find(coupon_id: ObjectId, session: ClientSession) -> Document:
    found: Document | None = Coupon.collection().find_one({"_id": coupon_id}, session=session)
    if found is None:
        raise CouponGone
    return found


def _set(action: str, admin: Viewer, before: Document, after: Document, session: ClientSession) -> None:
    update = {"$set": after | {"updatedAt": clock.now()}}
    Coupon.collection().update_one({"_id": before["_id"]}, update, session=session)
    _audit(action, admin, before["_id"], {"before": _plain(before, after), "after": after}, session)


def _stored(fields: Document, before: Document) -> Document:
    """Return what was sent as it is stored, after looking at what the coupon would be with it.

    :raises ValidationFailed: see :func:`create`.
    """
    coupon = before | fields
    if coupon.get("validFrom") and coupon.get("validUntil") and coupon["validUntil"] <= coupon["validFrom"]:
        raise ValidationFailed.of("validUntil", "Must be after validFrom.")
    if coupon["type"] == PERCENTAGE and money.decimal(coupon["value"]) > MOST_PERCENT:
        raise ValidationFailed.of("value", f"At most {MOST_PERCENT} percent.")
    if unknown := set(fields.get("applicableCategories") or ()) - set(shelves().by_id):
        raise ValidationFailed.of("applicableCategories", f"There is no category {min(unknown)}.")
    _check_products(fields.get("applicableProducts") or [])
    return {name: _amount(name, value) if name in AMOUNTS else value for name, value in fields.items()}


def _check_products(product_ids: list[ObjectId]) -> None:
    found = {each["_id"] for each in Product.collection().find({"_id": {"$in": product_ids}}, {"_id": 1})}
    if unknown := set(product_ids) - found:
        raise ValidationFailed.of("applicableProducts", f"There is no product {min(unknown)}.")


def _amount(name: str, value: Any) -> Decimal128 | None:
    if value is not None and value != round(value, 2):
        raise ValidationFailed.of(name, "At most two decimals.")
    return None if value is None else Decimal128(value)


def _audit(action: str, admin: Viewer, coupon_id: ObjectId, changes: Document, session: ClientSession) -> None:
    actor = {"kind": "user", "id": str(admin.id), "name": admin.username}
    audit_log.record(action, actor=actor, target="coupons", target_id=coupon_id, changes=changes, session=session)


def _plain(coupon: Document, names: Document) -> Document:
    return {name: coupon.get(name) for name in names if name != "_id"}
