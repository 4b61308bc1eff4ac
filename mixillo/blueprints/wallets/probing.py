"""What the probe's own accounts have to give away, and how it leaves the books again.

They deal with each other and with the house only, so that the books add up as well without everything of theirs.
"""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.wallets.models import HOLDS, ISSUED, PAYOUTS, TRANSFERS
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Entry, Note, Transfer
from mixillo.core import money
from mixillo.core.db import transact
from mixillo.ops.probes import accounts

KIND = "probe"
GIVEN = ((money.COINS, ISSUED, 10_000), ("USD", PAYOUTS, 100_00))


def connect() -> None:
    """Fund the probe's accounts from now on, and clear up after them."""
    accounts.provisioned.connect(_fund)
    accounts.removing.connect(_remove)


def _fund(_sender: Any, *, user_id: ObjectId) -> None:
    """Give an account coins and dollars that count as earned, so that all it may do with them can be tried."""
    for currency, source, amount in GIVEN:
        account = ledger.user(user_id, currency)
        transfer = Transfer(ledger.house(source, currency), account, amount, KIND)
        note = Note("earning", "For probing", is_earning=True)
        entry = Entry(f"{KIND}:{user_id}:{currency}", [transfer], {account: note})
        transact(lambda session, entry=entry: ledger.post(entry, session))  # type: ignore[misc]


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    theirs = {"userId": {"$in": user_ids}}
    wallets = [wallet["_id"] for wallet in database["wallets"].find(theirs, ["_id"])]
    sides = [{side: {"$in": wallets}} for side in ("debit", "credit", "about")]
    ops[TRANSFERS].delete_many({"$or": sides})
    ops[HOLDS].delete_many({"walletId": {"$in": wallets}})
    database["transactions"].delete_many(theirs)
    database["wallets"].delete_many(theirs)
