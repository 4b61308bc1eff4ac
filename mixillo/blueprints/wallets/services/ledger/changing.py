"""Changing a user's wallet: one guarded update."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.wallets.models import Wallet
from mixillo.blueprints.wallets.services.ledger.entries import Account
from mixillo.blueprints.wallets.services.ledger.errors import InsufficientFunds, WalletFrozen
from mixillo.core import money

AMOUNTS = (
    "balance", "pending", "debt", "totalEarnings", "pendingEarnings", "withdrawableBalance", "lifetimeWithdrawals",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What shall happen to a wallet, in minor units.

    ``steps`` are added to its fields; ``needed`` must be there beside what open holds set aside, except the
    ``released`` part of them.
    """

    steps: dict[str, int]
    needed: int = 0
    released: int = 0


def change_wallet(
    account: Account, change: Change, now: datetime, session: ClientSession | None = None
) -> dict[str, Any]:
    """Change a user's wallet and return it as it is then; where nothing is needed, one not there yet is made.

    :raises InsufficientFunds: there is not as much as is needed.
    :raises WalletFrozen: something is needed from a frozen wallet.
    """
    where = {"userId": account.owner, "currency": account.currency}
    steps = change.steps | ({"pending": -change.released} if change.released else {})
    amounts = {name: money.stored(0, account.currency) for name in AMOUNTS if name not in steps}
    wallet = Wallet.collection().find_one_and_update(
        where | (_guard(change, account.currency) if change.needed else {}),
        {
            "$inc": {name: money.stored(step, account.currency) for name, step in steps.items()},
            "$set": {"lastTransactionAt": now, "updatedAt": now},
            "$setOnInsert": amounts | {"paymentMethods": [], "isLocked": False, "createdAt": now},
        },
        upsert=not change.needed,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if wallet is None:
        raise _refusal(Wallet.collection().find_one(where, session=session), change.needed, account.currency)
    return wallet


def available(wallet: dict[str, Any], currency: str) -> int:
    """Return what may leave a wallet, in minor units: its balance without what open holds set aside."""
    return money.minor(wallet.get("balance"), currency) - money.minor(wallet.get("pending"), currency)


def _guard(change: Change, currency: str) -> dict[str, Any]:
    free = {"$subtract": [{"$ifNull": ["$balance", 0]}, {"$ifNull": ["$pending", 0]}]}
    return {
        "isLocked": {"$ne": True},
        "$expr": {"$gte": [free, money.stored(change.needed - change.released, currency)]},
    }


def _refusal(wallet: dict[str, Any] | None, needed: int, currency: str) -> InsufficientFunds | WalletFrozen:
    if wallet and wallet.get("isLocked"):
        return WalletFrozen(wallet.get("lockReason"))
    return InsufficientFunds.of(needed, available(wallet or {}, currency), currency)
