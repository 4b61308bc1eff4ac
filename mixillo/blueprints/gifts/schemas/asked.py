"""What comes in: bodies and queries."""

from datetime import UTC
from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from mixillo.blueprints.gifts.models import ANIMATIONS, CONTEXTS, PROFILE, RARITIES
from mixillo.blueprints.gifts.queries.rankings import ALL, SENDERS, SIDES, TIMEFRAMES
from mixillo.blueprints.gifts.services.pricing import MAX_PRICE, MAX_QUANTITY
from mixillo.core.schemas import (
    BaseSchema,
    Id,
    Limit,
    PageQuery,
    QuerySchema,
    Text,
    web_address,
)

CATALOGUE_LIMIT = 50
# What some clients call it → what is stored.
OTHER_NAMES = {"coinPrice": "price", "imageUrl": "icon", "active": "isActive", "featured": "isFeatured"}
REQUIRED = ("price", "icon")


def address_or_sign(text: str) -> None:
    """Accept a web address, or a sign to show as it is.

    :raises ValidationError: anything else.
    """
    if ":" in text or "/" in text:
        web_address(text)


class Quantity(fields.Integer):
    """How many of a gift."""

    def __init__(self) -> None:
        super().__init__(strict=True, load_default=1, validate=validate.Range(min=1, max=MAX_QUANTITY))


class Price(fields.Integer):
    """A price in whole coins."""

    def __init__(self) -> None:
        bounds = validate.Range(min=1, max=MAX_PRICE)
        super().__init__(strict=True, validate=bounds, metadata={"example": 5})


class Moment(fields.AwareDateTime):
    """A moment in a body: ISO 8601 with its zone, kept to the millisecond; ``null`` clears."""

    def __init__(self) -> None:
        super().__init__(format="iso", allow_none=True, metadata={"example": "2026-12-01T00:00:00.000Z"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> Any:
        moment = super()._deserialize(value, attr, data, **keywords).astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _boolean() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False})


class GiftChangesSchema(BaseSchema):
    """What administrators may change about a gift, under the stored names or those of the dashboard and the app."""

    name = Text(min_length=1, max_length=100)
    description = Text(max_length=500, allow_none=True)
    price = Price()
    coinPrice = Price()
    icon = Text(min_length=1, max_length=500, validators=[address_or_sign])
    imageUrl = Text(min_length=1, max_length=500, validators=[address_or_sign])
    animation = fields.String(validate=validate.OneOf(ANIMATIONS))
    animationUrl = Text(max_length=500, validators=[web_address], allow_none=True)
    category = Text(min_length=1, max_length=50)
    rarity = fields.String(validate=validate.OneOf(RARITIES))
    isActive = _boolean()
    active = _boolean()
    isFeatured = _boolean()
    featured = _boolean()
    isLimitedEdition = _boolean()
    availableFrom = Moment()
    availableUntil = Moment()
    creatorEarningsPercent = fields.Integer(
        strict=True,
        validate=validate.Range(min=0, max=100),
        metadata={"description": "The creator's share.", "example": 70},
    )
    sortOrder = fields.Integer(strict=True, validate=validate.Range(min=0, max=1_000_000))

    @validates_schema
    def refuse_two_values(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse a field that is given under both of its names with different values.

        :raises ValidationError: naming the second.
        """
        for other, stored in OTHER_NAMES.items():
            if other in data and data.get(stored, data[other]) != data[other]:
                raise ValidationError(f"Must equal {stored}, or be left out.", other)

    @post_load
    def under_stored_names(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` under the stored names."""
        return {OTHER_NAMES.get(name, name): value for name, value in data.items()}


class NewGiftSchema(GiftChangesSchema):
    """A gift for the catalogue; ``price`` (or ``coinPrice``) and ``icon`` (or ``imageUrl``) are needed."""

    name = Text(required=True, min_length=1, max_length=100)

    @validates_schema
    def require_either_name(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Require what may come under either of two names.

        :raises ValidationError: naming all that are missing.
        """
        given = {OTHER_NAMES.get(name, name) for name in data}
        if missing := [name for name in REQUIRED if name not in given]:
            raise ValidationError({name: ["Missing data for required field."] for name in missing})


class SendSchema(BaseSchema):
    """What to give to whom, and where."""

    giftId = Id(required=True)
    recipientId = Id(required=True)
    quantity = Quantity()
    context = fields.String(load_default=PROFILE, validate=validate.OneOf(CONTEXTS))
    livestreamId = Id(allow_none=True, metadata={"description": "The recipient's livestream; for that context."})
    liveStreamId = Id(allow_none=True, metadata={"description": "The same, as the mobile app calls it."})
    contentId = Id(allow_none=True, metadata={"description": "The recipient's post; for the context `video`."})
    message = Text(max_length=500, allow_none=True, load_default=None)
    isAnonymous = fields.Boolean(truthy={True}, falsy={False}, load_default=False)

    @post_load
    def collect(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids, and the places in one."""
        stream = data.get("livestreamId") or data.get("liveStreamId")
        named = {"livestreamId": stream, "contentId": data.get("contentId")}
        return {
            "gift_id": ObjectId(data["giftId"]),
            "recipient_id": ObjectId(data["recipientId"]),
            "quantity": data["quantity"],
            "context": data["context"],
            "places": {name: ObjectId(value) for name, value in named.items() if value},
            "message": data["message"] or None,
            "is_anonymous": data["isAnonymous"],
        }


class AffordabilitySchema(BaseSchema):
    """What somebody would like to give."""

    giftId = Id(required=True)
    quantity = Quantity()


class GiftFilters(QuerySchema):
    """Which gifts to list."""

    rarity = fields.String(validate=validate.OneOf(RARITIES))
    category = Text(min_length=1, max_length=50)
    minPrice = fields.Integer(validate=validate.Range(min=0, max=MAX_PRICE))
    maxPrice = fields.Integer(validate=validate.Range(min=0, max=MAX_PRICE))


class CatalogueQuery(GiftFilters, PageQuery):
    """Which gifts to list, page by page."""

    limit = Limit(CATALOGUE_LIMIT)


class LimitQuery(QuerySchema):
    """How many to list."""

    limit = Limit()


class LeaderboardQuery(LimitQuery):
    """Whom to rank, and since when."""

    timeframe = fields.String(load_default=ALL, validate=validate.OneOf(TIMEFRAMES))
    by = fields.String(
        load_default=SENDERS, validate=validate.OneOf(SIDES),
        metadata={"description": "`senders` by coins spent, `creators` by coins earned."},
    )  # fmt: skip
