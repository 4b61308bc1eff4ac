"""How the balances of an existing system enter the ledger."""

from typing import Any

from bson import Int64, ObjectId

from mixillo.blueprints.wallets.models import ISSUED, OPENING, PAYOUTS, TRANSFERS, Wallet
from mixillo.core import clock, money
from mixillo.core.db import ops_database


def open_books() -> int:
    """Let every balance that no transfer explains enter the ledger, once; return how many did.

    The house stands on the other side: coins count as issued, money of a country as paid in.
    """
    ledger, opened = ops_database()[TRANSFERS], 0
    for wallet in Wallet.collection().find({"userId": {"$exists": True}}):
        balance = money.minor(wallet.get("balance"), wallet["currency"])
        known = ledger.find_one({"$or": [{"debit": wallet["_id"]}, {"credit": wallet["_id"]}]}, ["_id"])
        if balance and not known:
            ledger.insert_one(_opening(wallet["_id"], balance, wallet["currency"]))
            opened += 1
    return opened


def _opening(wallet_id: ObjectId, balance: int, currency: str) -> dict[str, Any]:
    other = money.house_wallet_id(ISSUED if currency == money.COINS else PAYOUTS, currency)
    debit, credit = (other, wallet_id) if balance > 0 else (wallet_id, other)
    return {
        "_id": f"opening:{wallet_id}:0",
        "entryId": f"opening:{wallet_id}",
        "debit": debit,
        "credit": credit,
        "amount": Int64(abs(balance)),
        "currency": currency,
        "kind": OPENING,
        "at": clock.now(),
    }
