"""Corrections: an entry is never changed; what was wrong goes back by new transfers."""

from dataclasses import replace
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.wallets.models import (
    CLAWBACK,
    CLAWBACK_DEBT,
    HOUSE_ACCOUNTS,
    ISSUED,
    REVENUE,
    TRANSFERS,
    Transaction,
    Wallet,
)
from mixillo.blueprints.wallets.queries.amounts import available
from mixillo.blueprints.wallets.services.ledger.changing import Change
from mixillo.blueprints.wallets.services.ledger.entries import Account, Entry, Note, Transfer, house, house_id
from mixillo.blueprints.wallets.services.ledger.errors import EntryNotFound
from mixillo.blueprints.wallets.services.ledger.posting import book, post
from mixillo.blueprints.wallets.services.ledger.telling import Posted, written
from mixillo.core.db import ops_database


def reverse(entry_id: str, note: Note, session: ClientSession) -> Posted:
    """Book the opposite of an entry, once; every user concerned sees it with ``note``.

    :raises EntryNotFound: there is none of this id.
    :raises AlreadyPosted: it was reversed before.
    :raises InsufficientFunds: who received something has not got it any more.
    """
    booked = list(ops_database()[TRANSFERS].find({"entryId": entry_id}, sort=[("_id", 1)], session=session))
    if not booked:
        raise EntryNotFound
    accounts = _accounts(
        {each[side] for each in booked for side in ("debit", "credit")}, booked[0]["currency"], session
    )
    back = [
        Transfer(accounts[each["credit"]], accounts[each["debit"]], int(each["amount"]), f"{each['kind']}_reversed")
        for each in booked
    ]
    earners = _earners(entry_id, session)
    notes = {
        account: replace(note, is_earning=account.owner in earners)
        for account in accounts.values()
        if not account.is_house
    }
    return post(Entry(f"{entry_id}:reversed", back, notes), session)


def claw_back(
    claw_id: str, account: Account, amount: int, note: Note, session: ClientSession, *, back_to: str = ISSUED
) -> Posted:
    """Take ``amount`` that the house's account ``back_to`` gave back from ``account``, whatever is left of it.

    What has been spent, or is on hold or frozen, cannot be taken: the house bears it and the account owes it
    (``debt``), to be repaid from what arrives later. Those who received the gifts keep what they earned.

    :raises AlreadyPosted: this was taken back before.
    """
    wallet = Wallet.collection().find_one({"userId": account.owner, "currency": account.currency}, session=session)
    taken = min(amount, _takeable(wallet, account.currency))
    transfers, source = [], house(back_to, account.currency)
    if taken:
        transfers.append(Transfer(account, source, taken, CLAWBACK))
    if owed := amount - taken:
        transfers.append(Transfer(house(REVENUE, account.currency), source, owed, CLAWBACK_DEBT, about=account))
    change = Change({"balance": -taken, "debt": owed}, needed=taken)
    posted = book(Entry(claw_id, transfers, {account: note}), {account: change}, session)
    return written(posted, session)


def _takeable(wallet: dict[str, Any] | None, currency: str) -> int:
    if wallet is None or wallet.get("isLocked"):
        return 0
    return max(0, available(wallet, currency))


def _earners(entry_id: str, session: ClientSession) -> set[ObjectId]:
    """Return who earned something by an entry, and earned it no longer once that is reversed."""
    earned = {"entryId": entry_id, "isEarning": True}
    return {row["userId"] for row in Transaction.collection().find(earned, ["userId"], session=session)}


def _accounts(wallet_ids: set[ObjectId], currency: str, session: ClientSession) -> dict[ObjectId, Account]:
    """Return whose wallets these are."""
    known = {house_id(house(name, currency)): house(name, currency) for name in HOUSE_ACCOUNTS}
    owners = Wallet.collection().find({"_id": {"$in": list(wallet_ids - set(known))}}, ["userId"], session=session)
    accounts = {wallet["_id"]: Account(wallet["userId"], currency) for wallet in owners}
    return {wallet_id: known.get(wallet_id) or accounts[wallet_id] for wallet_id in wallet_ids}
