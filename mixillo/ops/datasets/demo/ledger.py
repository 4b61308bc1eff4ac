"""Wallets of the demo, the transfers that they are the sums of, and the rows that their owners see.

All of it is what the product's own ledger would have written, which a test holds it to: an entry moves whole coins
from accounts to accounts, the owner of each wallet sees one row of it, and the house's accounts are sums that nobody
keeps up.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bson import Int64, ObjectId

from mixillo.core.money import COINS, house_wallet_id
from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.world import NAME, World
from mixillo.ops.datasets.documents import Document
from mixillo.ops.datasets.house import empty_wallet, house_wallets

Account = ObjectId | str  # a user, or an account of the house


class Move(NamedTuple):
    """So many coins leave one account and arrive at another."""

    debit: Account
    credit: Account
    coins: int
    kind: str


class Shown(NamedTuple):
    """How an entry looks to the owner of a wallet; what is earned may be withdrawn."""

    type: str
    description: str
    fields: Mapping[str, Any] = {}
    is_earning: bool = False


class Ledger:
    """Moves coins, in the order of time; a user is never overdrawn."""

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self.rows: list[Document] = []
        self.transfers: list[Document] = []
        self.holds: list[Document] = []
        self.wallets = house_wallets(world.make, world.ago(days=400))
        self._of: dict[ObjectId, Document] = {}
        for user in people.users:
            fields = {"userId": user["_id"], **empty_wallet(COINS), "pending": 0, "debt": 0}
            self._of[user["_id"]] = world.make.stamped("wallets", user["createdAt"], fields)
        self.wallets += self._of.values()

    def wallet(self, user: ObjectId) -> Document:
        return self._of[user]

    def available(self, user: ObjectId) -> int:
        """Return what a user can spend now."""
        return self._of[user]["balance"] - self._of[user]["pending"]

    def earned(self, user: ObjectId) -> int:
        """Return what a creator may withdraw now."""
        return min(self.available(user), self._of[user]["withdrawableBalance"])

    def book(
        self, entry_id: str, at: datetime, moves: Sequence[Move], shown: Mapping[ObjectId, Shown]
    ) -> dict[ObjectId, Document]:
        """Move coins and return the row of each user in ``shown``."""
        moved = [move for move in moves if move.coins]
        for number, move in enumerate(moved):
            self.transfers.append(
                {
                    "_id": f"{entry_id}:{number}",
                    "entryId": entry_id,
                    "debit": self._wallet_id(move.debit),
                    "credit": self._wallet_id(move.credit),
                    "amount": Int64(move.coins),
                    "currency": COINS,
                    "kind": move.kind,
                    "at": at,
                    "dataset": NAME,
                }
            )
        return {user: self._change(user, entry_id, at, moved, note) for user, note in shown.items()}

    def hold(self, hold_id: str, at: datetime, move: Move, note: Shown, details: Document) -> None:
        """Set coins aside that a user has earned, until somebody decides about it."""
        assert isinstance(move.debit, ObjectId)
        wallet = self._of[move.debit]
        assert move.coins <= self.earned(move.debit)
        wallet["pending"] += move.coins
        wallet["withdrawableBalance"] -= move.coins
        row = self._row(wallet, f"{hold_id}:posted", at, note) | {
            "amount": -move.coins,
            "status": "pending",
            "balanceBefore": wallet["balance"],
            "balanceAfter": wallet["balance"],
        }
        self.rows.append(row)
        self.holds.append(
            {
                "_id": hold_id,
                "state": "open",
                "debit": move.debit,
                "credit": move.credit,
                "amount": Int64(move.coins),
                "currency": COINS,
                "kind": move.kind,
                "notes": [
                    {"owner": move.debit, "type": note.type, "description": note.description,
                     "fields": dict(note.fields), "isEarning": note.is_earning}
                ],
                "rowId": row["_id"],
                "walletId": wallet["_id"],
                "createdAt": at,
                "expiresAt": None,
                "ofEarnings": True,
                "details": details,
                "dataset": NAME,
            }
        )  # fmt: skip

    def freeze(self, user: ObjectId, reason: str) -> None:
        """Let nothing leave a user's wallet any more."""
        self._of[user] |= {"isLocked": True, "lockReason": reason}

    def _change(self, user: ObjectId, entry_id: str, at: datetime, moves: list[Move], note: Shown) -> Document:
        """Change a user's wallet by what ``moves`` bring or take, and return the row that says so."""
        wallet = self._of[user]
        before = wallet["balance"]
        arriving = sum(move.coins for move in moves if move.credit == user)
        leaving = sum(move.coins for move in moves if move.debit == user)
        assert leaving <= self.available(user), f"{leaving} coins overdraw the wallet of {user}"
        after = wallet["balance"] = before + arriving - leaving
        if note.is_earning:
            wallet["totalEarnings"] += arriving
            wallet["withdrawableBalance"] += arriving
        if note.type == "withdrawal":
            wallet["lifetimeWithdrawals"] += leaving
            wallet["withdrawableBalance"] -= leaving
            wallet["lastWithdrawalAt"] = at
        # Whoever spends spends first what was not earned.
        wallet["withdrawableBalance"] = min(wallet["withdrawableBalance"], after - wallet["pending"])
        row = self._row(wallet, entry_id, at, note) | {
            "amount": after - before,
            "status": "completed",
            "balanceBefore": before,
            "balanceAfter": after,
            "completedAt": at,
        }
        self.rows.append(row)
        return row

    def _row(self, wallet: Document, entry_id: str, at: datetime, note: Shown) -> Document:
        wallet["lastTransactionAt"] = wallet["updatedAt"] = at
        fields = {
            "userId": wallet["userId"],
            "walletId": wallet["_id"],
            "type": note.type,
            "currency": COINS,
            "description": note.description,
            "entryId": entry_id,
            **({"isEarning": True} if note.is_earning else {}),
            **note.fields,
        }
        return self._world.make.stamped("transactions", at, fields)

    def _wallet_id(self, account: Account) -> ObjectId:
        return house_wallet_id(account, COINS) if isinstance(account, str) else self._of[account]["_id"]
