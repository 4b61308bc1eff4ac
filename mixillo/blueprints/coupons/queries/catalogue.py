"""Coupons as everybody, their users and administrators see them."""

import re
from typing import Any

from bson import ObjectId

from mixillo.blueprints.coupons.models import NEWEST, PERCENTAGE, Coupon, CouponUse
from mixillo.core import clock, money
from mixillo.core.pagination import paginate
from mixillo.core.slugs import ID
from mixillo.errors import NotFound

Document = dict[str, Any]
# Projections and defaults in one: documents of the existing database lack fields that were added later.
SHOWN: Document = {
    "code": "",
    "type": PERCENTAGE,
    "value": 0,
    "currency": None,
    "minPurchase": 0,
    "maxDiscount": None,
    "perUserLimit": None,
    "validFrom": None,
    "validUntil": None,
    "isFeatured": False,
    "isStackable": False,
    "description": None,
    "applicableProducts": [],
    "applicableCategories": [],
}
PRIVATE: Document = {
    "usageLimit": None,
    "usageCount": 0,
    "isActive": True,
    "isPublic": True,
    "createdAt": None,
    "updatedAt": None,
}
AMOUNTS = ("value", "minPurchase", "maxDiscount")
# For lists to come in an order, its fields have to be read too.
SHOWN_FIELDS, WHOLE_FIELDS = dict.fromkeys([*SHOWN, "createdAt"], 1), dict.fromkeys([*SHOWN, *PRIVATE], 1)
# The existing system knows nothing of `isPublic`.
PUBLIC: Document = {"isActive": {"$in": [True, None]}, "isPublic": {"$in": [True, None]}}
BY_CODE = [("code", 1)]
LAST = "\uffff"


class CouponGone(NotFound):
    """There is no coupon of this id, or it is not for everybody's eyes."""

    code, title = "coupon_not_found", "There is no such coupon"


def public(query: Document, *, featured: bool = False) -> tuple[list[Document], Document]:
    """Return a page of the coupons that anybody may use now, newest first."""
    where = PUBLIC | ({"isFeatured": True} if featured else {})
    found, pagination = paginate(
        Coupon.collection(),
        where,
        query,
        sort=NEWEST,
        projection=SHOWN_FIELDS,
        also=_in_force(),
        hint="all_newest" if featured else "public_newest",
    )
    return [shown(coupon) for coupon in found], pagination


def called(beginning: str, limit: int) -> list[Document]:
    """Return coupons that anybody may use now and whose codes begin so, in the order of codes."""
    where = PUBLIC | _begins(beginning) | _in_force()
    return [shown(coupon) for coupon in Coupon.collection().find(where, SHOWN_FIELDS, sort=BY_CODE, limit=limit)]


def of_person(user_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the coupons that somebody may use now, with ``usesLeft``; ``None``: as often as they like."""
    coupons, pagination = public(query)
    stages: list[Document] = [
        {"$match": {"couponId": {"$in": [coupon["_id"] for coupon in coupons]}, "userId": user_id}},
        {"$group": {"_id": "$couponId", "count": {"$sum": 1}}},
    ]
    uses = {each["_id"]: each["count"] for each in CouponUse.collection().aggregate(stages)}
    for coupon in coupons:
        limit = coupon["perUserLimit"]
        coupon["usesLeft"] = None if limit is None else max(0, limit - uses.get(coupon["_id"], 0))
    return [coupon for coupon in coupons if coupon["usesLeft"] != 0], pagination


def uses_of(user_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of what somebody used coupons for, the latest first."""
    found, pagination = paginate(CouponUse.collection(), {"userId": user_id}, query, sort=NEWEST)
    return [_use(use) for use in found], pagination


def everything(query: Document) -> tuple[list[Document], Document]:
    """Return a page of all coupons: newest first or, where a ``search`` says how codes begin, in their order."""
    where: Document = {"isActive": query["isActive"]} if "isActive" in query else {}
    sort = NEWEST
    if query.get("search"):
        where, sort = where | _begins(query["search"]), BY_CODE
    found, pagination = paginate(Coupon.collection(), where, query, sort=sort, projection=WHOLE_FIELDS)
    return [whole(coupon) for coupon in found], pagination


def one(coupon_id: ObjectId, *, is_admin: bool) -> Document:
    """Return a coupon: a public one that can be used now or, to administrators, any.

    :raises CouponGone: there is none.
    """
    where = {"_id": coupon_id} if is_admin else {"_id": coupon_id} | PUBLIC | _in_force()
    coupon = Coupon.collection().find_one(where, WHOLE_FIELDS)
    if coupon is None:
        raise CouponGone
    return whole(coupon) if is_admin else shown(coupon)


def shown(coupon: Document) -> Document:
    """Return a stored coupon as everybody sees it."""
    return _with(coupon, SHOWN)


def whole(coupon: Document) -> Document:
    """Return a stored coupon as administrators see it."""
    return _with(coupon, SHOWN | PRIVATE)


def _with(coupon: Document, fields: Document) -> Document:
    found = {name: default if coupon.get(name) is None else coupon[name] for name, default in fields.items()}
    amounts = {name: found[name] if found[name] is None else float(money.decimal(found[name])) for name in AMOUNTS}
    return {"_id": coupon["_id"], "id": coupon["_id"], **found, **amounts}


def _use(use: Document) -> Document:
    amount = money.shown(money.minor(use["amount"], use["currency"]), use["currency"])
    names = ("_id", "couponId", "orderId", "code", "currency", "createdAt")
    return {name: use[name] for name in names} | {"id": use["_id"], "amount": amount}


def _in_force() -> Document:
    """Return the filter of what can be used now."""
    now = clock.now()
    opened = {"$or": [{"validFrom": None}, {"validFrom": {"$lte": now}}]}
    not_closed = {"$or": [{"validUntil": None}, {"validUntil": {"$gt": now}}]}
    left = {"$or": [{"usageLimit": None}, {"$expr": {"$lt": [{"$ifNull": ["$usageCount", 0]}, "$usageLimit"]}}]}
    return {"$and": [opened, not_closed, left]}


def _begins(text: str) -> Document:
    """Return the filter of codes that begin so, or of the coupon of this id; never a regular expression."""
    if ID.fullmatch(text):
        return {"_id": ObjectId(text)}
    beginning = re.sub(r"\s", "", text).upper()
    return {"code": {"$gte": beginning, "$lte": beginning + LAST}}
