"""Wallets of the demo and the rows that explain every balance.

Each movement debits one wallet and credits another by the same whole number of coins, so the rows of a wallet
add up to its balance and all rows together add up to nothing. Rows on wallets of the house have no ``userId``.
"""

from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document
from mixillo.ops.datasets.house import empty_wallet, house_wallets

# What a movement is called on the house's side.
HOUSE_TYPES = {"issued": "transfer", "revenue": "commission", "payouts": "payout"}


class Ledger:
    """Moves coins, in the order of time; a user is never overdrawn."""

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self.rows: list[Document] = []
        self.wallets = house_wallets(world.make, world.ago(days=400))
        self._house = {each["account"]: each for each in self.wallets if each["currency"] == "coins"}
        self._of: dict[ObjectId, Document] = {}
        for user in people.users:
            fields = {"userId": user["_id"], **empty_wallet("coins")}
            self._of[user["_id"]] = world.make.stamped("wallets", user["createdAt"], fields)
        self.wallets += self._of.values()

    def wallet(self, user: ObjectId) -> Document:
        return self._of[user]

    def earned(self, user: ObjectId) -> int:
        """Return what a creator may withdraw now: earnings neither withdrawn nor spent, in coins."""
        wallet = self._of[user]
        return min(wallet["balance"], wallet["totalEarnings"] - wallet["lifetimeWithdrawals"])

    def user(self, user: ObjectId, at: datetime, kind: str, amount: int, description: str, **fields: Any) -> Document:
        """Change a user's balance by ``amount`` (negative: a debit) and return the row."""
        wallet = self._of[user]
        assert wallet["balance"] + amount >= 0, f"{amount} coins overdraw the wallet of {user}"
        if kind == "gift_received":
            wallet["totalEarnings"] += amount
        if kind == "withdrawal":
            wallet["lifetimeWithdrawals"] -= amount
            wallet["lastWithdrawalAt"] = at
        return self._row(wallet, at, kind, amount, description, {"userId": user, **fields})

    def house(self, account: str, at: datetime, amount: int, description: str, **fields: Any) -> Document:
        """Change the balance of a house account by ``amount`` and return the row."""
        return self._row(self._house[account], at, HOUSE_TYPES[account], amount, description, fields)

    def close(self) -> None:
        """Write into each wallet what can be withdrawn from it."""
        for user, wallet in self._of.items():
            wallet["withdrawableBalance"] = self.earned(user)

    def _row(
        self, wallet: Document, at: datetime, kind: str, amount: int, description: str, fields: dict[str, Any]
    ) -> Document:
        before = wallet["balance"]
        wallet["balance"] = before + amount
        wallet["lastTransactionAt"] = wallet["updatedAt"] = at
        row = self._world.make.stamped(
            "transactions",
            at,
            {
                "walletId": wallet["_id"],
                "type": kind,
                "amount": amount,
                "currency": "coins",
                "description": description,
                **fields,
                "status": "completed",
                "balanceBefore": before,
                "balanceAfter": before + amount,
                "completedAt": at,
            },
        )
        self.rows.append(row)
        return row
