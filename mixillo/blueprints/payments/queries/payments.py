"""Payments as their payers and administrators see them, and what was sold through them."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.payments.models import COMPLETED, REFUNDED, Payment
from mixillo.blueprints.users.queries import people
from mixillo.core import money
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
NEWEST_FIRST = [("createdAt", -1), ("_id", -1)]
FILTERS = ("userId", "status", "type")
# Projection and defaults in one: documents of the existing system lack what was added later.
SHOWN: Document = {
    "userId": None,
    "orderId": None,
    "type": "order",
    "currency": "USD",
    "paymentMethod": None,
    "status": None,
    "description": None,
    "provider": None,
    "failureReason": None,
    "metadata": {},
    "expiresAt": None,
    "completedAt": None,
    "failedAt": None,
    "refundedAt": None,
    "createdAt": None,
    "updatedAt": None,
}
AMOUNTS = ("amount", "refundAmount")
PROJECTION = dict.fromkeys((*SHOWN, *AMOUNTS), 1)


class PaymentNotFound(NotFound):
    """There is no such payment, or it is somebody else's."""

    code, title = "payment_not_found", "There is no such payment"


def stored(payment_id: ObjectId, **where: Any) -> Document:
    """Return a payment's document.

    :raises PaymentNotFound: there is none.
    """
    document = Payment.collection().find_one({"_id": payment_id, **where})
    if document is None:
        raise PaymentNotFound
    return document


def view(document: Document) -> Document:
    """Return what the API shows of a stored payment; amounts in units of its currency."""
    shown: Document = {name: document.get(name, default) for name, default in SHOWN.items()}
    for name in AMOUNTS:
        shown[name] = money.shown(money.minor(document.get(name), shown["currency"]), shown["currency"])
    return {"_id": document["_id"], "id": document["_id"], **shown}


def listing(query: Document, **where: Any) -> tuple[list[Document], Document]:
    """Return a page of payments, the newest first; ``userId``, ``status`` and ``type`` of ``query`` filter."""
    where |= {name: query[name] for name in FILTERS if name in query}
    found, pagination = paginate(Payment.collection(), where, query, sort=NEWEST_FIRST, projection=PROJECTION)
    return [view(payment) for payment in found], pagination


def with_payers(shown: list[Document]) -> list[Document]:
    """Return payments with the short form of who pays beside each."""
    payers = people.summaries([payment["userId"] for payment in shown])
    return [payment | {"user": payers.get(payment["userId"])} for payment in shown]


def sales(kind: str, key: str, **where: Any) -> list[Document]:
    """Return what was sold by payments of the type ``kind``: for each value of ``metadata.<key>`` and currency.

    ``{_id: {item, currency}, count, amount, refunded}``, amounts in units as stored; ``where`` narrows it.
    """
    sold = {"type": kind, "status": {"$in": [COMPLETED, REFUNDED]}} | where
    group = {
        "_id": {"item": f"$metadata.{key}", "currency": "$currency"},
        "count": {"$sum": 1},
        "amount": {"$sum": "$amount"},
        "refunded": {"$sum": "$refundAmount"},
    }
    return list(Payment.collection().aggregate([{"$match": sold}, {"$group": group}]))


def exists(kind: str, key: str, item: ObjectId, session: ClientSession | None = None) -> bool:
    """Return whether there is a payment of the type ``kind``, in whatever state, for this item."""
    where = {"type": kind, f"metadata.{key}": item}
    return Payment.collection().find_one(where, ["_id"], session=session) is not None


def count(kind: str) -> int:
    """Return how many payments of the type ``kind`` there are, in whatever state."""
    return Payment.collection().count_documents({"type": kind})
