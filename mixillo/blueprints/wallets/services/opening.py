"""How the balances of an existing system enter the ledger."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from bson import Int64, ObjectId
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from mixillo.blueprints.wallets.models import ISSUED, OPENING, PAYOUTS, TRANSFERS
from mixillo.core import clock, money

BATCH = 1_000
DUPLICATE_KEY = 11000
Document = dict[str, Any]


def open_books(database: Database, ops: Database) -> int:
    """Let every balance that no transfer explains enter the ledger, once; return how many did.

    The house stands on the other side: coins count as issued, money of a country as paid in. A wallet of which
    the ledger holds anything is left alone: what is wrong with it is for the reconciliation to tell.
    """
    owned = database["wallets"].find({"userId": {"$exists": True}}, ["balance", "currency"])
    return sum(_open(ops, batch) for batch in _batches(owned))


def _batches(wallets: Iterable[Document]) -> Iterator[list[Document]]:
    remaining = iter(wallets)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _open(ops: Database, wallets: list[Document]) -> int:
    ids = [wallet["_id"] for wallet in wallets]
    ledger = ops[TRANSFERS]
    known = {key for side in ("debit", "credit") for key in ledger.distinct(side, {side: {"$in": ids}})}
    balances = {wallet["_id"]: money.minor(wallet.get("balance"), wallet["currency"]) for wallet in wallets}
    openings = [
        _opening(wallet["_id"], balances[wallet["_id"]], wallet["currency"])
        for wallet in wallets
        if balances[wallet["_id"]] and wallet["_id"] not in known
    ]
    if not openings:
        return 0
    try:
        return len(ledger.insert_many(openings, ordered=False).inserted_ids)
    except BulkWriteError as error:  # somebody else is opening the books at this moment
        if any(failure["code"] != DUPLICATE_KEY for failure in error.details["writeErrors"]):
            raise
        return int(error.details["nInserted"])


def _opening(wallet_id: ObjectId, balance: int, currency: str) -> Document:
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
