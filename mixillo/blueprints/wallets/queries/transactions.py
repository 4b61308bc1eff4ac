"""The rows that owners of wallets see, newest first."""

from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.blueprints.users.queries import people
from mixillo.blueprints.wallets.models import COMPLETED, FAILED, PENDING, STATUSES, Transaction, Wallet
from mixillo.blueprints.wallets.queries import flows
from mixillo.core import money
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

NEWEST_FIRST = [("createdAt", -1), ("_id", -1)]
FIELDS = [
    "userId", "walletId", "type", "amount", "currency", "status", "description", "balanceBefore", "balanceAfter",
    "entryId", "referenceId", "referenceType", "relatedUserId", "relatedContentId", "relatedOrderId", "metadata",
    "failureReason", "completedAt", "createdAt",
]  # fmt: skip
# Whose rows a search merges.
FOUND_AT_MOST = 20
Document = dict[str, Any]
Page = tuple[list[Document], Document]


class TransactionNotFound(NotFound):
    """There is no such transaction, or it is somebody else's."""

    code, title = "transaction_not_found", "There is no such transaction"


def of_wallets(wallets: list[Document], query: Document) -> Page:
    """Return a page of the rows of stored ``wallets``; ``type``, ``status``, ``since`` and ``until`` filter."""
    found, pagination = _page({"walletId": {"$in": [wallet["_id"] for wallet in wallets]}} | _filter(query), query)
    return _views(found), pagination


def one(transaction_id: ObjectId, owner: ObjectId | None) -> Document:
    """Return one row of ``owner``'s, or anybody's where that is ``None``.

    :raises TransactionNotFound: there is none.
    """
    where = {"_id": transaction_id} | ({"userId": owner} if owner else {})
    found = Transaction.collection().find_one(where, FIELDS)
    if found is None:
        raise TransactionNotFound
    return _views([found])[0]


def of_entry(entry_id: str, owner: ObjectId) -> Document:
    """Return the row that an entry of the ledger made for ``owner``.

    :raises TransactionNotFound: there is none.
    """
    found = Transaction.collection().find_one({"entryId": entry_id, "userId": owner}, FIELDS)
    if found is None:
        raise TransactionNotFound
    return _views([found])[0]


def everybody(query: Document) -> Page:
    """Return a page of everybody's rows with the ``user`` of each, for administrators.

    ``search`` is an id (of a row or a user), the beginning of a username, or an e-mail address.
    """
    where = _filter(query) | (_searched(query["search"]) if "search" in query else {})
    found, pagination = _page(where, query)
    owners = people.summaries([row["userId"] for row in found if row.get("userId")])
    shown = [row | {"user": owners.get(row["userId"])} for row in _views(found)]
    return shown, pagination


def statistics() -> Document:
    """Return how many rows there are, how many of them completed, wait and failed, and how many coins ever moved."""
    rows = Transaction.collection()
    total = rows.estimated_document_count()
    others = {status: rows.count_documents({"status": status}) for status in STATUSES if status != COMPLETED}
    return {
        "totalTransactions": total,
        "completedCount": max(0, total - sum(others.values())),
        "pendingCount": others[PENDING],
        "failedCount": others[FAILED],
        "totalVolume": flows.volume(flows.ever(), money.COINS),
    }


def moved_since(wallet_id: ObjectId, kind: str, since: datetime, session: Any = None) -> int:
    """Return how much left a wallet by completed rows of type ``kind``, in minor units."""
    where = {"walletId": wallet_id, "type": kind, "createdAt": {"$gte": since}, "status": COMPLETED}
    rows = Transaction.collection().find(where, ["amount", "currency"], session=session)
    return -sum(min(0, money.minor(row["amount"], row["currency"])) for row in rows)


def _searched(text: str) -> Document:
    """Return the filter of the row with the id ``text``, else of the wallets of whom ``text`` may mean."""
    if ObjectId.is_valid(text) and Transaction.collection().find_one({"_id": ObjectId(text)}, ["_id"]):
        return {"_id": ObjectId(text)}
    users = people.find_ids(text, FOUND_AT_MOST)
    return {
        "walletId": {"$in": [wallet["_id"] for wallet in Wallet.collection().find({"userId": {"$in": users}}, ["_id"])]}
    }


def _page(where: Document, query: Document) -> Page:
    projection = dict.fromkeys(FIELDS, 1)
    return paginate(Transaction.collection(), where, query, sort=NEWEST_FIRST, projection=projection)


def _filter(query: Document) -> Document:
    where: Document = {name: query[name] for name in ("type", "status", "currency") if name in query}
    bounds = {"$gte": query.get("since"), "$lte": query.get("until")}
    if given := {name: bound for name, bound in bounds.items() if bound}:
        where["createdAt"] = given
    return where


def _views(rows: list[Document]) -> list[Document]:
    others = people.summaries([row["relatedUserId"] for row in rows if row.get("relatedUserId")])
    return [
        _shown(row) | {"relatedUser": others.get(row["relatedUserId"]) if row.get("relatedUserId") else None}
        for row in rows
    ]


def _shown(row: Document) -> Document:
    currency = row.get("currency") or money.COINS
    amount = money.minor(row.get("amount"), currency)
    own, other = row.get("userId"), row.get("relatedUserId")
    return {
        "_id": row["_id"],
        "id": row["_id"],
        "walletId": row.get("walletId"),
        "userId": own,
        "type": row.get("type"),
        "status": row.get("status"),
        "description": row.get("description") or "",
        "currency": currency,
        "amount": money.shown(amount, currency),
        "coins": amount if currency == money.COINS else 0,
        **{
            name: money.shown(money.minor(row.get(name), currency), currency)
            for name in ("balanceBefore", "balanceAfter")
        },
        "fromUserId": own if amount < 0 else other,
        "toUserId": other if amount < 0 else own,
        "referenceId": row.get("referenceId"),
        "referenceType": row.get("referenceType"),
        "relatedUserId": other,
        "relatedContentId": row.get("relatedContentId"),
        "relatedOrderId": row.get("relatedOrderId"),
        # Rows of the existing system may hold anything here; ours hold what their owner may see.
        "metadata": (row.get("metadata") or {}) if row.get("entryId") else {},
        "failureReason": row.get("failureReason"),
        "completedAt": row.get("completedAt"),
        "createdAt": row.get("createdAt"),
    }
