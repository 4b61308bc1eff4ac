"""A wallet that an id names, its owner's or its own: for its owner and for administrators, a 404 for others."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.wallets.queries import transactions, wallets
from mixillo.blueprints.wallets.routes.blueprint import blueprint
from mixillo.blueprints.wallets.routes.own import BALANCE, balance_of
from mixillo.blueprints.wallets.schemas import CurrencyQuery, TransactionSchema, TransactionsQuery, WalletSchema
from mixillo.blueprints.wallets.services import accounts
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import current_viewer, login_required


def _wallet(user_id: ObjectId, currency: str) -> dict[str, Any]:
    """Return the stored wallet; one's own is opened when it is first looked at."""
    viewer = current_viewer()
    if viewer.id == user_id:
        return accounts.own(user_id, currency)
    return wallets.named(user_id, viewer, currency)


@blueprint.get("/<id:user_id>")
@login_required()
@blueprint.takes(CurrencyQuery)
@blueprint.returns(200, wallet=fields.Nested(WalletSchema, required=True))
@blueprint.refuses(404)
def show_wallet(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """Show somebody's wallet

    For its owner and for administrators. The id is the owner's or the wallet's.
    """
    return {"wallet": wallets.view(_wallet(user_id, query["currency"]))}


@blueprint.get("/<id:user_id>/balance")
@login_required()
@blueprint.takes(CurrencyQuery)
@blueprint.returns(200, **BALANCE)
@blueprint.refuses(404)
def show_balance(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """Show how much somebody has

    For its owner and for administrators. The id is the owner's or the wallet's.
    """
    return balance_of(_wallet(user_id, query["currency"]))


@blueprint.get("/<id:user_id>/transactions")
@login_required()
@blueprint.takes(TransactionsQuery)
@blueprint.returns(
    200,
    transactions=fields.List(fields.Nested(TransactionSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
@blueprint.refuses(404)
def list_transactions(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """List what moved in somebody's wallets

    For the owner and for administrators, the latest first. The id is the owner's, for all wallets, or a wallet's.
    """
    viewer = current_viewer()
    found = wallets.of_user(user_id) if viewer.is_admin or viewer.id == user_id else []
    if not found and viewer.id != user_id:
        found = [wallets.named(user_id, viewer)]
    rows, pagination = transactions.of_wallets(found, query)
    return {"transactions": rows, "pagination": pagination}
