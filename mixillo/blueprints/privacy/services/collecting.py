"""Collecting somebody's documents into one file: a ZIP of JSON files, one for each kind."""

import zipfile
from collections.abc import Iterator
from typing import IO, Any

from bson import ObjectId
from pymongo.collection import Collection

from mixillo.blueprints.privacy.services.owning import owned
from mixillo.core import json
from mixillo.core.db import database, ops_database
from mixillo.ops.jobs import Report

Document = dict[str, Any]
AT_ONCE = 200
# Never in an export: secrets of the account, and whoever wanted to stay unknown.
SECRET = {
    "users": ("password", "verificationToken", "verificationTokenExpire", "resetPasswordToken", "resetPasswordExpire",
              "fcmTokens", "firebaseUid"),
    "reports": ("reviewNotes", "reviewedBy"),
    "payments": ("stripeClientSecret", "idempotencyKey"),
    "strikes": ("issuedBy",),
    "sessions": ("jti", "previousJti"),
    "orders": ("statusHistory",),
}  # fmt: skip
README = (
    "Everything that Mixillo keeps under your account, one file for each kind of document, as it is stored.\n"
    "Left out are secrets (your password's hash, tokens), and who sent you something without giving a name.\n"
)


def write(file: IO[bytes], user_id: ObjectId, report: Report) -> int:
    """Write somebody's documents as a ZIP of JSON files and return how many there were."""
    total = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        for name, documents in _documents(user_id):
            separator, count = b"[", 0
            with archive.open(f"{name}.json", "w", force_zip64=True) as part:
                for document in documents:
                    part.write(separator + json.dumps(_readable(document)))
                    separator, count = b",\n", count + 1
                    if count % AT_ONCE == 0:
                        report(total + count, 0, name)  # and let others be answered: packing is work
                part.write(b"[]" if separator == b"[" else b"]")
            total += count
    return total


def _documents(user_id: ObjectId) -> Iterator[tuple[str, Iterator[Document]]]:
    """Yield the name of each kind of somebody's documents, and these; kinds without any are left out."""
    yield "profile", _found(database()["users"], {"_id": user_id}, "users", user_id)
    yield "sessions", _found(ops_database()["sessions"], {"userId": user_id}, "sessions", user_id)
    fields: dict[str, list[str]] = {}
    for reference in owned():
        fields.setdefault(reference.collection, []).append(reference.path)
    there = set(database().list_collection_names())
    for name in sorted(fields.keys() & there):
        where = {"$or": [{path: user_id} for path in fields[name]]}
        if database()[name].find_one(where, {"_id": 1}):
            yield name, _found(database()[name], where, name, user_id)


def _found(collection: Collection, where: Document, name: str, user_id: ObjectId) -> Iterator[Document]:
    for document in collection.find(where, batch_size=AT_ONCE):
        for field in SECRET.get(name, ()):
            document.pop(field, None)
        if document.get("isAnonymous") and document.get("senderId") != user_id:
            document.pop("senderId", None)
            document.pop("walletTransactionId", None)
        yield document


def _readable(value: Any) -> Any:
    """Return ``value`` with bytes, of which JSON knows nothing, as hexadecimal digits."""
    if isinstance(value, dict):
        return {name: _readable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return value.hex() if isinstance(value, bytes) else value
