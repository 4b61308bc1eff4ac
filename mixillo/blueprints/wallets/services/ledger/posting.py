"""Posting: guarded changes of wallets, ledger rows and the rows that owners see, in one transaction."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from mixillo.blueprints.wallets.models import COMPLETED, DEBT_REPAID, REVENUE, WITHDRAWAL, Transaction
from mixillo.blueprints.wallets.queries.amounts import EARNED
from mixillo.blueprints.wallets.services.ledger import rows
from mixillo.blueprints.wallets.services.ledger.changing import WITHDRAWN, Change, change_wallet
from mixillo.blueprints.wallets.services.ledger.entries import Account, Entry, Note, Transfer, house
from mixillo.blueprints.wallets.services.ledger.errors import InsufficientFunds, WalletFrozen
from mixillo.blueprints.wallets.services.ledger.telling import Posted, written
from mixillo.core import clock, money

Document = dict[str, Any]


def post(entry: Entry, session: ClientSession) -> Posted:
    """Book ``entry`` within the transaction of ``session``.

    Wallets change in the order of their accounts, so that parallel entries do not wait for each other in
    circles; those of the house are sums that nobody keeps up here, because every entry would wait for them.
    Whoever owes the house something repays it from what arrives.

    :raises AlreadyPosted: an entry of this id stands in the ledger; the transaction is over.
    :raises InsufficientFunds: a user's wallet would fall below zero.
    :raises WalletFrozen: a user's wallet is frozen and would be debited.
    """
    changes = {account: change_of(entry, account) for account in entry.accounts if not account.is_house}
    posted = book(entry, changes, session)
    for repayment in _repayments(entry, posted):
        posted.wallets.update(book(repayment, _repaying(repayment), session).wallets)
    return written(posted, session)


def change_of(entry: Entry, account: Account) -> Change:
    """Return what ``entry`` does to a user's wallet."""
    note, leaving, arriving = entry.notes[account], entry.debits(account), entry.credits(account)
    earned = arriving - leaving if note.is_earning else 0
    withdrawn = leaving if note.type == WITHDRAWAL else 0
    steps = {"balance": arriving - leaving, "totalEarnings": earned, EARNED: earned, WITHDRAWN: withdrawn}
    return Change(steps, needed=leaving)


def book(
    entry: Entry,
    changes: Mapping[Account, Change],
    session: ClientSession,
    *,
    pending: Mapping[Account, Document] | None = None,
) -> Posted:
    """Change the wallets as told, and write ``entry`` down.

    ``pending`` are rows that owners saw before (``_id`` and ``createdAt``): theirs keep both.
    """
    now = clock.now()
    try:
        wallets = {account: change_wallet(account, change, now, session) for account, change in changes.items()}
    except (InsufficientFunds, WalletFrozen):
        rows.refuse_known(entry.id, session)  # who repeats what emptied the wallet is told that it was done
        raise
    rows.write_transfers(entry, {account: wallet["_id"] for account, wallet in wallets.items()}, now, session)
    shown = {
        account: _owners_row(account, entry, wallet, now) | (pending or {}).get(account, {})
        for account, wallet in wallets.items()
    }
    if shown:
        Transaction.collection().insert_many(list(shown.values()), session=session)
    return Posted(wallets, shown)


def _owners_row(account: Account, entry: Entry, wallet: Document, now: datetime) -> Document:
    step = entry.credits(account) - entry.debits(account)
    after = money.minor(wallet["balance"], account.currency)
    return rows.owners_row(account, entry.notes[account], entry.id, wallet["_id"], now) | {
        "amount": money.stored(step, account.currency),
        "status": COMPLETED,
        "balanceBefore": money.stored(after - step, account.currency),
        "balanceAfter": money.stored(after, account.currency),
        "completedAt": now,
    }


def _repayments(entry: Entry, posted: Posted) -> Iterator[Entry]:
    """Yield the entries by which those who owe something repay it from what ``entry`` brought them."""
    for account, wallet in posted.wallets.items():
        debt = 0 if wallet.get("isLocked") else money.minor(wallet.get("debt"), account.currency)
        if amount := min(debt, entry.credits(account)):
            transfer = Transfer(account, house(REVENUE, account.currency), amount, DEBT_REPAID)
            note = Note("refund", "Repaid for a refunded purchase that had been spent")
            yield Entry(f"{entry.id}:debt:{wallet['_id']}", [transfer], {account: note})


def _repaying(repayment: Entry) -> dict[Account, Change]:
    (transfer,) = repayment.transfers
    steps = {"balance": -transfer.amount, "debt": -transfer.amount}
    return {transfer.debit: Change(steps, needed=transfer.amount)}
