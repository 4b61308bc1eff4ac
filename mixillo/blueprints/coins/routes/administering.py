"""What administrators do with coin packages, under the three paths that dashboards use."""

from collections.abc import Callable
from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.coins.queries import packages as shelf
from mixillo.blueprints.coins.routes.blueprint import blueprint
from mixillo.blueprints.coins.schemas import (
    AllPackagesQuery,
    NewPackageSchema,
    PackageChangesSchema,
    SoldPackageSchema,
    StatisticsSchema,
)
from mixillo.blueprints.coins.services import packages
from mixillo.blueprints.payments.models import COIN_PURCHASE
from mixillo.blueprints.payments.queries import payments
from mixillo.blueprints.payments.schemas import PaymentOfSchema, PaymentsQuery
from mixillo.core.api import Reply
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

PATHS = ("/api/coins/admin/coin-packages", "/api/admin/coins/packages", "/api/admin/coin-packages")
PACKAGE = {"package": fields.Nested(SoldPackageSchema, required=True)}
PAGE = {"pagination": fields.Nested(PaginationSchema, required=True)}
EXAMPLE = {"name": "500 coins", "coins": 500, "bonusCoins": 25, "price": 4.99, "isPopular": True}
CHANGES = {"price": 3.99, "description": "A good start"}


def everywhere(method: str, rule: str = "") -> Callable[[Any], Any]:
    """Serve a view under each of :data:`PATHS`."""

    def decorate(view: Any) -> Any:
        for path in PATHS:
            getattr(blueprint, method)(f"{path}{rule}")(view)
        return view

    return decorate


@everywhere("get")
@login_required(*ADMINS)
@blueprint.takes(AllPackagesQuery)
@blueprint.returns(200, packages=fields.List(fields.Nested(SoldPackageSchema), required=True), **PAGE)
def list_all(query: dict[str, Any]) -> dict[str, Any]:
    """List all coin packages

    In their order, with what each brought; `status` filters.
    """
    found, pagination = shelf.everything(query)
    return {"packages": found, "pagination": pagination}


@everywhere("get", "/stats")
@login_required(*ADMINS)
@blueprint.returns(200, stats=fields.Nested(StatisticsSchema, required=True))
def show_statistics() -> dict[str, Any]:
    """Show what coin packages brought

    Computed from the payments; what was given back is taken off.
    """
    return {"stats": shelf.statistics()}


@everywhere("get", "/transactions")
@login_required(*ADMINS)
@blueprint.takes(PaymentsQuery)
@blueprint.returns(200, transactions=fields.List(fields.Nested(PaymentOfSchema), required=True), **PAGE)
def list_purchases(query: dict[str, Any]) -> dict[str, Any]:
    """List purchases of coins

    Their payments, the newest first, with who pays; `status` filters.
    """
    found, pagination = payments.listing(query | {"type": COIN_PURCHASE})
    return {"transactions": payments.with_payers(found), "pagination": pagination}


@everywhere("post")
@login_required(*ADMINS)
@blueprint.accepts(NewPackageSchema, example=EXAMPLE)
@blueprint.returns(201, **PACKAGE)
def create_package(body: dict[str, Any]) -> Reply:
    """Add a coin package

    `coins` may be called `coinAmount`, `isPopular` `popular` and `isActive` `active`; answers have both names.
    """
    package = packages.create(current_viewer(), body)
    return Reply({"package": package}, "Package created", location=f"/api/coins/packages/{package['_id']}")


@everywhere("put", "/<id:package_id>")
@login_required(*ADMINS)
@blueprint.accepts(PackageChangesSchema, example=CHANGES)
@blueprint.returns(200, **PACKAGE)
@blueprint.refuses(404)
def change_package(body: dict[str, Any], package_id: ObjectId) -> Reply:
    """Change a coin package

    What is not sent stays as it is. Whoever is about to pay gets what was offered to them.
    """
    return Reply({"package": packages.change(current_viewer(), package_id, body)}, "Package changed")


@everywhere("patch", "/<id:package_id>/toggle")
@login_required(*ADMINS)
@blueprint.returns(200, **PACKAGE)
@blueprint.refuses(404)
def toggle_package(package_id: ObjectId) -> Reply:
    """Take a coin package off the shelf, or put it back

    Only active ones can be bought.
    """
    package = packages.toggle(current_viewer(), package_id)
    return Reply({"package": package}, "For sale" if package["isActive"] else "Not for sale")


@everywhere("delete", "/<id:package_id>")
@login_required(*ADMINS)
@blueprint.returns(200, deleted=fields.Boolean(required=True), wasBought=fields.Boolean(required=True))
@blueprint.refuses(404)
def remove_package(package_id: ObjectId) -> Reply:
    """Remove a coin package

    One that was bought stays in the books (`wasBought`), and is on no list any more.
    """
    is_gone = packages.remove(current_viewer(), package_id)
    return Reply({"deleted": True, "wasBought": not is_gone}, "Package removed")
