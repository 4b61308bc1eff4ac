"""Zones, methods and rates as the API shows them."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.shipping.models import NEWEST, STANDARD, ShippingMethod, ShippingRate, ShippingZone
from mixillo.core.db import BaseDocument
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
Model = type[BaseDocument]
# Projections and defaults in one: documents of the existing database lack fields that were added later.
STAMPS: Document = {"isActive": True, "createdAt": None, "updatedAt": None}
ZONE: Document = {"name": "", "countries": [], "regions": [], **STAMPS}
METHOD: Document = {
    "name": "",
    "code": "",
    "type": STANDARD,
    "description": None,
    "carrier": None,
    "cost": 0,
    "freeAbove": None,
    "storeId": None,
    "estimatedDays": None,
    "zonesSupported": [],
    **STAMPS,
}
RATE: Document = {
    "rateId": "",
    "storeId": None,
    "shippingMethodId": None,
    "toLocation": None,
    "rateType": "",
    "baseRate": None,
    "weightRates": [],
    "valueRates": [],
    "conditions": None,
    "validFrom": None,
    "validTo": None,
    **STAMPS,
}
PARTS: dict[str, tuple[str, ...]] = {
    "carrier": ("name", "service"),
    "toLocation": ("country", "zones"),
    "baseRate": ("amount", "currency"),
    "weightRates": ("minWeight", "maxWeight", "rate", "additionalWeightRate"),
    "valueRates": ("minValue", "maxValue", "rate", "isPercentage"),
    "conditions": ("minOrderValue", "maxOrderValue"),
}
FIELDS: dict[Model, Document] = {ShippingZone: ZONE, ShippingMethod: METHOD, ShippingRate: RATE}
IN_FORCE: Document = {"isActive": {"$in": [True, None]}}


class ShippingNotFound(NotFound):
    """There is no such zone, method or rate."""

    code, title = "shipping_not_found", "There is no such thing"


def everything(model: Model, query: Document, where: Document | None = None) -> tuple[list[Document], Document]:
    """Return a page of all of a kind, newest first, and its ``pagination``."""
    found, pagination = paginate(model.collection(), where or {}, query, sort=NEWEST)
    return [shown(model, each) for each in found], pagination


def in_force(model: Model) -> list[Document]:
    """Return all zones or methods that are switched on, of which there are few."""
    found = sorted(model.collection().find(IN_FORCE), key=lambda each: each.get("name") or "")
    return [shown(model, each) for each in found]


def one(model: Model, thing_id: ObjectId) -> Document:
    """Return the one of this id.

    :raises ShippingNotFound: there is none.
    """
    found = model.collection().find_one({"_id": thing_id})
    if found is None:
        raise ShippingNotFound
    return shown(model, found)


def shown(model: Model, stored: Document) -> Document:
    """Return a stored zone, method or rate as the API shows it; parts of it with all that they may have."""
    fields = FIELDS[model]
    view = {name: default if stored.get(name) is None else stored[name] for name, default in fields.items()}
    view |= {name: _part(view[name], names) for name, names in PARTS.items() if view.get(name)}
    return {"_id": stored["_id"], "id": stored["_id"], **view}


def _part(part: Any, names: tuple[str, ...]) -> Any:
    if isinstance(part, list):
        return [_part(each, names) for each in part]
    return {name: part.get(name) for name in names}
