"""Shipping zones, methods and rates, with the stored field names of the existing collections."""

from mongoengine import (
    BooleanField,
    DateTimeField,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref
from mixillo.core.money import FIAT

STANDARD, EXPRESS, OVERNIGHT, ECONOMY = KINDS = ("standard", "express", "overnight", "economy")
FLAT, BY_WEIGHT, BY_DISTANCE, BY_VALUE = RATE_KINDS = ("flat", "weight_based", "distance_based", "value_based")
NEWEST = [("createdAt", -1), ("_id", -1)]


class ShippingZone(BaseDocument):
    """Countries (ISO 3166, two letters) that methods ship to; methods name it by its ``name``."""

    meta = {"collection": "shippingzones"}

    name = StringField(required=True)
    countries = ListField(StringField())
    regions = ListField(StringField())
    isActive = BooleanField(default=True)
    updatedAt = DateTimeField(default=clock.now)


class Carrier(EmbeddedDocument):
    """Who brings it."""

    name = StringField(default="Custom")
    service = StringField(default="Standard")


class ShippingMethod(BaseDocument):
    """A way to ship. ``cost`` and ``freeAbove`` are in units of the order's currency; its rates come before ``cost``.

    One with a ``storeId`` is for orders from this store alone. Without ``zonesSupported`` it goes everywhere.
    """

    meta = {"collection": "shippingmethods"}

    name = StringField(required=True)
    code = StringField(required=True)
    type = StringField(default=STANDARD, choices=KINDS)
    description = StringField()
    carrier = EmbeddedDocumentField(Carrier, default=Carrier)
    cost = DynamicField(default=0)
    freeAbove = DynamicField()
    isActive = BooleanField(default=True)
    storeId = Ref("stores", policy="nullify")
    estimatedDays = IntField(default=5)
    zonesSupported = ListField(StringField())
    updatedAt = DateTimeField(default=clock.now)


class Amount(EmbeddedDocument):
    """An amount, in units of its currency; of the order's where it has none."""

    amount = DynamicField()
    currency = StringField(choices=FIAT)


class WeightRate(EmbeddedDocument):
    """What a parcel costs that weighs at least ``minWeight`` and less than ``maxWeight`` (kg)."""

    minWeight = DynamicField()
    maxWeight = DynamicField()
    rate = DynamicField()
    additionalWeightRate = DynamicField()


class ValueRate(EmbeddedDocument):
    """What a parcel costs with goods for at least ``minValue`` and less than ``maxValue``; or a percentage of them."""

    minValue = DynamicField()
    maxValue = DynamicField()
    rate = DynamicField()
    isPercentage = BooleanField()


class Destination(EmbeddedDocument):
    """Where a rate leads; everywhere when it says nothing."""

    country = StringField()
    zones = ListField(StringField())


class Conditions(EmbeddedDocument):
    """What goods must cost for a rate to apply, bounds included."""

    minOrderValue = DynamicField()
    maxOrderValue = DynamicField()


class ShippingRate(BaseDocument):
    """What a method costs to some place, by weight, by value, or whatever is in it.

    By distance is stored by the existing system; nothing here knows distances, so that such a rate never applies.
    """

    meta = {"collection": "shippingrates"}

    rateId = StringField(required=True)
    storeId = Ref("stores")
    shippingMethodId = Ref("shippingmethods", required=True)
    toLocation = EmbeddedDocumentField(Destination)
    rateType = StringField(required=True, choices=RATE_KINDS)
    baseRate = EmbeddedDocumentField(Amount)
    weightRates = EmbeddedDocumentListField(WeightRate)
    valueRates = EmbeddedDocumentListField(ValueRate)
    conditions = EmbeddedDocumentField(Conditions)
    validFrom = DateTimeField()
    validTo = DateTimeField()
    isActive = BooleanField(default=True)
    updatedAt = DateTimeField(default=clock.now)
