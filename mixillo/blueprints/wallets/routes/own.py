"""One's own wallet: what is in it, what moved, giving and withdrawing."""

from typing import Any

from bson import ObjectId
from flask import current_app
from marshmallow import fields

from mixillo.blueprints.wallets.queries import transactions, wallets, withdrawals
from mixillo.blueprints.wallets.routes.blueprint import MONEY, blueprint
from mixillo.blueprints.wallets.schemas import (
    CurrencyQuery,
    TransactionSchema,
    TransactionsQuery,
    TransferSchema,
    WalletSchema,
    WithdrawalRequestSchema,
    WithdrawalSchema,
    currency_field,
)
from mixillo.blueprints.wallets.services import accounts, ledger, transfers
from mixillo.blueprints.wallets.services import withdrawals as withdrawing
from mixillo.core import money
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import current_viewer, login_required

ID = "64b7f3a2c9e77a0012ab34cd"
DETAILS = {"holder": "Ada Lovelace", "iban": "DE02120300000000202051"}
BALANCE: dict[str, Any] = {
    "balance": fields.Float(required=True),
    "available": fields.Float(required=True),
    "coins": fields.Integer(required=True),
    "currency": currency_field(required=True),
    "wallet": fields.Nested(WalletSchema, required=True),
}


def balance_of(wallet: dict[str, Any]) -> dict[str, Any]:
    """Return the balance of a stored wallet, with the wallet, which some clients read instead."""
    shown = wallets.view(wallet)
    return {name: shown[name] for name in ("balance", "available", "coins", "currency")} | {"wallet": shown}


@blueprint.get("")
@login_required()
@blueprint.takes(CurrencyQuery)
@blueprint.returns(200, wallet=fields.Nested(WalletSchema, required=True))
def show_own_wallet(query: dict[str, Any]) -> dict[str, Any]:
    """Show one's own wallet

    Everybody has one for each currency; it is opened when it is first looked at.
    """
    return {"wallet": wallets.view(accounts.own(current_viewer().id, query["currency"]))}


@blueprint.get("/balance")
@login_required()
@blueprint.takes(CurrencyQuery)
@blueprint.returns(200, **BALANCE)
def show_own_balance(query: dict[str, Any]) -> dict[str, Any]:
    """Show how much one has

    `available` is what can be spent: the balance without what is set aside for withdrawals and checkouts.
    """
    return balance_of(accounts.own(current_viewer().id, query["currency"]))


@blueprint.get("/transactions")
@login_required()
@blueprint.takes(TransactionsQuery)
@blueprint.returns(
    200,
    transactions=fields.List(fields.Nested(TransactionSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
def list_own_transactions(query: dict[str, Any]) -> dict[str, Any]:
    """List what moved in one's wallets

    The latest first, of all currencies unless one is named. `amount` is below zero where something left.
    """
    found, pagination = transactions.of_wallets(wallets.of_user(current_viewer().id), query)
    return {"transactions": found, "pagination": pagination}


@blueprint.get("/transactions/<id:transaction_id>")
@login_required()
@blueprint.returns(200, transaction=fields.Nested(TransactionSchema, required=True))
@blueprint.refuses(404)
def show_transaction(transaction_id: ObjectId) -> dict[str, Any]:
    """Show one movement

    Of one's own; administrators see everybody's.
    """
    viewer = current_viewer()
    return {"transaction": transactions.one(transaction_id, None if viewer.is_admin else viewer.id)}


@blueprint.post("/transfer")
@login_required()
@rate_limited("money", MONEY)
@idempotent
@blueprint.accepts(TransferSchema, example={"toUserId": ID, "amount": 1, "description": "Thank you!"})
@blueprint.returns(201, transaction=fields.Nested(TransactionSchema, required=True))
@blueprint.refuses(404, 409)
def transfer(body: dict[str, Any]) -> Reply:
    """Give somebody coins or money

    Send an `Idempotency-Key`. 409 where there is not as much (`insufficient_funds`), where the wallet is frozen
    (`wallet_frozen`), and where it would be more than may be given away in 24 hours (`transfer_limit_reached`).
    """
    settings = current_app.config["SETTINGS"]
    limit = settings.transfer_limit_coins if body["currency"] == money.COINS else settings.transfer_limit_money
    row = transfers.send(
        current_viewer(),
        ObjectId(body.get("toUserId") or body["recipientId"]),
        body["amount"],
        body["currency"],
        text=body.get("description") or body.get("note"),
        daily_limit=money.exact_minor(limit, body["currency"]),
        operation_id=operation_id(),
    )
    return Reply({"transaction": row}, "Sent", location=f"{blueprint.url_prefix}/transactions/{row['_id']}")


@blueprint.post("/withdraw")
@login_required()
@rate_limited("withdrawals", "10/minute")
@idempotent
@blueprint.accepts(WithdrawalRequestSchema, example={"amount": 1, "method": "bank", "accountDetails": DETAILS})
@blueprint.returns(
    201,
    transaction=fields.Nested(TransactionSchema, required=True),
    withdrawal=fields.Nested(WithdrawalSchema, required=True),
)
@blueprint.refuses(409)
def withdraw(body: dict[str, Any]) -> Reply:
    """Ask for what one has earned to be paid out

    It is set aside at once and leaves when an administrator approves. Only what was earned can be withdrawn
    (`withdrawableBalance`): 409 `not_earned` where there is more, 409 `insufficient_funds` where there is not.
    """
    viewer = current_viewer()
    held = withdrawing.request(
        ledger.user(viewer.id, body["currency"]),
        body["amount"],
        method=body["method"],
        account_details=body["accountDetails"],
        operation_id=operation_id(),
    )
    row = transactions.one(held["rowId"], viewer.id)
    shown = withdrawals.views([held])[0]
    place = f"{blueprint.url_prefix}/transactions/{row['_id']}"
    return Reply({"transaction": row, "withdrawal": shown}, "Waiting for approval", location=place)
