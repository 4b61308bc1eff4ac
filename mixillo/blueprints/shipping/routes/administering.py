"""What administrators do with zones, methods and rates."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.shipping.models import ShippingMethod, ShippingRate, ShippingZone
from mixillo.blueprints.shipping.queries import catalogue
from mixillo.blueprints.shipping.routes.blueprint import blueprint
from mixillo.blueprints.shipping.schemas import (
    MethodChangesSchema,
    MethodSchema,
    NewMethodSchema,
    NewRateSchema,
    NewZoneSchema,
    RateChangesSchema,
    RateSchema,
    RatesQuery,
    ZoneChangesSchema,
    ZoneSchema,
)
from mixillo.blueprints.shipping.services import editing
from mixillo.core.api import Reply
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

ZONE, METHOD, RATE = (fields.Nested(each, required=True) for each in (ZoneSchema, MethodSchema, RateSchema))
PAGINATION = fields.Nested(PaginationSchema)
EUROPE = {"name": "European Union", "countries": ["DE", "FR", "NL"]}
EXPRESS = {
    "name": "Express",
    "code": "express",
    "type": "express",
    "carrier": {"name": "DHL", "service": "Express"},
    "cost": 14.9,
    "estimatedDays": 1,
}
METHOD_ID = "64b7f3a2c9e77a0012ab34cd"
HEAVY = {
    "shippingMethodId": METHOD_ID,
    "rateType": "weight_based",
    "baseRate": {"amount": 2.5, "currency": "EUR"},
    "weightRates": [
        {"minWeight": 0, "maxWeight": 5, "rate": 4},
        {"minWeight": 5, "rate": 9, "additionalWeightRate": 1},
    ],
    "toLocation": {"country": "DE"},
}


@blueprint.get("/admin/zones")
@login_required(*ADMINS)
@blueprint.takes(PageQuery)
@blueprint.returns(200, zones=fields.List(fields.Nested(ZoneSchema), required=True), pagination=PAGINATION)
def list_all_zones(query: dict[str, Any]) -> dict[str, Any]:
    """List all zones

    Also those that are switched off; newest first.
    """
    zones, pagination = catalogue.everything(ShippingZone, query)
    return {"zones": zones, "pagination": pagination}


@blueprint.get("/admin/methods")
@login_required(*ADMINS)
@blueprint.takes(PageQuery)
@blueprint.returns(200, methods=fields.List(fields.Nested(MethodSchema), required=True), pagination=PAGINATION)
def list_all_methods(query: dict[str, Any]) -> dict[str, Any]:
    """List all methods

    Also those that are switched off; newest first.
    """
    methods, pagination = catalogue.everything(ShippingMethod, query)
    return {"methods": methods, "pagination": pagination}


@blueprint.get("/rates")
@login_required(*ADMINS)
@blueprint.takes(RatesQuery)
@blueprint.returns(200, rates=fields.List(fields.Nested(RateSchema), required=True), pagination=PAGINATION)
def list_rates(query: dict[str, Any]) -> dict[str, Any]:
    """List rates

    All or those of a method; newest first.
    """
    where = {name: query[name] for name in ("shippingMethodId",) if name in query}
    rates, pagination = catalogue.everything(ShippingRate, query, where)
    return {"rates": rates, "pagination": pagination}


@blueprint.post("/zones")
@login_required(*ADMINS)
@blueprint.accepts(NewZoneSchema, example=EUROPE)
@blueprint.returns(201, zone=ZONE)
def create_zone(body: dict[str, Any]) -> Reply:
    """Make a zone

    Methods and rates name it by its `name`.
    """
    zone = editing.create(current_viewer(), ShippingZone, body)
    return Reply({"zone": zone}, "Zone created", location=f"/api/shipping/zones/{zone['_id']}")


@blueprint.get("/zones/<id:zone_id>")
@login_required(*ADMINS)
@blueprint.returns(200, zone=ZONE)
@blueprint.refuses(404)
def show_zone(zone_id: ObjectId) -> dict[str, Any]:
    """Show a zone

    Also one that is switched off.
    """
    return {"zone": catalogue.one(ShippingZone, zone_id)}


@blueprint.put("/zones/<id:zone_id>")
@login_required(*ADMINS)
@blueprint.accepts(ZoneChangesSchema, example={"countries": ["DE", "FR", "NL", "PL"]})
@blueprint.returns(200, zone=ZONE)
@blueprint.refuses(404)
def change_zone(body: dict[str, Any], zone_id: ObjectId) -> Reply:
    """Change a zone

    Methods and rates that name it follow when it gets another name.
    """
    return Reply({"zone": editing.change(current_viewer(), ShippingZone, zone_id, body)}, "Zone updated")


@blueprint.delete("/zones/<id:zone_id>")
@login_required(*ADMINS)
@blueprint.returns(200)
@blueprint.refuses(404, 409)
def remove_zone(zone_id: ObjectId) -> Reply:
    """Remove a zone

    409 `shipping_zone_in_use` while methods or rates name it.
    """
    editing.remove(current_viewer(), ShippingZone, zone_id)
    return Reply({}, "Zone removed")


@blueprint.post("/methods")
@login_required(*ADMINS)
@blueprint.accepts(NewMethodSchema, example=EXPRESS)
@blueprint.returns(201, method=METHOD)
@blueprint.refuses(409)
def create_method(body: dict[str, Any]) -> Reply:
    """Make a way of shipping

    Without `zonesSupported` it goes everywhere. 409 `shipping_code_taken`.
    """
    method = editing.create(current_viewer(), ShippingMethod, body)
    return Reply({"method": method}, "Method created", location=f"/api/shipping/methods/{method['_id']}")


@blueprint.get("/methods/<id:method_id>")
@login_required(*ADMINS)
@blueprint.returns(200, method=METHOD)
@blueprint.refuses(404)
def show_method(method_id: ObjectId) -> dict[str, Any]:
    """Show a way of shipping

    Also one that is switched off.
    """
    return {"method": catalogue.one(ShippingMethod, method_id)}


@blueprint.put("/methods/<id:method_id>")
@login_required(*ADMINS)
@blueprint.accepts(MethodChangesSchema, example={"cost": 12.5, "freeAbove": 100})
@blueprint.returns(200, method=METHOD)
@blueprint.refuses(404, 409)
def change_method(body: dict[str, Any], method_id: ObjectId) -> Reply:
    """Change a way of shipping

    What is not sent stays as it is. 409 `shipping_code_taken`.
    """
    return Reply({"method": editing.change(current_viewer(), ShippingMethod, method_id, body)}, "Method updated")


@blueprint.delete("/methods/<id:method_id>")
@login_required(*ADMINS)
@blueprint.returns(200)
@blueprint.refuses(404)
def remove_method(method_id: ObjectId) -> Reply:
    """Remove a way of shipping

    With its rates. Orders keep what they were shipped by.
    """
    editing.remove(current_viewer(), ShippingMethod, method_id)
    return Reply({}, "Method removed")


@blueprint.post("/rates")
@login_required(*ADMINS)
@blueprint.accepts(NewRateSchema, example=HEAVY)
@blueprint.returns(201, rate=RATE)
def create_rate(body: dict[str, Any]) -> Reply:
    """Make a rate

    It comes before the method's own `cost` where it applies: the one for a country before one for a zone, and that
    before one for everywhere. By weight: `baseRate` and the `rate` of the step, and `additionalWeightRate` for each
    kilogram above its minimum. By value: `baseRate` and the `rate` of the step, or so many percent.
    """
    rate = editing.create(current_viewer(), ShippingRate, body)
    return Reply({"rate": rate}, "Rate created", location=f"/api/shipping/rates/{rate['_id']}")


@blueprint.get("/rates/<id:rate_id>")
@login_required(*ADMINS)
@blueprint.returns(200, rate=RATE)
@blueprint.refuses(404)
def show_rate(rate_id: ObjectId) -> dict[str, Any]:
    """Show a rate

    Also one that is switched off or over.
    """
    return {"rate": catalogue.one(ShippingRate, rate_id)}


@blueprint.put("/rates/<id:rate_id>")
@login_required(*ADMINS)
@blueprint.accepts(RateChangesSchema, example={"isActive": False})
@blueprint.returns(200, rate=RATE)
@blueprint.refuses(404)
def change_rate(body: dict[str, Any], rate_id: ObjectId) -> Reply:
    """Change a rate

    What is not sent stays as it is; steps are sent all together.
    """
    return Reply({"rate": editing.change(current_viewer(), ShippingRate, rate_id, body)}, "Rate updated")


@blueprint.delete("/rates/<id:rate_id>")
@login_required(*ADMINS)
@blueprint.returns(200)
@blueprint.refuses(404)
def remove_rate(rate_id: ObjectId) -> Reply:
    """Remove a rate

    The method costs what its other rates say, or its own `cost`.
    """
    editing.remove(current_viewer(), ShippingRate, rate_id)
    return Reply({}, "Rate removed")
