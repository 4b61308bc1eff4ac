"""Packages, tiers, and where one stands."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.payments.schemas import CheckoutSchema, PaymentSchema
from mixillo.blueprints.supporters.queries import catalogue, standing
from mixillo.blueprints.supporters.routes.blueprints import supporter_pages
from mixillo.blueprints.supporters.schemas import (
    CreditPackageSchema,
    CreditPackagesQuery,
    CreditPurchaseSchema,
    CreditQuoteSchema,
    StandingSchema,
    TierSchema,
)
from mixillo.blueprints.supporters.services import purchases
from mixillo.blueprints.wallets.queries import wallets
from mixillo.core import money
from mixillo.core.api import Reply, revalidated
from mixillo.core.idempotency import idempotent
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import ADMINS, current_viewer, login_required, public
from mixillo.errors import NotFound

BALANCE = {"balance": fields.Integer(required=True), "standing": fields.Nested(StandingSchema, required=True)}


@supporter_pages.get("/packages")
@public
@revalidated
@supporter_pages.takes(CreditPackagesQuery)
@supporter_pages.returns(200, packages=fields.List(fields.Nested(CreditPackageSchema), required=True))
def list_packages(query: dict[str, Any]) -> dict[str, Any]:
    """List credit packages

    Those on sale unless `status` asks for others, in the order of the catalogue.
    """
    return {"packages": catalogue.packages(query)}


@supporter_pages.get("/packages/<id:package_id>/quote")
@login_required()
@supporter_pages.returns(200, quote=fields.Nested(CreditQuoteSchema, required=True))
@supporter_pages.refuses(404, 409)
def quote_package(package_id: ObjectId) -> dict[str, Any]:
    """Tell what a package costs oneself

    With the discount and the bonus of one's tier, and what a first purchase adds. 409 `tier_too_low` when the
    package is for higher tiers.
    """
    return {"quote": purchases.quote_for(current_viewer().id, package_id)}


@supporter_pages.post("/packages/purchase")
@login_required()
@rate_limited("purchases", "30/minute")
@idempotent
@supporter_pages.accepts(CreditPurchaseSchema, example={"packageId": "64b7f3a2c9e77a0012ab34cd"})
@supporter_pages.returns(
    201,
    payment=fields.Nested(PaymentSchema, required=True),
    checkout=fields.Nested(CheckoutSchema, required=True),
    quote=fields.Nested(CreditQuoteSchema, required=True),
)
@supporter_pages.refuses(404, 409)
def purchase(body: dict[str, Any]) -> Reply:
    """Buy a credit package

    Returns a pending payment and where to pay it. The credits arrive when the provider says that it was paid, and
    `wallet:updated` tells so; what a client says about a payment is not believed.
    """
    bought = purchases.buy(current_viewer().id, ObjectId(body["packageId"]), body.get("paymentMethodId"))
    return Reply(bought, location=f"/api/payments/{bought['payment']['_id']}")


@supporter_pages.get("/tiers")
@public
@revalidated
@supporter_pages.returns(200, tiers=fields.List(fields.Nested(TierSchema), required=True))
def list_tiers() -> dict[str, Any]:
    """List the tiers of supporters

    The lowest first. A tier is reached by the coins that somebody has given away in gifts.
    """
    return {"tiers": catalogue.tiers()}


@supporter_pages.get("/balance")
@login_required()
@supporter_pages.returns(200, **BALANCE)
def show_balance() -> dict[str, Any]:
    """Show one's credits and where one stands

    Credits are the coins of one's wallet.
    """
    return _balance(current_viewer().id)


@supporter_pages.get("/balance/<id:user_id>")
@login_required()
@supporter_pages.returns(200, **BALANCE)
@supporter_pages.refuses(404)
def show_balance_of(user_id: ObjectId) -> dict[str, Any]:
    """Show somebody's credits and where they stand

    To themselves and to administrators; to everybody else it is not there.
    """
    viewer = current_viewer()
    if viewer.id != user_id and viewer.role not in ADMINS:
        raise NotFound
    return _balance(user_id)


def _balance(user_id: ObjectId) -> dict[str, Any]:
    wallet = wallets.stored(user_id, money.COINS) or {}
    return {"balance": money.minor(wallet.get("balance"), money.COINS), "standing": standing.standing(user_id)}
