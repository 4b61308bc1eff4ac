"""Changing a user's wallet: one guarded update."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.wallets.models import Wallet
from mixillo.blueprints.wallets.queries.amounts import EARNED, available, withdrawable
from mixillo.blueprints.wallets.services.ledger.entries import Account
from mixillo.blueprints.wallets.services.ledger.errors import InsufficientFunds, NotEarned, WalletFrozen
from mixillo.core import money

WITHDRAWN = "lifetimeWithdrawals"
AMOUNTS = ("balance", "pending", "debt", "totalEarnings", "pendingEarnings", EARNED, WITHDRAWN)
DATES = ("lastTransactionAt", "updatedAt")


@dataclass(frozen=True, slots=True)
class Change:
    """What shall happen to a wallet, in minor units.

    ``steps`` are added to its fields; ``needed`` must be there beside what open holds set aside, except the
    ``released`` part of them. ``earned`` is added to what its owner may withdraw; if it is taken from there
    (below zero), it must be there.
    """

    steps: dict[str, int]
    needed: int = 0
    released: int = 0
    earned: int = 0


def change_wallet(
    account: Account, change: Change, now: datetime, session: ClientSession | None = None
) -> dict[str, Any]:
    """Change a user's wallet and return it as it is then; where nothing is needed, one not there yet is made.

    :raises InsufficientFunds: there is not as much as is needed.
    :raises NotEarned: there is, but less of it was earned.
    :raises WalletFrozen: something is needed from a frozen wallet.
    """
    where = {"userId": account.owner, "currency": account.currency}
    steps = {name: step for name, step in _steps(change).items() if step}
    wallet = Wallet.collection().find_one_and_update(
        where | (_guard(change, account.currency) if change.needed else {}),
        {
            **({"$inc": {name: money.stored(step, account.currency) for name, step in steps.items()}} if steps else {}),
            "$set": dict.fromkeys(DATES + (("lastWithdrawalAt",) if WITHDRAWN in steps else ()), now),
            "$setOnInsert": blank(account.currency, now, without=steps),
        },
        upsert=not change.needed,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if wallet is None:
        raise _refusal(Wallet.collection().find_one(where, session=session), change, account.currency)
    return _bound_by_balance(wallet, account.currency, session)


def blank(currency: str, now: datetime, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Return the fields that a new wallet begins with, except those named in ``without``."""
    amounts = {name: money.stored(0, currency) for name in AMOUNTS if name not in without}
    return amounts | {"paymentMethods": [], "isLocked": False, "createdAt": now}


def _steps(change: Change) -> dict[str, int]:
    released = {"pending": -change.released} if change.released else {}
    return change.steps | released | ({EARNED: change.earned} if change.earned else {})


def _guard(change: Change, currency: str) -> dict[str, Any]:
    free = {"$subtract": [{"$ifNull": ["$balance", 0]}, {"$ifNull": ["$pending", 0]}]}
    earned = {EARNED: {"$gte": money.stored(-change.earned, currency)}} if change.earned < 0 else {}
    return {
        "isLocked": {"$ne": True},
        "$expr": {"$gte": [free, money.stored(change.needed - change.released, currency)]},
        **earned,
    }


def _refusal(
    wallet: dict[str, Any] | None, change: Change, currency: str
) -> InsufficientFunds | NotEarned | WalletFrozen:
    if wallet and wallet.get("isLocked"):
        return WalletFrozen(wallet.get("lockReason"))
    there = available(wallet or {}, currency)
    if there >= change.needed - change.released:
        return NotEarned.of(change.needed, withdrawable(wallet or {}, currency), currency)
    return InsufficientFunds.of(change.needed, there, currency)


def _bound_by_balance(wallet: dict[str, Any], currency: str, session: ClientSession | None) -> dict[str, Any]:
    """Let what may be withdrawn be no more than there is: whoever spends spends first what was not earned."""
    earned = money.minor(wallet.get(EARNED), currency)
    bound = max(0, min(earned, money.minor(wallet.get("balance"), currency)))
    if earned == bound:
        return wallet
    change = {EARNED: money.stored(bound, currency)}
    Wallet.collection().update_one({"_id": wallet["_id"]}, {"$set": change}, session=session)
    return wallet | change
