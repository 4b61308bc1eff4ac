"""Shapes of coupons, of their uses, and of what administrators send."""

from datetime import UTC
from typing import Any

from bson import ObjectId
from marshmallow import fields, post_load, validate

from mixillo.blueprints.coupons.models import FIXED, TYPES
from mixillo.core.money import FIAT
from mixillo.core.schemas import Amount, BaseSchema, Id, Limit, PageQuery, QuerySchema, Text, Timestamp

MOST_USES, MOST_NAMED = 10_000_000, 1_000


class AllCouponsQuery(PageQuery):
    """Which coupons."""

    isActive = fields.Boolean()
    search = Text(max_length=50, metadata={"description": "How the code begins, or the id."})


class BeginningQuery(QuerySchema):
    """How codes begin."""

    q = Text(required=True, min_length=1, max_length=50, metadata={"example": "WELCOME"})
    limit = Limit()


class CouponSchema(BaseSchema):
    """A coupon. ``value`` is in percent or, of a fixed one, an amount; amounts without ``currency`` are in any."""

    _id = Id(required=True)
    id = Id(required=True)
    code = fields.String(required=True, metadata={"example": "WELCOME10"})
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    value = fields.Float(required=True, metadata={"example": 10})
    currency = fields.String(required=True, allow_none=True, validate=validate.OneOf(FIAT))
    minPurchase = fields.Float(required=True)
    maxDiscount = fields.Float(required=True, allow_none=True)
    perUserLimit = fields.Integer(required=True, allow_none=True)
    validFrom = Timestamp(required=True, allow_none=True)
    validUntil = Timestamp(required=True, allow_none=True)
    isFeatured = fields.Boolean(required=True)
    isStackable = fields.Boolean(required=True)
    description = fields.String(required=True, allow_none=True)
    applicableProducts = fields.List(Id(), required=True)
    applicableCategories = fields.List(Id(), required=True)


class UsableCouponSchema(CouponSchema):
    """A coupon, and how often one may still use it; ``null``: as often as one likes."""

    usesLeft = fields.Integer(required=True, allow_none=True)


class WholeCouponSchema(CouponSchema):
    """A coupon as administrators see it; others get the first part."""

    usageLimit = fields.Integer(allow_none=True)
    usageCount = fields.Integer()
    isActive = fields.Boolean()
    isPublic = fields.Boolean()
    createdAt = Timestamp(allow_none=True)
    updatedAt = Timestamp(allow_none=True)


class CouponUseSchema(BaseSchema):
    """An order for which a coupon was used."""

    _id = Id(required=True)
    id = Id(required=True)
    couponId = Id(required=True)
    orderId = Id(required=True)
    code = fields.String(required=True, metadata={"example": "WELCOME10"})
    amount = fields.Float(required=True, metadata={"example": 4.5})
    currency = fields.String(required=True, validate=validate.OneOf(FIAT))
    createdAt = Timestamp(required=True)


def _boolean() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False})


def _uses() -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=1, max=MOST_USES), allow_none=True)


def _moment(example: str) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", allow_none=True, metadata={"example": example})


class CouponChangesSchema(BaseSchema):
    """What to change about a coupon; ``null`` clears."""

    code = fields.String(
        validate=validate.Regexp(r"^[A-Za-z0-9_-]{3,40}\Z", error="3 to 40 letters, digits, hyphens, underscores.")
    )
    type = fields.String(validate=validate.OneOf(TYPES))
    value = Amount()
    currency = fields.String(validate=validate.OneOf(FIAT), allow_none=True)
    minPurchase = Amount(allow_none=True)
    maxDiscount = Amount(allow_none=True, metadata={"description": "The most that a percentage takes off."})
    usageLimit = _uses()
    perUserLimit = _uses()
    validFrom = _moment("2026-01-01T00:00:00.000Z")
    validUntil = _moment("2027-01-01T00:00:00.000Z")
    isActive = _boolean()
    isPublic = _boolean()
    isFeatured = _boolean()
    isStackable = _boolean()
    description = Text(max_length=1_000, allow_none=True)
    applicableProducts = fields.List(Id(), validate=validate.Length(max=MOST_NAMED))
    applicableCategories = fields.List(Id(), validate=validate.Length(max=MOST_NAMED))

    @post_load
    def in_stored_form(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with codes in capitals, ids as ids, and moments in UTC, as exact as they are stored."""
        if "code" in data:
            data["code"] = data["code"].upper()
        for name in ("applicableProducts", "applicableCategories"):
            if name in data:
                data[name] = [ObjectId(each) for each in dict.fromkeys(data[name])]
        for name in ("validFrom", "validUntil"):
            if moment := data.get(name):
                moment = moment.astimezone(UTC)
                data[name] = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        return data


class NewCouponSchema(CouponChangesSchema):
    """A coupon to make."""

    code = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9_-]{3,40}\Z", error="3 to 40 letters, digits, hyphens, underscores."),
    )
    type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata={"example": FIXED})
    value = Amount(required=True)
