"""What clients send about products."""

from datetime import UTC
from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, validate

from mixillo.blueprints.products.models import STATUSES
from mixillo.core.money import FIAT
from mixillo.core.schemas import Amount, BaseSchema, Id, Text, web_address

MAX_STOCK = 10_000_000
MOST_IMAGES, MOST_VARIANTS, MOST_TAGS = 20, 100, 30


def _boolean(**keywords: Any) -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, **keywords)


def _stock(**keywords: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=0, max=MAX_STOCK), **keywords)


def _size() -> fields.Float:
    return fields.Float(validate=validate.Range(min=0, max=100_000), allow_nan=False, allow_none=True)


class GivenImageSchema(BaseSchema):
    """A picture by its web address."""

    url = Text(required=True, min_length=1, max_length=1_000, validators=[web_address])
    alt = Text(max_length=300)
    sortOrder = fields.Integer(strict=True, validate=validate.Range(min=0, max=1_000))


class GivenImage(fields.Nested):
    """A picture as an object, or as its web address alone, as the mobile app sends it."""

    def __init__(self) -> None:
        super().__init__(GivenImageSchema)

    def deserialize(self, value: Any, *args: Any, **keywords: Any) -> Any:
        """Return the picture as an object."""
        return super().deserialize({"url": value} if isinstance(value, str) else value, *args, **keywords)


class GivenVariantSchema(BaseSchema):
    """One kind in which a product is sold; without a price it costs what the product costs."""

    _id = Id(metadata={"description": "Of a variant that is there and stays."})
    name = Text(required=True, min_length=1, max_length=50, metadata={"example": "Colour"})
    value = Text(required=True, min_length=1, max_length=100, metadata={"example": "Sand"})
    price = Amount(allow_none=True)
    stock = _stock(load_default=0)
    sku = Text(max_length=100, allow_none=True)
    image = Text(max_length=1_000, validators=[web_address], allow_none=True)

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | ({"_id": ObjectId(data["_id"])} if "_id" in data else {})


class GivenDimensionsSchema(BaseSchema):
    """How large it is."""

    length = _size()
    width = _size()
    height = _size()
    unit = fields.String(validate=validate.OneOf(("mm", "cm", "m", "in")), load_default="cm")


class ProductChangesSchema(BaseSchema):
    """What sellers may say about their products; ``null`` clears. Status, rating and counts are nobody's to send."""

    name = Text(min_length=2, max_length=200)
    description = Text(min_length=1, max_length=20_000)
    sku = Text(min_length=1, max_length=100)
    price = Amount()
    compareAtPrice = Amount(allow_none=True, metadata={"description": "What it cost before."})
    stock = _stock(metadata={"description": "Of a product with variants it is their sum, whatever is sent."})
    lowStockThreshold = _stock()
    trackInventory = _boolean()
    images = fields.List(GivenImage(), validate=validate.Length(max=MOST_IMAGES))
    videoUrl = Text(max_length=1_000, validators=[web_address], allow_none=True)
    category = Id(allow_none=True)
    subcategory = Text(max_length=100, allow_none=True)
    tags = fields.List(Text(min_length=1, max_length=50), validate=validate.Length(max=MOST_TAGS))
    brand = Text(max_length=100, allow_none=True)
    variants = fields.List(fields.Nested(GivenVariantSchema), validate=validate.Length(max=MOST_VARIANTS))
    weight = _size()
    dimensions = fields.Nested(GivenDimensionsSchema, allow_none=True)
    shippingClass = Text(max_length=50, allow_none=True)
    freeShipping = _boolean()
    metaTitle = Text(max_length=200, allow_none=True)
    metaDescription = Text(max_length=500, allow_none=True)

    @post_load
    def in_stored_form(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id, and every picture in its place."""
        if data.get("category"):
            data["category"] = ObjectId(data["category"])
        if "images" in data:
            data["images"] = [
                {"alt": data.get("name", ""), "sortOrder": n} | each for n, each in enumerate(data["images"])
            ]
        return data


class NewProductSchema(ProductChangesSchema):
    """A product to offer."""

    name = Text(required=True, min_length=2, max_length=200)
    description = Text(required=True, min_length=1, max_length=20_000)
    price = Amount(required=True)
    currency = fields.String(validate=validate.OneOf(FIAT), metadata={"example": "USD"})
    isDraft = _boolean(metadata={"description": "Keep it as a draft; hand it in later."})


class StatusSchema(BaseSchema):
    """What an administrator decides."""

    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    reason = Text(max_length=1_000, load_default=None, allow_none=True, metadata={"description": "For a rejection."})


class FeatureSchema(BaseSchema):
    """Whether to put a product forward, and until when."""

    isFeatured = _boolean(required=True)
    featuredUntil = fields.AwareDateTime(
        format="iso", allow_none=True, load_default=None, metadata={"example": "2026-12-31T00:00:00.000Z"}
    )

    @post_load
    def to_the_millisecond(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the moment in UTC, as exact as it is stored."""
        if moment := data["featuredUntil"]:
            moment = moment.astimezone(UTC)
            data["featuredUntil"] = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        return data


class WishSchema(BaseSchema):
    """What to wish for."""

    productId = Id(required=True)

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return {"productId": ObjectId(data["productId"])}


class Stars(fields.Integer):
    """One to five."""

    def __init__(self, **keywords: Any) -> None:
        bounds = validate.Range(min=1, max=5)
        super().__init__(strict=True, validate=bounds, metadata={"example": 5}, **keywords)


class ReviewChangesSchema(BaseSchema):
    """What to change about a review."""

    rating = Stars()
    comment = Text(max_length=5_000)

    @post_load
    def something(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data``, which must hold something.

        :raises ValidationError: it does not.
        """
        if not data:
            raise ValidationError("Missing data for required field.", "rating")
        return data


class NewReviewSchema(ReviewChangesSchema):
    """What to say about a product."""

    rating = Stars(required=True)
