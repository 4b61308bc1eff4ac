"""What is sent to order something, and to move orders on."""

from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from mixillo.blueprints.addresses.schemas import NewAddressSchema
from mixillo.blueprints.orders.models import METHODS, STATUSES
from mixillo.core.schemas import Amount, BaseSchema, Id, Text, web_address

STORE = {"description": "Only the part of this store."}


class SentToSchema(NewAddressSchema):
    """Where to send it, or whom to charge; ``name`` is ``fullName``, ``zipCode`` is ``postalCode``."""

    class Meta(NewAddressSchema.Meta):
        """Marshmallow's options."""

        exclude = ("isDefault",)


class PlaceOrderSchema(BaseSchema):
    """How to buy what is in the cart: one of the two addresses, one or both of the two ways to pay."""

    shippingAddress = fields.Nested(SentToSchema)
    addressId = Id(metadata={"description": "One of one's own addresses, in the place of `shippingAddress`."})
    billingAddress = fields.Nested(SentToSchema)
    paymentMethod = fields.String(validate=validate.OneOf(METHODS))
    paymentMethodId = Text(
        min_length=1,
        max_length=255,
        metadata={
            "description": "One of one's own payment methods by its id, what the provider calls one (`pm_…`), or a "
            "`paymentMethod`.",
            "example": "wallet",
        },
    )
    couponCode = Text(min_length=1, max_length=50)
    shippingMethod = Text(min_length=1, max_length=50, metadata={"description": "Its code; the cheapest unless given."})
    notes = Text(max_length=1_000)
    expectedTotal = Amount(
        metadata={"description": "What the buyer was shown: another total is a 409 `total_changed`.", "example": 29.74}
    )

    @validates_schema(skip_on_field_errors=False)
    def one_of_each(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Require an address and a way to pay.

        :raises ValidationError: naming what is missing, or there twice.
        """
        wrong = {}
        if ("shippingAddress" in data) == ("addressId" in data):
            wrong["shippingAddress"] = ["Send it, or an addressId."]
        if "paymentMethod" not in data and "paymentMethodId" not in data:
            wrong["paymentMethod"] = ["Send it, or a paymentMethodId."]
        if wrong:
            raise ValidationError(wrong)


class CancelOrderSchema(BaseSchema):
    """Why an order is cancelled."""

    reason = Text(max_length=500, load_default=None, allow_none=True, metadata={"example": "Ordered by mistake"})


class PayAgainSchema(BaseSchema):
    """What to pay with."""

    paymentMethodId = Text(min_length=1, max_length=255, metadata={"description": "As at checkout."})


class _OfStore(BaseSchema):
    storeId = Id(metadata=STORE)

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | {"storeId": ObjectId(data["storeId"]) if "storeId" in data else None}


class OrderStatusSchema(_OfStore):
    """Where to move an order."""

    status = fields.String(required=True, validate=validate.OneOf(STATUSES[1:]))
    note = Text(max_length=500, allow_none=True, load_default=None)
    carrier = Text(min_length=1, max_length=100, metadata={"example": "DHL"})
    trackingNumber = Text(min_length=1, max_length=100, metadata={"example": "JD014600006228974610"})
    trackingUrl = Text(min_length=1, max_length=1_000, validators=[web_address])


class ReturnOrderSchema(_OfStore):
    """Why something is sent back."""

    reason = Text(required=True, min_length=3, max_length=500, metadata={"example": "It does not fit"})


class AcceptReturnSchema(_OfStore):
    """What is said when something has come back."""

    note = Text(max_length=500, allow_none=True, load_default=None)


class DeclineReturnSchema(_OfStore):
    """Why something is not taken back."""

    note = Text(required=True, min_length=3, max_length=500, metadata={"example": "It has been worn"})


class GiveBackSchema(_OfStore):
    """How much of an order is given back, and why."""

    amount = Amount(metadata={"description": "In units of the order's currency; all that is left unless given."})
    reason = Text(required=True, min_length=3, max_length=300, metadata={"example": "Arrived with a scratch"})
