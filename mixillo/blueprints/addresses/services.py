"""What people do with their addresses. Each is one guarded update of one document, whoever else is at it."""

from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.addresses import queries
from mixillo.blueprints.addresses.models import SENT_TO, AddressBook
from mixillo.blueprints.addresses.queries import AddressNotFound
from mixillo.core import clock
from mixillo.errors import Conflict

Document = dict[str, Any]
MOST = 20
IDS = {"$ifNull": ["$addresses._id", []]}


class TooManyAddresses(Conflict):
    """Nobody needs more."""

    code, title = "too_many_addresses", "You have too many addresses"


def of(user_id: ObjectId, address_id: ObjectId) -> Document:
    """Return an address of somebody's in the shape of an order's ``shippingAddress``.

    :raises AddressNotFound: they have none of this id.
    """
    found = queries.one(user_id, address_id)
    return {name: found[name] for name in SENT_TO if found[name] is not None}


def add(user_id: ObjectId, fields: Document, address_id: ObjectId) -> Document:
    """Add an address and return it; the first is the default, and so is one that ``isDefault``.

    ``address_id`` is the same whenever the request is repeated: a repetition returns what the first one added.

    :raises TooManyAddresses: there are as many as there may be.
    """
    now = clock.now()
    is_default = fields.pop("isDefault", False)
    address = {"_id": address_id} | _sent(fields) | {"createdAt": now, "updatedAt": now}
    others = {"$ifNull": ["$addresses", []]}
    added = {
        "userId": user_id,
        "addresses": {"$concatArrays": [others, [{"$literal": address}]]},
        "defaultId": address_id if is_default else {"$ifNull": ["$defaultId", address_id]},
        "createdAt": {"$ifNull": ["$createdAt", now]},
        "updatedAt": now,
    }
    has_room = {"_id": user_id, f"addresses.{MOST - 1}": {"$exists": False}, "addresses._id": {"$ne": address_id}}
    try:
        AddressBook.collection().update_one(has_room, [{"$set": added}], upsert=True)
    except DuplicateKeyError:  # there is a book, and the address does not go into it
        return _added_before(user_id, address_id)
    return queries.one(user_id, address_id)


def change(user_id: ObjectId, address_id: ObjectId, fields: Document) -> Document:
    """Change an address and return it; what is not sent stays as it is, ``None`` clears.

    ``isDefault`` makes it the default; there is no default less, so that false says nothing.

    :raises AddressNotFound: they have none of this id.
    """
    now = clock.now()
    given = {f"addresses.$.{name}": value for name, value in fields.items() if name in SENT_TO and value is not None}
    cleared = {f"addresses.$.{name}": "" for name, value in fields.items() if name in SENT_TO and value is None}
    preferred = {"defaultId": address_id} if fields.get("isDefault") else {}
    update = {"$set": given | preferred | {"addresses.$.updatedAt": now, "updatedAt": now}}
    where = {"_id": user_id, "addresses._id": address_id}
    if not AddressBook.collection().update_one(where, update | ({"$unset": cleared} if cleared else {})).matched_count:
        raise AddressNotFound
    return queries.one(user_id, address_id)


def remove(user_id: ObjectId, address_id: ObjectId) -> None:
    """Remove an address; if it was the default, the first of the others is from now on.

    :raises AddressNotFound: they have none of this id.
    """
    left = {"$filter": {"input": "$addresses", "cond": {"$ne": ["$$this._id", address_id]}}}
    default = {"$cond": [{"$in": ["$defaultId", IDS]}, "$defaultId", {"$ifNull": [{"$first": IDS}, None]}]}
    steps: list[Document] = [{"$set": {"addresses": left, "updatedAt": clock.now()}}, {"$set": {"defaultId": default}}]
    if not AddressBook.collection().update_one({"_id": user_id, "addresses._id": address_id}, steps).matched_count:
        raise AddressNotFound


def _sent(fields: Document) -> Document:
    return {name: fields[name] for name in SENT_TO if fields.get(name) is not None}


def _added_before(user_id: ObjectId, address_id: ObjectId) -> Document:
    """Return what an earlier request has added under this id.

    :raises TooManyAddresses: none has.
    """
    try:
        return queries.one(user_id, address_id)
    except AddressNotFound:
        raise TooManyAddresses(f"There may be {MOST}; remove one first.") from None
