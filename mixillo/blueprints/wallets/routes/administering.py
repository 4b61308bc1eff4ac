"""What administrators do with wallets; each of it is in the audit log."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.wallets.queries import wallets, withdrawals
from mixillo.blueprints.wallets.routes.blueprint import MONEY, acting, blueprint
from mixillo.blueprints.wallets.schemas import (
    ADD,
    AdditionSchema,
    AdjustmentSchema,
    CurrencyQuery,
    DeductionSchema,
    OwnedWalletSchema,
    ReasonSchema,
    TransactionSchema,
    WalletSchema,
    WalletsQuery,
    WholeWithdrawalSchema,
    WithdrawalSchema,
    WithdrawalsQuery,
    currency_field,
)
from mixillo.blueprints.wallets.services import accounts, adjusting, ledger
from mixillo.blueprints.wallets.services import withdrawals as withdrawing
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

CHANGED: dict[str, Any] = {
    "wallet": fields.Nested(WalletSchema, required=True),
    "transaction": fields.Nested(TransactionSchema, required=True),
}


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(WalletsQuery)
@blueprint.returns(
    200,
    wallets=fields.List(fields.Nested(OwnedWalletSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
def list_wallets(query: dict[str, Any]) -> dict[str, Any]:
    """List everybody's wallets in a currency

    The richest first. `search` takes a user's or a wallet's id, the beginning of a username or an e-mail address,
    and returns at most 100.
    """
    found, pagination = wallets.everybody(query)
    return {"wallets": found, "pagination": pagination}


@blueprint.get("/admin/stats")
@login_required(*ADMINS)
@blueprint.takes(CurrencyQuery)
@blueprint.returns(
    200,
    currency=currency_field(required=True),
    totalWallets=fields.Integer(required=True),
    totalBalance=fields.Float(required=True),
    totalDeposits=fields.Float(required=True),
    totalWithdrawals=fields.Float(required=True),
    frozenWallets=fields.Integer(required=True),
    pendingWithdrawals=fields.Integer(required=True),
)
def stats(query: dict[str, Any]) -> dict[str, Any]:
    """Count wallets and what moved

    `totalDeposits` is what users got from outside: coins that were issued, money that was paid in.
    """
    return wallets.statistics(query["currency"])


@blueprint.get("/admin/withdrawals")
@login_required(*ADMINS)
@blueprint.takes(WithdrawalsQuery)
@blueprint.returns(
    200,
    withdrawals=fields.List(fields.Nested(WithdrawalSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
def list_withdrawals(query: dict[str, Any]) -> dict[str, Any]:
    """List withdrawals

    Those that wait for a decision, unless another `status` is asked for; the latest first.
    """
    found, pagination = withdrawals.everybody(query)
    return {"withdrawals": found, "pagination": pagination}


@blueprint.get("/admin/withdrawals/<id:withdrawal_id>")
@login_required(*ADMINS)
@blueprint.returns(200, withdrawal=fields.Nested(WholeWithdrawalSchema, required=True))
@blueprint.refuses(404)
def show_withdrawal(withdrawal_id: ObjectId) -> dict[str, Any]:
    """Show one withdrawal, with where the money is to go

    Who looks is in the audit log.
    """
    return {"withdrawal": withdrawals.whole(withdrawing.look(withdrawal_id, actor=acting()))}


@blueprint.post("/admin/withdrawals/<id:withdrawal_id>/approve")
@login_required(*ADMINS)
@rate_limited("money", MONEY)
@idempotent
@blueprint.returns(200, withdrawal=fields.Nested(WithdrawalSchema, required=True))
@blueprint.refuses(404, 409)
def approve_withdrawal(withdrawal_id: ObjectId) -> Reply:
    """Approve a withdrawal

    What was set aside leaves the wallet; paying it out is up to you. 409 when it was decided before.
    """
    held = withdrawing.approve(withdrawal_id, actor=acting(), operation_id=operation_id())
    return Reply({"withdrawal": withdrawals.views([held])[0]}, "Approved")


@blueprint.post("/admin/withdrawals/<id:withdrawal_id>/reject")
@login_required(*ADMINS)
@rate_limited("money", MONEY)
@idempotent
@blueprint.accepts(ReasonSchema, example={"reason": "The account is not in your name"})
@blueprint.returns(200, withdrawal=fields.Nested(WithdrawalSchema, required=True))
@blueprint.refuses(404, 409)
def reject_withdrawal(body: dict[str, Any], withdrawal_id: ObjectId) -> Reply:
    """Reject a withdrawal

    What was set aside is back in the wallet; its owner sees the reason.
    """
    held = withdrawing.reject(withdrawal_id, body["reason"], actor=acting(), operation_id=operation_id())
    return Reply({"withdrawal": withdrawals.views([held])[0]}, "Rejected")


@blueprint.get("/admin/<id:user_id>")
@login_required(*ADMINS)
@blueprint.takes(CurrencyQuery)
@blueprint.returns(200, wallet=fields.Nested(OwnedWalletSchema, required=True))
@blueprint.refuses(404)
def show_anybodys_wallet(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """Show anybody's wallet with its owner"""
    found = wallets.named(user_id, current_viewer(), query["currency"])
    return {"wallet": wallets.with_owners([found])[0]}


@blueprint.post("/admin/<id:user_id>/adjust")
@login_required(*ADMINS)
@rate_limited("money", MONEY)
@idempotent
@blueprint.accepts(AdjustmentSchema, example={"amount": 5, "type": ADD, "reason": "Sorry for the outage"})
@blueprint.returns(200, **CHANGED)
@blueprint.refuses(404, 409)
def adjust(body: dict[str, Any], user_id: ObjectId) -> Reply:
    """Add to somebody's wallet, or deduct from it

    `amount` is above zero for both; `deduct` deducts.
    """
    change = adjusting.add if body["type"] == ADD else adjusting.deduct
    account = ledger.user(user_id, body["currency"])
    row = change(account, body["amount"], body["reason"], actor=acting(), operation_id=operation_id())
    return _changed(account, row, "Added" if body["type"] == ADD else "Deducted")


@blueprint.post("/<id:user_id>/add-funds")
@login_required(*ADMINS)
@rate_limited("money", MONEY)
@idempotent
@blueprint.accepts(AdditionSchema, example={"amount": 5, "description": "Winner of the week"})
@blueprint.returns(200, **CHANGED)
@blueprint.refuses(404, 409)
def add_funds(body: dict[str, Any], user_id: ObjectId) -> Reply:
    """Put something into somebody's wallet

    It cannot be withdrawn, unless `isEarning` says that it was earned.
    """
    account = ledger.user(user_id, body["currency"])
    row = adjusting.add(
        account,
        body["amount"],
        body["description"],
        earned=body["isEarning"],
        actor=acting(),
        operation_id=operation_id(),
    )
    return _changed(account, row, "Added")


@blueprint.post("/<id:user_id>/deduct-funds")
@login_required(*ADMINS)
@rate_limited("money", MONEY)
@idempotent
@blueprint.accepts(DeductionSchema, example={"amount": 1, "description": "Booked by mistake"})
@blueprint.returns(200, **CHANGED)
@blueprint.refuses(404, 409)
def deduct_funds(body: dict[str, Any], user_id: ObjectId) -> Reply:
    """Take something out of somebody's wallet"""
    account = ledger.user(user_id, body["currency"])
    row = adjusting.deduct(account, body["amount"], body["description"], actor=acting(), operation_id=operation_id())
    return _changed(account, row, "Deducted")


@blueprint.post("/<id:user_id>/freeze")
@login_required(*ADMINS)
@rate_limited("money", MONEY)
@idempotent
@blueprint.accepts(ReasonSchema, example={"reason": "Under review"})
@blueprint.returns(200, wallet=fields.Nested(WalletSchema, required=True))
@blueprint.refuses(404)
def freeze(body: dict[str, Any], user_id: ObjectId) -> Reply:
    """Freeze a wallet, so that nothing leaves it

    A user's id freezes all wallets of the user; a wallet's id freezes that one.
    """
    found = _frozen_together(user_id)
    accounts.freeze(found, body["reason"], actor=acting())
    return Reply({"wallet": _again(found[0])}, "Frozen")


@blueprint.post("/<id:user_id>/unfreeze")
@login_required(*ADMINS)
@rate_limited("money", MONEY)
@idempotent
@blueprint.accepts(ReasonSchema, example={"reason": "Reviewed"})
@blueprint.returns(200, wallet=fields.Nested(WalletSchema, required=True))
@blueprint.refuses(404)
def unfreeze(body: dict[str, Any], user_id: ObjectId) -> Reply:
    """Let what is in a wallet move again

    A user's id is for all wallets of the user; a wallet's id for that one.
    """
    found = _frozen_together(user_id)
    accounts.unfreeze(found, body["reason"], actor=acting())
    return Reply({"wallet": _again(found[0])}, "No longer frozen")


def _frozen_together(wallet_or_user_id: ObjectId) -> list[dict[str, Any]]:
    """Return the stored wallets that an id names, that of coins first."""
    found = wallets.of_user(wallet_or_user_id)
    return found or [wallets.named(wallet_or_user_id, current_viewer())]


def _again(wallet: dict[str, Any]) -> dict[str, Any]:
    return wallets.view(wallets.stored(wallet["userId"], wallet["currency"]) or wallet)


def _changed(account: ledger.Account, row: dict[str, Any], message: str) -> Reply:
    wallet = wallets.stored(ObjectId(account.owner), account.currency) or {}
    return Reply({"wallet": wallets.view(wallet), "transaction": row}, message)
