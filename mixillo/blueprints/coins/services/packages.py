"""The shelf of coin packages, with an entry in the audit log in the same transaction."""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.coins.models import CoinPackage
from mixillo.blueprints.coins.queries import packages
from mixillo.blueprints.coins.queries.packages import PackageNotFound
from mixillo.core import audit_log, clock, money
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

Document = dict[str, Any]


def create(admin: Viewer, fields: Document) -> Document:
    """Put a package on the shelf and return it as administrators see it; ``fields`` are those of the schema.

    :raises ValidationFailed: the price has more decimals than its currency.
    """
    package = CoinPackage(id=ObjectId(), **_priced(fields, fields["currency"])).to_mongo().to_dict()

    def work(session: ClientSession) -> None:
        CoinPackage.collection().insert_one(package, session=session)
        _audit("coin_package.created", admin, package["_id"], {"after": _plain(package, fields)}, session)

    transact(work)
    return packages.with_sales([package])[0]


def change(admin: Viewer, package_id: ObjectId, fields: Document) -> Document:
    """Change a package; who has bought it, or is about to, gets what it was then.

    :raises PackageNotFound: there is none of this id.
    :raises ValidationFailed: the price has more decimals than its currency.
    """

    def work(session: ClientSession) -> Document:
        before = _stored(package_id, session)
        return _set("coin_package.changed", admin, before, _repriced(before, fields), session)

    return packages.with_sales([transact(work)])[0]


def toggle(admin: Viewer, package_id: ObjectId) -> Document:
    """Take a package off the shelf, or put it back.

    :raises PackageNotFound: there is none of this id.
    """

    def work(session: ClientSession) -> Document:
        before = _stored(package_id, session)
        return _set("coin_package.changed", admin, before, {"isActive": not before.get("isActive", True)}, session)

    return packages.with_sales([transact(work)])[0]


def remove(admin: Viewer, package_id: ObjectId) -> bool:
    """Remove a package; return whether it is gone: one that was bought is kept, and on no list any more.

    :raises PackageNotFound: there is none of this id.
    """

    def work(session: ClientSession) -> bool:
        before = _stored(package_id, session)
        if packages.was_bought(package_id, session):
            ended = {"isActive": False, "deletedAt": clock.now()}
            _set("coin_package.withdrawn", admin, before, ended, session)
            return False
        CoinPackage.collection().delete_one({"_id": package_id}, session=session)
        _audit("coin_package.removed", admin, package_id, {"before": _plain(before, before)}, session)
        return True

    return transact(work)


def _stored(package_id: ObjectId, session: ClientSession) -> Document:
    found = CoinPackage.collection().find_one({"_id": package_id, "deletedAt": None}, session=session)
    if found is None:
        raise PackageNotFound
    return found


def _repriced(before: Document, fields: Document) -> Document:
    """Return ``fields`` with the price as it is stored, in the currency that the package will have."""
    currency: str = fields.get("currency") or before["currency"]
    if "price" in fields:
        return _priced(fields, currency)
    if currency == before.get("currency"):
        return fields
    raise ValidationFailed.of("price", "Another currency needs another price.")


def _priced(fields: Document, currency: str) -> Document:
    try:
        return fields | {"price": money.stored(money.exact_minor(fields["price"], currency), currency)}
    except ValueError as error:
        raise ValidationFailed.of("price", f"{error}.") from None


def _set(action: str, admin: Viewer, before: Document, fields: Document, session: ClientSession) -> Document:
    after: Document | None = CoinPackage.collection().find_one_and_update(
        {"_id": before["_id"]},
        {"$set": fields | {"updatedAt": clock.now()}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    changes = {"before": _plain(before, fields), "after": _plain(after or before, fields)}
    _audit(action, admin, before["_id"], changes, session)
    return after or before


def _audit(action: str, admin: Viewer, package_id: ObjectId, changes: Document, session: ClientSession) -> None:
    actor = {"kind": "user", "id": str(admin.id), "name": admin.username}
    audit_log.record(action, actor=actor, target="coinpackages", target_id=package_id, changes=changes, session=session)


def _plain(package: Document, names: Document) -> Document:
    return {name: package.get(name) for name in names if name != "_id"}
