"""Shapes of what comes in about carts, and of carts."""

import json
from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, validate

from mixillo.blueprints.cart.services.changing import MOST_ITEMS, MOST_OF_ONE
from mixillo.blueprints.cart.services.pricing import CHANGES
from mixillo.blueprints.shipping.schemas import COUNTRY
from mixillo.core.money import FIAT
from mixillo.core.schemas import BaseSchema, Id, QuerySchema, Text, Timestamp

TOKEN_HEADER = "X-Cart-Token"  # noqa: S105  the name of a header
NAMES_OF_VARIANTS = ("_id", "id", "name", "value", "size", "color", "colour")
Amount = fields.Float


class GuestSchema(QuerySchema):
    """Whose cart, when nobody is signed in."""

    token = fields.String(
        data_key=TOKEN_HEADER,
        validate=validate.Regexp(r"^[A-Za-z0-9_-]{43}\Z", error="Not a token of a cart."),
        metadata={
            "description": "Of a guest: the token that an answer gave before. Sent by somebody who is signed in, what "
            "is in the guest's cart moves into theirs."
        },
    )


class Quantity(fields.Integer):
    """How many."""

    def __init__(self, minimum: int = 1, **keywords: Any) -> None:
        bounds = validate.Range(min=minimum, max=MOST_OF_ONE)
        super().__init__(strict=True, validate=bounds, metadata={"example": 1}, **keywords)


class Variant(fields.Field):
    """A variant: its value, or an object that may have ``_id``, ``name``, ``value``, ``size`` or ``color``."""

    def __init__(self, **keywords: Any) -> None:
        metadata = {"description": "The variant's value, or an object: `_id`, or `name` and `value`."}
        super().__init__(allow_none=True, load_default=None, metadata=metadata, **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> dict[str, str]:
        named = {"value": value} if isinstance(value, str) else value
        if not isinstance(named, dict) or not set(named) <= set(NAMES_OF_VARIANTS):
            raise ValidationError(f"Must be a text or an object with some of {', '.join(NAMES_OF_VARIANTS)}.")
        if not all(each is None or (isinstance(each, str) and len(each) <= 200) for each in named.values()):
            raise ValidationError("Must hold short texts.")
        return {"_id" if name == "id" else name: each for name, each in named.items() if each}


class _ByProductSchema(BaseSchema):
    """A product, in one of its variants."""

    productId = Id(required=True)
    variant = Variant()

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id, and every way to name a variant in one."""
        wanted = dict(data.pop("variant", None) or {})
        wanted |= {"_id": data.pop("variantId")} if data.get("variantId") else {}
        wanted |= {name: data.pop(name) for name in ("size", "color") if data.get(name)}
        return {"productId": ObjectId(data["productId"]), "quantity": data["quantity"], "wanted": wanted or None}


class AddSchema(_ByProductSchema):
    """What to put into the cart."""

    quantity = Quantity(load_default=1)
    variantId = Id(allow_none=True)
    size = Text(max_length=100, allow_none=True)
    color = Text(max_length=100, allow_none=True)


class UpdateSchema(_ByProductSchema):
    """How many of a product there should be."""

    quantity = Quantity(0, required=True)
    variantId = Id(allow_none=True)


class QuantitySchema(BaseSchema):
    """How many of an item there should be; 0 takes it out."""

    quantity = Quantity(0, required=True)


class CodeSchema(BaseSchema):
    """A coupon, by its code."""

    code = Text(required=True, min_length=1, max_length=50, metadata={"example": "WELCOME10"})


class CodeQuery(QuerySchema):
    """Which coupon; without one, all."""

    code = Text(max_length=50)


class VariantQuery(QuerySchema):
    """Which variant: JSON, as it is sent in bodies."""

    variant = fields.String(validate=validate.Length(max=1000), metadata={"description": "As in bodies, in JSON."})

    @post_load
    def parsed(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the variant as an object.

        :raises ValidationError: it is none.
        """
        text = data.get("variant")
        if not text:
            return {"wanted": None}
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        return {"wanted": None if value is None else Variant().deserialize(value, "variant", data)}


class ShippingQuery(QuerySchema):
    """Where to, and how."""

    country = fields.String(
        validate=COUNTRY,
        metadata={"description": "Where it is to be shipped to; two letters (ISO 3166)."},
    )
    shippingMethod = Text(max_length=50, metadata={"description": "The code of a shipping method; else the cheapest."})


class WantedSchema(_ByProductSchema):
    """So many of a product."""

    quantity = Quantity(load_default=1)
    variantId = Id(allow_none=True)

    @post_load
    def with_ids(self, data: dict[str, Any], **keywords: Any) -> dict[str, Any]:
        """Return ``data`` as an item of a cart."""
        named = super().with_ids(data, **keywords)
        return {"productId": named["productId"], "quantity": named["quantity"], "variant": named["wanted"]}


class CalculationSchema(BaseSchema):
    """What is to be shipped, and where to; without ``items``, what is in the cart."""

    country = fields.String(validate=COUNTRY)
    items = fields.List(fields.Nested(WantedSchema), validate=validate.Length(min=1, max=MOST_ITEMS))


class VariantShown(BaseSchema):
    """A variant, as orders keep it."""

    name = fields.String(required=True, metadata={"example": "Colour"})
    value = fields.String(required=True, metadata={"example": "Sand"})


class CartProductSchema(BaseSchema):
    """The product of an item, in short."""

    _id = Id(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True, allow_none=True)
    images = fields.List(fields.String(), required=True)
    price = Amount(required=True)


class CartItemSchema(BaseSchema):
    """So many of one thing; ``available``: how many there are, ``null`` where they are not counted."""

    _id = Id(required=True)
    id = Id(required=True)
    productId = Id(required=True)
    product = fields.Nested(CartProductSchema, required=True)
    productName = fields.String(required=True, metadata={"example": "Speckled Stoneware Mug"})
    productImage = fields.String(required=True, allow_none=True)
    variantId = Id(required=True, allow_none=True)
    variant = fields.Nested(VariantShown, required=True, allow_none=True)
    variantName = fields.String(required=True, allow_none=True)
    storeId = Id(required=True, allow_none=True)
    sellerId = Id(required=True)
    price = Amount(required=True, metadata={"example": 22.95})
    quantity = fields.Integer(required=True, metadata={"example": 2})
    total = Amount(required=True, metadata={"example": 45.9})
    discount = Amount(required=True)
    available = fields.Integer(required=True, allow_none=True)
    freeShipping = fields.Boolean(required=True)


class AppliedSchema(BaseSchema):
    """A coupon and what it takes off."""

    couponId = Id(required=True)
    code = fields.String(required=True, metadata={"example": "WELCOME10"})
    amount = Amount(required=True)


class ShippingMethodSchema(BaseSchema):
    """How it is shipped."""

    code = fields.String(required=True, metadata={"example": "standard"})
    name = fields.String(required=True)
    type = fields.String(required=True)
    carrier = fields.String(required=True, allow_none=True)
    service = fields.String(required=True, allow_none=True)
    estimatedDays = fields.Integer(required=True, allow_none=True)


class ChangeSchema(BaseSchema):
    """What is not as its owner left it: another price, fewer than wanted, gone, another currency, a coupon refused."""

    kind = fields.String(required=True, validate=validate.OneOf(CHANGES))
    itemId = Id(required=True, allow_none=True)
    productId = Id(required=True, allow_none=True)
    name = fields.String(required=True)
    before = Amount(required=True, allow_none=True)
    after = Amount(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    message = fields.String(required=True)


class SummarySchema(BaseSchema):
    """What a cart costs: ``total`` = ``subtotal`` − ``discount`` + ``shipping`` + ``tax``."""

    itemsCount = fields.Integer(required=True)
    currency = fields.String(required=True, validate=validate.OneOf(FIAT))
    subtotal = Amount(required=True)
    discount = Amount(required=True)
    shipping = Amount(required=True)
    tax = Amount(required=True)
    total = Amount(required=True)
    couponCode = fields.String(required=True, allow_none=True)
    shippingMethod = fields.Nested(ShippingMethodSchema, required=True, allow_none=True)


class CartSchema(SummarySchema):
    """A cart at today's prices; ``guestToken`` is a guest's, to be sent from then on."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True, allow_none=True)
    guestToken = fields.String(allow_none=True)
    items = fields.List(fields.Nested(CartItemSchema), required=True)
    coupons = fields.List(fields.Nested(AppliedSchema), required=True)
    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)
