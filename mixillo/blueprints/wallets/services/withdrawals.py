"""Withdrawals: what was earned is set aside at once, and leaves when an administrator approves.

A withdrawal is a hold of the ledger. Where the money goes (``accountDetails``) is kept with the hold for whoever
decides; it is in no list, no log, no audit entry and no row of the owner's.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.wallets.models import HOLDS, PAYOUTS, WITHDRAWAL
from mixillo.blueprints.wallets.queries.withdrawals import PREFIX
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Account, AlreadyPosted, AlreadyResolved, Note, Posted, Transfer
from mixillo.core import audit_log, clock, money
from mixillo.core.db import ops_database, transact
from mixillo.errors import NotFound

Document = dict[str, Any]


class WithdrawalNotFound(NotFound):
    """There is no such withdrawal."""

    code, title = "withdrawal_not_found", "There is no such withdrawal"


def request(
    account: Account,
    amount: int,
    *,
    method: str,
    account_details: Mapping[str, Any],
    operation_id: ObjectId,
    payout: Mapping[str, Any] | None = None,
) -> Document:
    """Set ``amount`` (minor units) of what ``account`` has earned aside, and return the hold, which is pending.

    ``payout`` says what is to be paid where that is not the amount itself: ``{amount, currency, rate}``, as it is
    to be shown. Repeated with the same ``operation_id``, it returns what was requested then.

    :raises InsufficientFunds: there is not as much.
    :raises NotEarned: there is, but it was not earned.
    :raises WalletFrozen: the wallet is frozen.
    """
    hold_id = hold_id_of(operation_id)
    transfer = Transfer(account, ledger.house(PAYOUTS, account.currency), amount, WITHDRAWAL)
    note = Note(WITHDRAWAL, f"Withdrawal by {method}", {"referenceId": operation_id, "referenceType": WITHDRAWAL})
    details = {"method": method, "accountDetails": dict(account_details), "payout": dict(payout) if payout else None}
    with suppress(AlreadyPosted):
        held = partial(ledger.hold, hold_id, transfer, {account: note}, of_earnings=True, details=details)
        ledger.announce(transact(held, turns_of=[account.owner]))
    return find(operation_id)


def find(withdrawal_id: ObjectId) -> Document:
    """Return the hold behind a withdrawal, with its ``details``.

    :raises WithdrawalNotFound: there is none of this id.
    """
    found = ops_database()[HOLDS].find_one({"_id": hold_id_of(withdrawal_id)})
    if found is None:
        raise WithdrawalNotFound
    return found


def look(withdrawal_id: ObjectId, *, actor: Document) -> Document:
    """Return the hold behind a withdrawal for somebody who sees where the money goes; that is recorded.

    :raises WithdrawalNotFound: there is none of this id.
    """
    found = find(withdrawal_id)
    audit_log.record("withdrawal.looked_at", actor=actor, target="withdrawal", target_id=withdrawal_id)
    return found


def approve(withdrawal_id: ObjectId, *, actor: Document, operation_id: ObjectId) -> Document:
    """Let the money leave: the house owes it no longer. Return the hold.

    :raises WithdrawalNotFound: there is none of this id.
    :raises AlreadyResolved: it was decided before, by another operation.
    :raises WalletFrozen: the wallet has been frozen meanwhile.
    """
    work = partial(ledger.post_hold, hold_id_of(withdrawal_id))
    return _decide(withdrawal_id, work, "withdrawal.approved", {}, actor, operation_id)


def reject(withdrawal_id: ObjectId, reason: str, *, actor: Document, operation_id: ObjectId) -> Document:
    """Give the money back to its owner, who is told the ``reason``. Return the hold.

    :raises WithdrawalNotFound: there is none of this id.
    :raises AlreadyResolved: it was decided before, by another operation.
    """
    work = partial(ledger.void, hold_id_of(withdrawal_id), reason=reason)
    return _decide(withdrawal_id, work, "withdrawal.rejected", {"reason": reason}, actor, operation_id)


def hold_id_of(withdrawal_id: ObjectId) -> str:
    """Return the id of the hold behind a withdrawal."""
    return f"{PREFIX}{withdrawal_id}"


def id_of(held: Document) -> ObjectId:
    """Return the id of the withdrawal behind a hold."""
    return ObjectId(held["_id"].removeprefix(PREFIX))


def _decide(
    withdrawal_id: ObjectId,
    resolve: Callable[[ClientSession], Posted],
    action: str,
    said: Document,
    actor: Document,
    operation_id: ObjectId,
) -> Document:
    held = find(withdrawal_id)

    def work(session: ClientSession) -> Posted:
        posted = resolve(session)
        decision = {"by": actor, "at": clock.now(), "operationId": operation_id, **said}
        ops_database()[HOLDS].update_one({"_id": held["_id"]}, {"$set": {"decision": decision}}, session=session)
        changes = {"before": {"state": held["state"]}, "after": {"amount": shown_amount(held), **said}}
        audit_log.record(
            action, actor=actor, target="withdrawal", target_id=withdrawal_id, changes=changes, session=session
        )
        return posted

    try:
        ledger.announce(transact(work, turns_of=[held["debit"]]))
    except AlreadyResolved:
        if find(withdrawal_id).get("decision", {}).get("operationId") != operation_id:
            raise
    return find(withdrawal_id)


def shown_amount(held: Document) -> str:
    """Return what a hold sets aside, in words."""
    return money.in_words(int(held["amount"]), held["currency"])
