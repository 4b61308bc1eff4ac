"""What moved between users and the accounts of the house: everything, or since a moment.

What lies before a midnight is closed: it was added up by a reconciliation, and only what came later is read.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession

from mixillo.blueprints.wallets.models import HOUSE_ACCOUNTS, ISSUED, PAYOUTS, TRANSFERS, WITHDRAWAL
from mixillo.core import clock, money
from mixillo.core.db import ops_database
from mixillo.ops import reconciliations

USERS = "users"
_ACCOUNT_OF = {
    money.house_wallet_id(account, currency): account for account in HOUSE_ACCOUNTS for currency in money.CURRENCIES
}
Document = dict[str, Any]


def midnight(ago: timedelta = timedelta(0)) -> datetime:
    """Return the beginning of the day (UTC) that it was so long ago."""
    return (clock.now() - ago).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def between(since: datetime | None, until: datetime | None, session: ClientSession | None = None) -> list[Document]:
    """Return what moved, as ``{kind, currency, source, target, amount, count}`` (minor units).

    ``source`` and ``target`` are accounts of the house, or ``users``.
    """
    bounds = {"$gte": since, "$lt": until}
    at = {name: bound for name, bound in bounds.items() if bound}
    group = {
        "_id": {"kind": "$kind", "currency": "$currency", "source": _side("$debit"), "target": _side("$credit")},
        "amount": {"$sum": "$amount"},
        "count": {"$sum": 1},
    }
    pipeline: list[Document] = [{"$match": {"at": at} if at else {}}, {"$group": group}]
    found = ops_database()[TRANSFERS].aggregate(pipeline, session=session, allowDiskUse=True)
    return summed(
        {
            "kind": each["_id"]["kind"],
            "currency": each["_id"]["currency"],
            "source": _ACCOUNT_OF.get(each["_id"]["source"], USERS),
            "target": _ACCOUNT_OF.get(each["_id"]["target"], USERS),
            "amount": int(each["amount"]),
            "count": each["count"],
        }
        for each in found
    )


def ever() -> list[Document]:
    """Return everything that has moved: what is closed, and what came since."""
    closed = reconciliations.latest(ops_database())
    since = closed["closedUntil"] if closed else None
    return summed([*(closed["flows"] if closed else ()), *between(since, None)])


def deposits(flows: Iterable[Document], currency: str) -> int:
    """Return what users got from outside: coins that were issued, money that was paid in."""
    return sum(
        each["amount"]
        for each in flows
        if each["currency"] == currency and each["target"] == USERS and each["source"] in (ISSUED, PAYOUTS)
    )


def withdrawals(flows: Iterable[Document], currency: str) -> int:
    """Return what users had paid out."""
    return sum(each["amount"] for each in flows if each["currency"] == currency and each["kind"] == WITHDRAWAL)


def volume(flows: Iterable[Document], currency: str) -> int:
    """Return how much moved in all."""
    return sum(each["amount"] for each in flows if each["currency"] == currency)


def summed(flows: Iterable[Document]) -> list[Document]:
    """Return ``flows`` with one row for each kind, currency and direction, the largest first."""
    amounts: Counter[tuple[str, ...]] = Counter()
    counts: Counter[tuple[str, ...]] = Counter()
    for each in flows:
        key = (each["kind"], each["currency"], each["source"], each["target"])
        amounts[key] += each["amount"]
        counts[key] += each["count"]
    rows = [
        {"kind": kind, "currency": currency, "source": source, "target": target, "amount": amount,
         "count": counts[kind, currency, source, target]}
        for (kind, currency, source, target), amount in amounts.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["currency"], -row["amount"], row["kind"]))


def _side(path: str) -> Document:
    """Return the expression of an account: a house wallet's id, or nothing for all users."""
    return {"$cond": [{"$in": [path, list(_ACCOUNT_OF)]}, path, None]}
