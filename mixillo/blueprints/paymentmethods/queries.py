"""Payment methods as the API shows them."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.paymentmethods.models import PaymentMethod
from mixillo.errors import NotFound

Document = dict[str, Any]
NEWEST = [("createdAt", -1), ("_id", -1)]
CARD = ("brand", "last4", "expiryMonth", "expiryYear")
BANK_ACCOUNT = ("bankName", "accountType", "last4")
# Never the provider's token, nor what the existing system may have stored of numbers.
FIELDS = ["type", "provider", "nickname", "isDefault", "isVerified", "lastUsedAt", "createdAt", "updatedAt",
          *(f"card.{name}" for name in CARD), *(f"bankAccount.{name}" for name in BANK_ACCOUNT)]  # fmt: skip


class PaymentMethodNotFound(NotFound):
    """The viewer has no such payment method."""

    code, title = "payment_method_not_found", "You have no such payment method"


def all_of(user_id: ObjectId) -> list[Document]:
    """Return what somebody pays with: the default first, then the newest.

    Where the existing system left several defaults, the newest of them is the one.
    """
    stored = list(PaymentMethod.collection().find(in_use(user_id), FIELDS, sort=NEWEST))
    stored.sort(key=lambda method: not method.get("isDefault"))
    return [view(method) | {"isDefault": n == 0 and bool(method.get("isDefault"))} for n, method in enumerate(stored)]


def one(user_id: ObjectId, method_id: ObjectId) -> Document:
    """Return a payment method of somebody's.

    :raises PaymentMethodNotFound: they have none of this id.
    """
    stored = PaymentMethod.collection().find_one({"_id": method_id} | in_use(user_id), FIELDS)
    if stored is None:
        raise PaymentMethodNotFound
    return view(stored)


def in_use(user_id: ObjectId) -> Document:
    """Return the filter of somebody's payment methods."""
    return {"userId": user_id, "isActive": {"$ne": False}}


def view(stored: Document) -> Document:
    """Return a ``stored`` payment method as the API shows it."""
    return {
        "_id": stored["_id"],
        "id": stored["_id"],
        "type": stored["type"],
        "provider": stored["provider"],
        "nickname": stored.get("nickname"),
        "card": _part(stored.get("card"), CARD),
        "bankAccount": _part(stored.get("bankAccount"), BANK_ACCOUNT),
        "isDefault": bool(stored.get("isDefault")),
        "isVerified": bool(stored.get("isVerified")),
        "lastUsedAt": stored.get("lastUsedAt"),
        "createdAt": stored.get("createdAt"),
        "updatedAt": stored.get("updatedAt"),
    }


def _part(stored: Document | None, names: tuple[str, ...]) -> Document | None:
    return {name: stored.get(name) for name in names} if stored else None
