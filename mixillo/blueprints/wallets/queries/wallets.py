"""Wallets as the API shows them: amounts in units of their currency, never who pays for them how."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.users.queries import people
from mixillo.blueprints.wallets.models import Wallet
from mixillo.blueprints.wallets.queries import flows, withdrawals
from mixillo.blueprints.wallets.queries.amounts import EARNED, available, withdrawable
from mixillo.core import money
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

AMOUNTS = ("balance", "pending", "debt", "totalEarnings", "pendingEarnings", "lifetimeWithdrawals")
DATES = ("lastTransactionAt", "lastWithdrawalAt", "createdAt", "updatedAt")
# How people pay and are paid (`paymentMethods`) stays out of every answer.
FIELDS = ["userId", "currency", *AMOUNTS, EARNED, "isLocked", "lockReason", *DATES]
RICHEST_FIRST = [("balance", -1), ("_id", -1)]
FOUND_AT_MOST = 100
Document = dict[str, Any]


class WalletNotFound(NotFound):
    """There is no such wallet, or it is somebody else's."""

    code, title = "wallet_not_found", "There is no such wallet"


def stored(user_id: ObjectId, currency: str) -> Document | None:
    """Return a user's wallet as it is stored, if there is one."""
    return Wallet.collection().find_one({"userId": user_id, "currency": currency}, FIELDS)


def named(wallet_or_user_id: ObjectId, viewer: Viewer, currency: str = money.COINS) -> Document:
    """Return the stored wallet that an id names for ``viewer``: its own, or that of its owner in ``currency``.

    :raises WalletNotFound: there is none, or it belongs neither to ``viewer``, nor is that an administrator.
    """
    owner = {"$exists": True} if viewer.is_admin else viewer.id
    by_id = {"_id": wallet_or_user_id, "userId": owner}
    by_owner = {"userId": wallet_or_user_id, "currency": currency}
    may_ask = viewer.is_admin or viewer.id == wallet_or_user_id
    found = (Wallet.collection().find_one(by_owner, FIELDS) if may_ask else None) or Wallet.collection().find_one(
        by_id, FIELDS
    )
    if found is None:
        raise WalletNotFound
    return found


def of_user(user_id: ObjectId) -> list[Document]:
    """Return all wallets of a user as they are stored, that of coins first."""
    found = Wallet.collection().find({"userId": user_id}, FIELDS)
    return sorted(found, key=lambda wallet: money.CURRENCIES.index(wallet["currency"]))


def view(wallet: Document) -> Document:
    """Return what its owner is shown of a stored wallet; ``coins`` is what they have of these, whatever this holds."""
    coins = wallet if wallet["currency"] == money.COINS else stored(wallet["userId"], money.COINS) or {}
    return _shown(wallet) | {"coins": money.minor(coins.get("balance"), money.COINS)}


def everybody(query: Document) -> tuple[list[Document], Document]:
    """Return a page of the wallets in a currency with their owners, the richest first, for administrators.

    ``minBalance``, ``maxBalance`` (minor units), ``frozen`` and ``search`` (an id, the beginning of a username, or
    an e-mail address) filter.
    """
    where = _filter(query)
    if "search" in query:
        where["userId"] = {"$in": people.find_ids(query["search"], FOUND_AT_MOST)}
        found = list(Wallet.collection().find(where, FIELDS, limit=FOUND_AT_MOST))
        found.sort(key=lambda wallet: money.minor(wallet.get("balance"), wallet["currency"]), reverse=True)
        pagination: Document = {"limit": FOUND_AT_MOST, "hasMore": False, "nextCursor": None}
        pagination |= {"page": 1, "total": len(found), "pages": min(1, len(found))}
    else:
        projection = dict.fromkeys(FIELDS, 1)
        found, pagination = paginate(Wallet.collection(), where, query, sort=RICHEST_FIRST, projection=projection)
    return with_owners(found), pagination


def statistics(currency: str) -> Document:
    """Return what there is in a currency and what came in and went out, in units of it, for administrators."""
    collection = Wallet.collection()
    # Together with those of the house, which hold nothing: so the index alone answers.
    sums = {"_id": None, "balance": {"$sum": "$balance"}, "count": {"$sum": 1}}
    total: Document = next(collection.aggregate([{"$match": {"currency": currency}}, {"$group": sums}]), {})
    houses = collection.count_documents({"account": {"$exists": True}, "currency": currency})
    moved = flows.ever()

    def shown(units: int) -> int | float:
        return money.shown(units, currency)

    return {
        "currency": currency,
        "totalWallets": total.get("count", 0) - houses,
        "totalBalance": shown(money.minor(total.get("balance"), currency)),
        "totalDeposits": shown(flows.deposits(moved, currency)),
        "totalWithdrawals": shown(flows.withdrawals(moved, currency)),
        "frozenWallets": collection.count_documents({"currency": currency, "isLocked": True}),
        "pendingWithdrawals": withdrawals.pending_count(),
    }


def with_owners(wallets: list[Document]) -> list[Document]:
    """Return stored wallets as administrators see them, each with the ``user`` it belongs to (none: not active)."""
    ids = [wallet["userId"] for wallet in wallets]
    owners = people.summaries(ids)
    known = wallets if all(wallet["currency"] == money.COINS for wallet in wallets) else _coin_wallets(ids)
    coins = {wallet["userId"]: wallet.get("balance") for wallet in known}
    return [
        _shown(wallet)
        | {"coins": money.minor(coins.get(wallet["userId"]), money.COINS), "user": owners.get(wallet["userId"])}
        for wallet in wallets
    ]


def _coin_wallets(user_ids: list[ObjectId]) -> list[Document]:
    return list(Wallet.collection().find({"userId": {"$in": user_ids}, "currency": money.COINS}, ["userId", "balance"]))


def _filter(query: Document) -> Document:
    currency = query["currency"]
    where: Document = {"currency": currency, "userId": {"$exists": True}}
    bounds = {"$gte": query.get("minBalance"), "$lte": query.get("maxBalance")}
    if given := {name: money.stored(bound, currency) for name, bound in bounds.items() if bound is not None}:
        where["balance"] = given
    if "frozen" in query:
        where["isLocked"] = True if query["frozen"] else {"$ne": True}
    return where


def _shown(wallet: Document) -> Document:
    currency = wallet["currency"]
    is_locked = bool(wallet.get("isLocked"))
    return {
        "_id": wallet["_id"],
        "id": wallet["_id"],
        "userId": wallet["userId"],
        "currency": currency,
        **{name: money.shown(money.minor(wallet.get(name), currency), currency) for name in AMOUNTS},
        "available": money.shown(available(wallet, currency), currency),
        EARNED: money.shown(withdrawable(wallet, currency), currency),
        "isLocked": is_locked,
        "frozen": is_locked,
        "lockReason": wallet.get("lockReason") if is_locked else None,
        **{name: wallet.get(name) for name in DATES},
    }
