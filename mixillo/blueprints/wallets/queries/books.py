"""The books: whether wallets are what the ledger says they are."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from mixillo.blueprints.wallets.models import (
    CLAWBACK_DEBT,
    COMPLETED,
    DEBT_REPAID,
    HOLDS,
    HOUSE_ACCOUNTS,
    OPEN,
    OPENING,
    TRANSFERS,
    Transaction,
    Wallet,
)
from mixillo.blueprints.wallets.queries import flows
from mixillo.core import clock, money
from mixillo.core.db import client, ops_database

SHOWN_DRIFTS = 100
# A transfer is dated by the beginning of its transaction and seen at its end.
LATE = timedelta(minutes=1)
Sums = Counter[ObjectId]  # minor units by wallet


@dataclass(frozen=True, slots=True)
class Drift:
    """A sum of a wallet (``what``: balance, pending, debt, rows) that is not what the ledger says, in minor units."""

    walletId: ObjectId
    userId: ObjectId | None
    currency: str
    what: str
    stored: int
    ledger: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a comparison of wallets and ledger found; amounts in minor units by currency.

    ``house`` holds the accounts of the house by name, ``users`` what all users have together, ``off_balance`` by
    how much both do not add up to nothing. ``drifts`` are the first of ``drift_count``. ``flows`` are what moved
    before ``closed_until``, a midnight: see :mod:`~mixillo.blueprints.wallets.queries.flows`.
    """

    at: datetime
    seconds: float
    wallets: int
    transfers: int
    drifts: list[Drift]
    drift_count: int
    negative: int
    house: dict[str, dict[str, int]]
    users: dict[str, int]
    off_balance: dict[str, int]
    closed_until: datetime
    flows: list[dict[str, Any]]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to look into."""
        return not (self.drift_count or self.negative or any(self.off_balance.values()))

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is stored and shown: names in camelCase, amounts in minor units."""
        values = asdict(self) | {"drifts": [asdict(drift) for drift in self.drifts], "clean": self.is_clean}
        renamed = {"drift_count": "driftCount", "off_balance": "offBalance", "closed_until": "closedUntil"}
        return {renamed.get(name, name): value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What the ledger, the holds and the shown rows add up to."""

    balance: Sums
    opening: Sums
    debt: Sums
    pending: Sums
    rows: Sums
    transfers: int


def reconcile() -> Reconciliation:
    """Compare every wallet with the ledger, as of one moment; nothing is changed.

    Memory grows with the number of wallets, not of transfers.
    """
    started, at, closed_until = time.monotonic(), clock.now(), flows.midnight(ago=LATE)
    drifts: list[Drift] = []
    users: Counter[str] = Counter()
    wallets = negative = 0
    with client().start_session(snapshot=True) as session:
        ledger = _read(session)
        house, moved = _house(ledger.balance), flows.between(None, closed_until, session)
        for wallet in Wallet.collection().find({"account": {"$exists": False}}, session=session):
            balance = money.minor(wallet.get("balance"), wallet["currency"])
            wallets += 1
            negative += balance < 0
            users[wallet["currency"]] += balance
            drifts += _drifts(wallet, ledger)
    off = {name: users[name] + sum(balances[name] for balances in house.values()) for name in money.CURRENCIES}
    return Reconciliation(
        at, time.monotonic() - started, wallets, ledger.transfers, drifts[:SHOWN_DRIFTS], len(drifts), negative, house,
        dict(users), off, closed_until, moved,
    )  # fmt: skip


def _drifts(wallet: dict[str, Any], ledger: _Ledger) -> Iterator[Drift]:
    key, currency = wallet["_id"], wallet["currency"]
    pairs = {
        "balance": (money.minor(wallet.get("balance"), currency), ledger.balance[key]),
        "pending": (money.minor(wallet.get("pending"), currency), ledger.pending[key]),
        "debt": (money.minor(wallet.get("debt"), currency), ledger.debt[key]),
        "rows": (ledger.rows[key], ledger.balance[key] - ledger.opening[key]),
    }
    for what, (stored, expected) in pairs.items():
        if stored != expected:
            yield Drift(key, wallet.get("userId"), currency, what, stored, expected)


def _house(balance: Sums) -> dict[str, dict[str, int]]:
    return {
        name: {currency: balance[money.house_wallet_id(name, currency)] for currency in money.CURRENCIES}
        for name in HOUSE_ACCOUNTS
    }


def _read(session: ClientSession) -> _Ledger:
    balance, opening, debt, count = Sums(), Sums(), Sums(), 0
    ledger = ops_database()[TRANSFERS]
    for side, sign in (("debit", -1), ("credit", 1)):
        for group in _grouped(ledger, {"wallet": f"${side}", "kind": "$kind"}, {}, session):
            wallet, kind = group["_id"]["wallet"], group["_id"]["kind"]
            balance[wallet] += sign * group["sum"]
            opening[wallet] += sign * group["sum"] * (kind == OPENING)
            debt[wallet] += sign * group["sum"] * (kind == DEBT_REPAID)
            count += group["count"]
    for group in _grouped(ledger, {"wallet": "$about", "kind": "$kind"}, {"kind": CLAWBACK_DEBT}, session):
        debt[group["_id"]["wallet"]] += group["sum"]
    held = _grouped(ops_database()[HOLDS], {"wallet": "$walletId"}, {"state": OPEN}, session)
    pending = Sums({group["_id"]["wallet"]: group["sum"] for group in held})
    return _Ledger(balance, opening, debt, pending, _rows(session), count // 2)


def _rows(session: ClientSession) -> Sums:
    """Return what the owners' rows of the ledger's entries add up to."""
    where = {"entryId": {"$exists": True}, "status": COMPLETED}
    key = {"wallet": "$walletId", "currency": "$currency"}
    groups = _grouped(Transaction.collection(), key, where, session)
    return Sums({group["_id"]["wallet"]: money.minor(group["sum"], group["_id"]["currency"]) for group in groups})


def _grouped(
    collection: Collection, key: dict[str, str], where: dict[str, Any], session: ClientSession
) -> Iterator[dict[str, Any]]:
    group = {"_id": key, "sum": {"$sum": "$amount"}, "count": {"$sum": 1}}
    yield from collection.aggregate([{"$match": where}, {"$group": group}], session=session, allowDiskUse=True)
