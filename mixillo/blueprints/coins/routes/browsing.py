"""The coin packages that are for sale."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.coins.queries import packages
from mixillo.blueprints.coins.routes.blueprint import blueprint
from mixillo.blueprints.coins.schemas import PackageSchema
from mixillo.blueprints.coins.services import conversions
from mixillo.core.api import revalidated
from mixillo.core.security import public

PACKAGES = {"packages": fields.List(fields.Nested(PackageSchema), required=True)}


@blueprint.get("/api/coins/packages")
@public
@revalidated
@blueprint.returns(200, **PACKAGES)
def list_packages() -> dict[str, Any]:
    """List the coin packages for sale

    In their order. `coins` and `coinAmount` are the same, as are `isPopular` and `popular`, `isActive` and `active`.
    """
    return {"packages": packages.on_sale()}


@blueprint.get("/api/coins/packages/featured")
@public
@revalidated
@blueprint.returns(200, **PACKAGES)
def list_featured() -> dict[str, Any]:
    """List the coin packages to show first

    The popular ones and the best value.
    """
    return {"packages": packages.on_sale(featured=True)}


@blueprint.get("/api/coins/packages/<id:package_id>")
@public
@revalidated
@blueprint.returns(200, package=fields.Nested(PackageSchema, required=True))
@blueprint.refuses(404)
def show_package(package_id: ObjectId) -> dict[str, Any]:
    """Show a coin package for sale

    404 also for one that is not for sale any more.
    """
    return {"package": packages.view(packages.one_on_sale(package_id))}


@blueprint.get("/api/coins/conversion-rate")
@public
@revalidated
@blueprint.returns(200, rate=fields.Float(required=True), currency=fields.String(required=True))
def show_rate() -> dict[str, Any]:
    """Show what an earned coin is worth

    `rate` in units of `currency`.
    """
    return {"rate": float(conversions.rate()), "currency": conversions.CURRENCY}


blueprint.add_deprecated_alias(
    "/api/coins/coins/packages", list_packages, successor="/api/coins/packages", methods=["GET"]
)
