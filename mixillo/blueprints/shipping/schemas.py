"""Shapes of shipping zones, methods and rates, and of what administrators send."""

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, validate

from mixillo.blueprints.shipping.models import BY_VALUE, BY_WEIGHT, FLAT, KINDS, RATE_KINDS
from mixillo.core import money
from mixillo.core.money import FIAT
from mixillo.core.schemas import Amount, BaseSchema, Id, PageQuery, QuerySchema, Text, Timestamp

MOST_ZONES, MOST_STEPS, MOST_DAYS = 200, 50, 365
COUNTRY = validate.Regexp(r"^[A-Z]{2}\Z", error="Must be a country's two letters, such as DE.")


def decimals(most: int) -> Callable[[Decimal], None]:
    """Return a check that a number has at most so many decimals."""

    def check(number: Decimal) -> None:
        if number != round(number, most):
            raise ValidationError(f"At most {most} decimals.")

    return check


class Cost(Amount):
    """An amount that may be nothing, with at most two decimals."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.validators = [validate.Range(min=0, max=money.MAX_MINOR // 100), decimals(2)]


class Weight(Amount):
    """A weight in kilograms, to the gram."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.validators = [validate.Range(min=0, max=100_000), decimals(3)]


class CountryQuery(QuerySchema):
    """Where to."""

    country = fields.String(validate=COUNTRY, metadata={"description": "Two letters (ISO 3166), such as DE."})


class RatesQuery(PageQuery):
    """Of which method."""

    shippingMethodId = Id()

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | ({"shippingMethodId": ObjectId(data["shippingMethodId"])} if "shippingMethodId" in data else {})


class CarrierSchema(BaseSchema):
    """Who brings it."""

    name = Text(required=True, allow_none=True, max_length=100, metadata={"example": "DHL"})
    service = Text(required=True, allow_none=True, max_length=100, metadata={"example": "Parcel"})


class OfferedSchema(BaseSchema):
    """A way of shipping that somebody may choose by its ``code``."""

    code = fields.String(required=True, metadata={"example": "standard"})
    name = fields.String(required=True)
    type = fields.String(required=True)
    carrier = fields.String(required=True, allow_none=True)
    service = fields.String(required=True, allow_none=True)
    estimatedDays = fields.Integer(required=True, allow_none=True)
    cost = fields.Float(required=True, metadata={"example": 5.99})


class ZoneSchema(BaseSchema):
    """Countries that methods ship to."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "European Union"})
    countries = fields.List(fields.String(), required=True)
    regions = fields.List(fields.String(), required=True)
    isActive = fields.Boolean(required=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class MethodSchema(BaseSchema):
    """A way to ship. ``cost`` and ``freeAbove`` are in units of the order's currency; rates come before ``cost``."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "Standard"})
    code = fields.String(required=True, metadata={"example": "standard"})
    type = fields.String(required=True, validate=validate.OneOf(KINDS))
    description = fields.String(required=True, allow_none=True)
    carrier = fields.Nested(CarrierSchema, required=True, allow_none=True)
    cost = fields.Float(required=True)
    freeAbove = fields.Float(required=True, allow_none=True)
    isActive = fields.Boolean(required=True)
    storeId = Id(required=True, allow_none=True)
    estimatedDays = fields.Integer(required=True, allow_none=True)
    zonesSupported = fields.List(fields.String(), required=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class DestinationShown(BaseSchema):
    """Where a rate leads."""

    country = fields.String(required=True, allow_none=True)
    zones = fields.List(fields.String(), required=True, allow_none=True)


class BaseRateShown(BaseSchema):
    """The part that does not depend on the parcel."""

    amount = fields.Float(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)


class WeightRateShown(BaseSchema):
    """What a weight costs."""

    minWeight = fields.Float(required=True, allow_none=True)
    maxWeight = fields.Float(required=True, allow_none=True)
    rate = fields.Float(required=True, allow_none=True)
    additionalWeightRate = fields.Float(required=True, allow_none=True)


class ValueRateShown(BaseSchema):
    """What a value costs."""

    minValue = fields.Float(required=True, allow_none=True)
    maxValue = fields.Float(required=True, allow_none=True)
    rate = fields.Float(required=True, allow_none=True)
    isPercentage = fields.Boolean(required=True, allow_none=True)


class ConditionsShown(BaseSchema):
    """What goods must cost."""

    minOrderValue = fields.Float(required=True, allow_none=True)
    maxOrderValue = fields.Float(required=True, allow_none=True)


class RateSchema(BaseSchema):
    """What a method costs to some place, by weight, by value, or whatever is in it."""

    _id = Id(required=True)
    id = Id(required=True)
    rateId = fields.String(required=True)
    storeId = Id(required=True, allow_none=True)
    shippingMethodId = Id(required=True, allow_none=True)
    toLocation = fields.Nested(DestinationShown, required=True, allow_none=True)
    rateType = fields.String(required=True, validate=validate.OneOf(RATE_KINDS))
    baseRate = fields.Nested(BaseRateShown, required=True, allow_none=True)
    weightRates = fields.List(fields.Nested(WeightRateShown), required=True)
    valueRates = fields.List(fields.Nested(ValueRateShown), required=True)
    conditions = fields.Nested(ConditionsShown, required=True, allow_none=True)
    validFrom = Timestamp(required=True, allow_none=True)
    validTo = Timestamp(required=True, allow_none=True)
    isActive = fields.Boolean(required=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


def _on() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False})


def _zones() -> fields.List:
    return fields.List(Text(min_length=1, max_length=100), validate=validate.Length(max=MOST_ZONES))


class ZoneChangesSchema(BaseSchema):
    """What to change about a zone."""

    name = Text(min_length=1, max_length=100)
    countries = fields.List(fields.String(validate=COUNTRY), validate=validate.Length(max=300))
    regions = fields.List(Text(max_length=100), validate=validate.Length(max=300))
    isActive = _on()


class NewZoneSchema(ZoneChangesSchema):
    """A zone to make."""

    name = Text(required=True, min_length=1, max_length=100)
    countries = fields.List(fields.String(validate=COUNTRY), required=True, validate=validate.Length(max=300))


class MethodChangesSchema(BaseSchema):
    """What to change about a method; ``null`` clears."""

    name = Text(min_length=1, max_length=100)
    code = fields.String(validate=validate.Regexp(r"^[a-z0-9_-]{2,40}\Z", error="2 to 40 of a–z, 0–9, _ and -."))
    type = fields.String(validate=validate.OneOf(KINDS))
    description = Text(max_length=1_000, allow_none=True)
    carrier = fields.Nested(CarrierSchema)
    cost = Cost()
    freeAbove = Cost(allow_none=True, metadata={"description": "Goods for more than this ship free."})
    isActive = _on()
    storeId = Id(allow_none=True, metadata={"description": "Of a store that ships so; else it is for all."})
    estimatedDays = fields.Integer(strict=True, validate=validate.Range(min=0, max=MOST_DAYS))
    zonesSupported = _zones()

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | ({"storeId": ObjectId(data["storeId"])} if data.get("storeId") else {})


class NewMethodSchema(MethodChangesSchema):
    """A method to make."""

    name = Text(required=True, min_length=1, max_length=100)
    code = fields.String(
        required=True, validate=validate.Regexp(r"^[a-z0-9_-]{2,40}\Z", error="2 to 40 of a–z, 0–9, _ and -.")
    )
    cost = Cost(required=True)


class DestinationSchema(BaseSchema):
    """Where a rate leads."""

    country = fields.String(validate=COUNTRY, allow_none=True)
    zones = _zones()


class BaseRateSchema(BaseSchema):
    """The part that does not depend on the parcel."""

    amount = Cost(required=True)
    currency = fields.String(validate=validate.OneOf(FIAT), allow_none=True)


class WeightRateSchema(BaseSchema):
    """What a weight from ``minWeight`` on and below ``maxWeight`` costs, and each kilogram above the minimum."""

    minWeight = Weight(required=True)
    maxWeight = Weight(allow_none=True)
    rate = Cost(required=True)
    additionalWeightRate = Cost()


class ValueRateSchema(BaseSchema):
    """What goods from ``minValue`` on and below ``maxValue`` cost; or so many percent of them."""

    minValue = Cost(required=True)
    maxValue = Cost(allow_none=True)
    rate = Cost(required=True)
    isPercentage = _on()


class ConditionsSchema(BaseSchema):
    """What goods must cost for a rate to apply."""

    minOrderValue = Cost(allow_none=True)
    maxOrderValue = Cost(allow_none=True)


class RateChangesSchema(BaseSchema):
    """What to change about a rate; ``null`` clears."""

    storeId = Id(allow_none=True)
    toLocation = fields.Nested(DestinationSchema, allow_none=True)
    rateType = fields.String(validate=validate.OneOf((FLAT, BY_WEIGHT, BY_VALUE)))
    baseRate = fields.Nested(BaseRateSchema, allow_none=True)
    weightRates = fields.List(fields.Nested(WeightRateSchema), validate=validate.Length(max=MOST_STEPS))
    valueRates = fields.List(fields.Nested(ValueRateSchema), validate=validate.Length(max=MOST_STEPS))
    conditions = fields.Nested(ConditionsSchema, allow_none=True)
    validFrom = fields.AwareDateTime(format="iso", allow_none=True)
    validTo = fields.AwareDateTime(format="iso", allow_none=True)
    isActive = _on()

    @post_load
    def in_stored_form(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids, and moments in UTC, as exact as they are stored."""
        for name in ("storeId", "shippingMethodId"):
            if data.get(name):
                data[name] = ObjectId(data[name])
        for name in ("validFrom", "validTo"):
            if moment := data.get(name):
                moment = moment.astimezone(UTC)
                data[name] = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        return data


class NewRateSchema(RateChangesSchema):
    """A rate to make."""

    shippingMethodId = Id(required=True)
    rateType = fields.String(required=True, validate=validate.OneOf((FLAT, BY_WEIGHT, BY_VALUE)))
