"""Everybody's transactions, under the paths of the existing system's dashboard."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.wallets.queries import transactions, wallets
from mixillo.blueprints.wallets.routes.blueprint import administration
from mixillo.blueprints.wallets.schemas import (
    AllTransactionsQuery,
    OwnedTransactionSchema,
    TransactionSchema,
    TransactionsQuery,
)
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required


@administration.get("/transactions")
@login_required(*ADMINS)
@administration.takes(AllTransactionsQuery)
@administration.returns(
    200,
    transactions=fields.List(fields.Nested(OwnedTransactionSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
def list_everybodys_transactions(query: dict[str, Any]) -> dict[str, Any]:
    """List what moved in everybody's wallets

    The latest first. `search` takes the id of a transaction or of a user, the beginning of a username or an e-mail
    address.
    """
    found, pagination = transactions.everybody(query)
    return {"transactions": found, "pagination": pagination}


@administration.get("/transactions/stats")
@login_required(*ADMINS)
@administration.returns(
    200,
    totalTransactions=fields.Integer(required=True),
    completedCount=fields.Integer(required=True),
    pendingCount=fields.Integer(required=True),
    failedCount=fields.Integer(required=True),
    totalVolume=fields.Integer(required=True, metadata={"description": "How many coins ever moved."}),
)
def transaction_stats() -> dict[str, Any]:
    """Count transactions"""
    return transactions.statistics()


@administration.get("/<id:user_id>/transactions")
@login_required(*ADMINS)
@administration.takes(TransactionsQuery)
@administration.returns(
    200,
    transactions=fields.List(fields.Nested(TransactionSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
@administration.refuses(404)
def list_anybodys_transactions(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """List what moved in somebody's wallets

    The latest first. The id is the owner's, for all wallets, or a wallet's.
    """
    found = wallets.of_user(user_id) or [wallets.named(user_id, current_viewer())]
    rows, pagination = transactions.of_wallets(found, query)
    return {"transactions": rows, "pagination": pagination}
