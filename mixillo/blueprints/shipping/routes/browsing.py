"""What everybody may see of shipping."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.shipping.models import ShippingMethod, ShippingZone
from mixillo.blueprints.shipping.queries import catalogue
from mixillo.blueprints.shipping.routes.blueprint import blueprint
from mixillo.blueprints.shipping.schemas import CountryQuery, MethodSchema, ZoneSchema
from mixillo.blueprints.shipping.services import offering
from mixillo.core.api import revalidated
from mixillo.core.security import public


@blueprint.get("/zones")
@public
@revalidated
@blueprint.returns(200, zones=fields.List(fields.Nested(ZoneSchema), required=True))
def list_zones() -> dict[str, Any]:
    """List the zones that are shipped to

    Where there are none, every method goes everywhere.
    """
    return {"zones": catalogue.in_force(ShippingZone)}


@blueprint.get("/methods")
@public
@revalidated
@blueprint.takes(CountryQuery)
@blueprint.returns(200, methods=fields.List(fields.Nested(MethodSchema), required=True))
def list_methods(query: dict[str, Any]) -> dict[str, Any]:
    """List the ways of shipping

    To a `country`, or all that are in force. What one costs for some goods, `POST /api/shipping/calculate` says.
    """
    methods = catalogue.in_force(ShippingMethod)
    if country := query.get("country"):
        zones = offering.zones_of(country)
        methods = [method for method in methods if offering.goes_there(method, zones)]
    return {"methods": methods}
