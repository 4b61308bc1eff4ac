"""Addresses as the API shows them: under the stored names and those of the mobile app."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.addresses.models import SENT_TO, AddressBook
from mixillo.errors import NotFound

Document = dict[str, Any]


class AddressNotFound(NotFound):
    """The viewer has no such address."""

    code, title = "address_not_found", "You have no such address"


def all_of(user_id: ObjectId) -> list[Document]:
    """Return somebody's addresses: the default first, then the others as they were added."""
    book = AddressBook.collection().find_one({"_id": user_id}) or {}
    shown = [view(address, book) for address in book.get("addresses", [])]
    return sorted(shown, key=lambda address: not address["isDefault"])


def one(user_id: ObjectId, address_id: ObjectId) -> Document:
    """Return an address of somebody's.

    :raises AddressNotFound: they have none of this id.
    """
    book = AddressBook.collection().find_one({"_id": user_id, "addresses._id": address_id})
    if book is None:
        raise AddressNotFound
    return view(next(each for each in book["addresses"] if each["_id"] == address_id), book)


def view(address: Document, book: Document) -> Document:
    """Return a stored ``address`` of ``book`` as the API shows it."""
    shown = {name: address.get(name) for name in SENT_TO}
    return {
        "_id": address["_id"],
        "id": address["_id"],
        **shown,
        "name": shown["fullName"],
        "zipCode": shown["postalCode"],
        "isDefault": address["_id"] == book.get("defaultId"),
        "createdAt": address.get("createdAt"),
        "updatedAt": address.get("updatedAt"),
    }
