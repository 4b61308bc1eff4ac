"""One's own coins: buying, looking, paying out."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.coins.queries import earnings
from mixillo.blueprints.coins.routes.blueprint import blueprint
from mixillo.blueprints.coins.schemas import (
    CoinsPurchaseSchema,
    ConversionSchema,
    EarningsSchema,
    PurchasedSchema,
    PurchaseSchema,
)
from mixillo.blueprints.coins.services import conversions, purchases
from mixillo.blueprints.payments.queries import payments
from mixillo.blueprints.payments.schemas import CheckoutSchema, PaymentSchema
from mixillo.blueprints.payments.services.providers import Checkout
from mixillo.blueprints.wallets.schemas import TransactionSchema, TransactionsQuery, WithdrawalSchema
from mixillo.core import money
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import current_viewer, login_required

PURCHASE = {
    "payment": fields.Nested(PaymentSchema, required=True),
    "transaction": fields.Nested(PurchasedSchema, required=True),
    "checkout": fields.Nested(CheckoutSchema, required=True),
}
PACKAGE_ID = "64b7f3a2c9e77a0012ab34cd"
BANK = {"holder": "Ada Lovelace", "iban": "DE02120300000000202051"}


@blueprint.post("/api/coins/purchase")
@login_required()
@rate_limited("purchase", "60/minute")
@idempotent
@blueprint.accepts(PurchaseSchema, example={"packageId": PACKAGE_ID})
@blueprint.returns(201, **PURCHASE)
@blueprint.refuses(404, 409)
def buy(body: dict[str, Any]) -> Reply:
    """Buy a coin package

    Asks for a payment, which is `pending`: go on with `checkout`. The coins are there when the payment provider has
    told that it was paid, of which `wallet:updated` tells; a payment that is not completed in time is cancelled.
    """
    return _bought(*purchases.buy(current_viewer().id, ObjectId(body["packageId"]), body.get("paymentMethodId")))


@blueprint.post("/api/wallets/coins/buy")
@blueprint.post("/api/wallet/coins/buy")
@login_required()
@rate_limited("purchase", "60/minute")
@idempotent
@blueprint.accepts(CoinsPurchaseSchema, example={"coins": 500})
@blueprint.returns(201, **PURCHASE)
@blueprint.refuses(404, 409)
def buy_coins(body: dict[str, Any]) -> Reply:
    """Buy so many coins

    The package of just so many; 404 where there is none. Otherwise like `POST /api/coins/purchase`.
    """
    return _bought(*purchases.buy_coins(current_viewer().id, body["coins"], body.get("paymentMethodId")))


@blueprint.get("/api/coins/balance")
@login_required()
@blueprint.returns(
    200,
    balance=fields.Integer(required=True),
    available=fields.Integer(required=True),
    currency=fields.String(required=True),
)
def show_balance() -> dict[str, Any]:
    """Show how many coins one has

    Of `balance`, `available` is what nothing has set aside.
    """
    wallet = earnings.wallet(current_viewer().id)
    return {name: wallet[name] for name in ("balance", "available", "currency")}


@blueprint.get("/api/coins/transactions")
@login_required()
@blueprint.takes(TransactionsQuery)
@blueprint.returns(
    200,
    transactions=fields.List(fields.Nested(TransactionSchema), required=True),
    pagination=fields.Nested(PaginationSchema, required=True),
)
def list_transactions(query: dict[str, Any]) -> dict[str, Any]:
    """List what happened to one's coins

    The newest first; `type`, `status`, `from` and `to` filter. Continue with `cursor`.
    """
    found, pagination = earnings.rows(current_viewer().id, query)
    return {"transactions": found, "pagination": pagination}


@blueprint.get("/api/coins/earnings")
@login_required()
@blueprint.returns(200, earnings=fields.Nested(EarningsSchema, required=True))
def show_earnings() -> dict[str, Any]:
    """Show what one has earned

    In coins, and what those that can be paid out are worth.
    """
    user_id = current_viewer().id
    wallet = earnings.wallet(user_id)
    withdrawable = wallet["withdrawableBalance"]
    shown = {
        "total": wallet["totalEarnings"],
        "withdrawable": withdrawable,
        "pending": earnings.waiting(user_id),
        "withdrawn": wallet["lifetimeWithdrawals"],
        "value": money.shown(conversions.worth(withdrawable), conversions.CURRENCY),
        "rate": float(conversions.rate()),
        "currency": conversions.CURRENCY,
    }
    return {"earnings": shown}


@blueprint.post("/api/coins/convert")
@login_required()
@rate_limited("convert", "30/minute")
@idempotent
@blueprint.accepts(ConversionSchema, example={"coins": 500, "accountDetails": BANK})
@blueprint.returns(201, conversion=fields.Nested(WithdrawalSchema, required=True))
@blueprint.refuses(409)
def convert(body: dict[str, Any]) -> Reply:
    """Have earned coins paid out

    They are set aside at once, and leave when an administrator approves; `payout` is what is paid for them at the
    present rate. Coins that were bought cannot be paid out. `accountDetails` are for whoever decides, and shown to
    nobody else.
    """
    conversion = conversions.convert(current_viewer().id, body["coins"], body["accountDetails"])
    return Reply({"conversion": conversion}, "It is looked at")


def _bought(payment: dict[str, Any], checkout: Checkout) -> Reply:
    shown = payments.view(payment)
    bought = shown["metadata"]
    transaction = {
        "coins": bought["coins"] + bought["bonusCoins"],
        **{name: shown[name] for name in ("_id", "id", "type", "status", "amount", "currency")},
        **{name: shown[name] for name in ("description", "createdAt")},
    }
    data = {"payment": shown, "transaction": transaction, "checkout": checkout.as_dict()}
    return Reply(data, "Waiting for the payment", location=f"/api/payments/{payment['_id']}")
