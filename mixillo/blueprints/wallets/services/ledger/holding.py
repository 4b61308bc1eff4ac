"""Two-phase transfers: a hold sets money aside; it is posted (all or part), voided or expires, exactly once."""

from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.wallets.models import CANCELLED, EXPIRED, HOLDS, OPEN, PENDING, POSTED, VOIDED, Transaction
from mixillo.blueprints.wallets.services.ledger import rows
from mixillo.blueprints.wallets.services.ledger.changing import Change, change_wallet
from mixillo.blueprints.wallets.services.ledger.entries import Account, Entry, Note, Transfer
from mixillo.blueprints.wallets.services.ledger.errors import AlreadyPosted, AlreadyResolved, HoldNotFound
from mixillo.blueprints.wallets.services.ledger.posting import book, change_of
from mixillo.blueprints.wallets.services.ledger.telling import Posted, written
from mixillo.core import clock, money
from mixillo.core.db import ops_database, transact

Document = dict[str, Any]


def hold(
    hold_id: str,
    transfer: Transfer,
    notes: dict[Account, Note],
    session: ClientSession,
    *,
    expires_at: datetime | None = None,
    of_earnings: bool = False,
    details: dict[str, Any] | None = None,
) -> Posted:
    """Set the amount of ``transfer`` aside in a user's wallet, whose owner sees a pending row.

    ``notes`` say how it will look once it is posted. Without ``expires_at`` the hold waits until somebody
    decides about it. ``of_earnings``: only what was earned may be set aside. ``details`` are kept with the hold,
    for those who decide.

    :raises AlreadyPosted: there is a hold of this id; the transaction is over.
    :raises InsufficientFunds: there is not as much in the wallet.
    :raises NotEarned: there is, but it was not earned.
    :raises WalletFrozen: the wallet is frozen.
    """
    now, account = clock.now(), transfer.debit
    entry = Entry(f"{hold_id}:posted", [transfer], notes)
    if ops_database()[HOLDS].find_one({"_id": hold_id}, ["_id"], session=session):
        raise AlreadyPosted
    earned = -transfer.amount if of_earnings else 0
    change = Change({"pending": transfer.amount}, needed=transfer.amount, earned=earned)
    wallet = change_wallet(account, change, now, session)
    row = rows.owners_row(account, notes[account], entry.id, wallet["_id"], now) | {
        "amount": money.stored(-transfer.amount, account.currency),
        "status": PENDING,
        "balanceBefore": wallet["balance"],
        "balanceAfter": wallet["balance"],
    }
    document = _document(hold_id, transfer, notes, row, expires_at)
    _insert(document | {"ofEarnings": of_earnings, "details": details or {}}, session)
    Transaction.collection().insert_one(row, session=session)
    return written(Posted({account: wallet}, {account: row}), session)


def post_hold(hold_id: str, session: ClientSession, *, amount: int | None = None) -> Posted:
    """Carry a hold out, or the part ``amount`` (minor units) of it; what is left is free again.

    :raises HoldNotFound: there is none of this id.
    :raises AlreadyResolved: it was posted, voided or has expired before.
    :raises WalletFrozen: the wallet has been frozen meanwhile.
    """
    held = _resolve(hold_id, POSTED, session)
    if amount is not None and not 0 < amount <= held["amount"]:
        raise ValueError(f"of a hold of {held['amount']} one posts 1 to all of it, not {amount}")
    entry = _entry(held, held["amount"] if amount is None else amount)
    (transfer,) = entry.transfers
    Transaction.collection().delete_one({"_id": held["rowId"]}, session=session)
    changes = {account: change_of(entry, account) for account in entry.accounts if not account.is_house}
    debit = changes[transfer.debit]
    back = _earned(held, held["amount"] - transfer.amount)
    changes[transfer.debit] = Change(debit.steps, needed=debit.needed, released=held["amount"], earned=back)
    pending = {transfer.debit: {"_id": held["rowId"], "createdAt": held["createdAt"]}}
    return written(book(entry, changes, session, pending=pending), session)


def void(hold_id: str, session: ClientSession, *, reason: str, state: str = VOIDED) -> Posted:
    """Give a hold up: what it set aside is free again, and its owner sees the row as cancelled, with ``reason``.

    :raises HoldNotFound: there is none of this id.
    :raises AlreadyResolved: it was posted, voided or has expired before.
    """
    now, held = clock.now(), _resolve(hold_id, state, session)
    (transfer,) = _entry(held, held["amount"]).transfers
    change = Change({}, released=held["amount"], earned=_earned(held, held["amount"]))
    wallet = change_wallet(transfer.debit, change, now, session)
    cancelled = {"status": CANCELLED, "failureReason": reason, "processedAt": now, "updatedAt": now}
    Transaction.collection().update_one({"_id": held["rowId"]}, {"$set": cancelled}, session=session)
    row = Transaction.collection().find_one({"_id": held["rowId"]}, session=session) or {}
    return written(Posted({transfer.debit: wallet}, {transfer.debit: row}), session)


def expire(limit: int = 1_000) -> list[Posted]:
    """Void the open holds whose time is over, each in its own transaction; return what happened."""
    where = {"state": OPEN, "expiresAt": {"$lte": clock.now()}}
    done = []
    for held in ops_database()[HOLDS].find(where, ["debit"], limit=limit, sort=[("expiresAt", 1)]):
        with suppress(AlreadyResolved):  # somebody was faster
            done.append(transact(partial(_expire, held["_id"]), turns_of=[held["debit"]]))
    return done


def _expire(hold_id: str, session: ClientSession) -> Posted:
    return void(hold_id, session, reason="It was not completed in time", state=EXPIRED)


def _earned(held: Document, amount: int) -> int:
    """Return how much of ``amount`` that is free again may be withdrawn again: all, if only that could be held."""
    return int(amount) if held.get("ofEarnings") else 0


def _insert(document: Document, session: ClientSession) -> None:
    try:
        ops_database()[HOLDS].insert_one(document, session=session)
    except DuplicateKeyError:
        raise AlreadyPosted from None


def _resolve(hold_id: str, state: str, session: ClientSession) -> Document:
    """Decide about an open hold, once, and return it."""
    holds, now = ops_database()[HOLDS], clock.now()
    held = holds.find_one_and_update(
        {"_id": hold_id, "state": OPEN}, {"$set": {"state": state, "resolvedAt": now}}, session=session
    )
    if held is None:
        known = holds.find_one({"_id": hold_id}, ["state"], session=session)
        raise AlreadyResolved(f"It is {known['state']} already.") if known else HoldNotFound
    return held


def _document(
    hold_id: str, transfer: Transfer, notes: dict[Account, Note], row: Document, expires_at: datetime | None
) -> Document:
    return {
        "_id": hold_id,
        "state": OPEN,
        "debit": transfer.debit.owner,
        "credit": transfer.credit.owner,
        "amount": Int64(transfer.amount),
        "currency": transfer.currency,
        "kind": transfer.kind,
        "notes": [
            {"owner": account.owner, "type": note.type, "description": note.description, "fields": dict(note.fields),
             "isEarning": note.is_earning}
            for account, note in notes.items()
        ],
        "rowId": row["_id"],
        "walletId": row["walletId"],
        "createdAt": row["createdAt"],
        "expiresAt": expires_at,
    }  # fmt: skip


def _entry(held: Document, amount: int) -> Entry:
    currency = held["currency"]
    transfer = Transfer(Account(held["debit"], currency), Account(held["credit"], currency), int(amount), held["kind"])
    notes = {
        Account(note["owner"], currency): Note(note["type"], note["description"], note["fields"], note["isEarning"])
        for note in held["notes"]
    }
    return Entry(f"{held['_id']}:posted", [transfer], notes)
