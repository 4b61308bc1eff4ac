"""Administrators putting things right: what is added comes from the house, what is deducted goes back to it."""

from contextlib import suppress
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.blueprints.wallets.models import ADJUSTMENT, ISSUED, REVENUE
from mixillo.blueprints.wallets.queries import transactions
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Account, AlreadyPosted, Entry, Note, Posted, Transfer
from mixillo.core import audit_log, money
from mixillo.core.db import transact

Document = dict[str, Any]


def add(
    account: Account, amount: int, reason: str, *, earned: bool = False, actor: Document, operation_id: ObjectId
) -> Document:
    """Put ``amount`` (minor units) into a user's wallet and return the owner's row; ``earned`` may be withdrawn.

    :raises UserNotFound: there is no such user.
    """
    return _adjust(account, amount, Note("bonus", reason, is_earning=earned), actor, operation_id)


def deduct(account: Account, amount: int, reason: str, *, actor: Document, operation_id: ObjectId) -> Document:
    """Take ``amount`` (minor units) out of a user's wallet and return the owner's row.

    :raises UserNotFound: there is no such user.
    :raises InsufficientFunds: there is not as much.
    :raises WalletFrozen: the wallet is frozen.
    """
    return _adjust(account, -amount, Note("refund", reason), actor, operation_id)


def _adjust(account: Account, step: int, note: Note, actor: Document, operation_id: ObjectId) -> Document:
    """Move ``step`` (below zero: to the house); coins are issued and taken back, money is the house's own."""
    owner = ObjectId(account.owner)
    if not User.collection().find_one({"_id": owner}, ["_id"]):
        raise UserNotFound
    other = ledger.house(ISSUED if account.currency == money.COINS else REVENUE, account.currency)
    debit, credit = (other, account) if step > 0 else (account, other)
    entry = Entry(f"adjustment:{operation_id}", [Transfer(debit, credit, abs(step), ADJUSTMENT)], {account: note})

    def work(session: ClientSession) -> Posted:
        posted = ledger.post(entry, session)
        row = posted.rows[account]
        changes = {
            "before": {
                "balance": money.in_words(money.minor(row["balanceBefore"], account.currency), account.currency)
            },
            "after": {
                "balance": money.in_words(money.minor(row["balanceAfter"], account.currency), account.currency),
                "reason": note.description,
                "earned": note.is_earning,
            },
        }
        wallet_id = posted.wallets[account]["_id"]
        action = "wallet.added_to" if step > 0 else "wallet.deducted_from"
        audit_log.record(action, actor=actor, target="wallet", target_id=wallet_id, changes=changes, session=session)
        return posted

    with suppress(AlreadyPosted):
        ledger.announce(transact(work, turns_of=[owner]))
    return transactions.of_entry(entry.id, owner)
