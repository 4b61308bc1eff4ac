"""What somebody has in coins, and how much of it was earned."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.wallets.models import PENDING, Transaction
from mixillo.blueprints.wallets.queries import transactions, wallets
from mixillo.core.money import COINS

Document = dict[str, Any]
EMPTY = {"balance": 0, "pending": 0, "debt": 0, "currency": COINS}


def wallet(user_id: ObjectId) -> Document:
    """Return a user's coins as the API shows them; nothing where there is no wallet yet."""
    return wallets.view(wallets.stored(user_id, COINS) or {"_id": None, "userId": user_id, **EMPTY})


def rows(user_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the rows of a user's coins."""
    found = wallets.stored(user_id, COINS)
    return transactions.of_wallets([found] if found else [], query)


def waiting(user_id: ObjectId) -> int:
    """Return how many earned coins wait to be paid out."""
    where = {"userId": user_id, "currency": COINS, "type": "withdrawal", "status": PENDING}
    found = Transaction.collection().find(where, ["amount"])
    return -sum(int(row["amount"]) for row in found)
