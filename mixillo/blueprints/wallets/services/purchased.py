"""Coins for money: credited when a payment completed, taken back in proportion when some of it is refunded."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.wallets.models import ISSUED, TRANSFERS
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Entry, Note, Posted, Transfer
from mixillo.core import money
from mixillo.core.db import ops_database

COIN_PURCHASE = "coin_purchase"


def credit(payment: dict[str, Any], coins: int, what: str, session: ClientSession) -> Posted:
    """Issue ``coins`` to the payer, within the transaction that writes down that the payment completed.

    :raises AlreadyPosted: they were credited before.
    """
    account = ledger.user(payment["userId"])
    note = Note(COIN_PURCHASE, f"{what}: {coins:,} coins", _reference(payment["_id"]))
    transfer = Transfer(ledger.house(ISSUED), account, coins, COIN_PURCHASE)
    return ledger.post(Entry(entry_id(payment["_id"]), [transfer], {account: note}), session)


def take_back(payment: dict[str, Any], before: int, after: int, session: ClientSession) -> Posted | None:
    """Take coins back because ``after`` minor units of a payment were refunded, ``before`` of which were known.

    The whole coins that belong to the refunded part, rounded down until all of it is refunded; nothing where that
    is less than a coin, or where none were credited.
    """
    credited = ops_database()[TRANSFERS].find_one({"_id": f"{entry_id(payment['_id'])}:0"}, session=session)
    paid = money.minor(payment["amount"], payment["currency"])
    coins = int(credited["amount"]) if credited else 0
    owed = coins * after // paid - coins * before // paid
    if not owed:
        return None
    account = ledger.user(payment["userId"])
    note = Note("refund", f"Refunded: {owed:,} coins taken back", _reference(payment["_id"]))
    return ledger.claw_back(f"{entry_id(payment['_id'])}:refund:{after}", account, owed, note, session)


def entry_id(payment_id: ObjectId) -> str:
    """Return the id of the ledger's entry that credits a payment."""
    return f"payment:{payment_id}"


def _reference(payment_id: ObjectId) -> dict[str, Any]:
    return {"referenceId": payment_id, "referenceType": "other"}
