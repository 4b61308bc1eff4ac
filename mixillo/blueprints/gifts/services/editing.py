"""Changing the catalogue, with an entry in the audit log in the same transaction."""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.gifts.models import Gift, GiftTransaction
from mixillo.blueprints.gifts.queries import catalogue
from mixillo.blueprints.gifts.queries.catalogue import GiftNotFound
from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

Document = dict[str, Any]
SEASON = ("availableFrom", "availableUntil")


def create(admin: Viewer, fields: Document) -> Document:
    """Add a gift to the catalogue and return it as the API shows it."""
    _check_season(fields)
    gift = Gift(id=ObjectId(), **fields).to_mongo().to_dict()

    def work(session: ClientSession) -> None:
        Gift.collection().insert_one(gift, session=session)
        _audit("gift.created", admin, gift["_id"], {"after": fields}, session)

    transact(work)
    return catalogue.view(gift)


def change(admin: Viewer, gift_id: ObjectId, fields: Document) -> Document:
    """Change a gift and return it as the API shows it; what was sent before stays as it was.

    :raises GiftNotFound: there is none of this id.
    :raises ValidationFailed: its season would end before it begins.
    """

    def work(session: ClientSession) -> Document:
        before = Gift.collection().find_one({"_id": gift_id}, session=session)
        if before is None:
            raise GiftNotFound
        _check_season({name: before.get(name) for name in SEASON} | fields)
        return _set("gift.changed", admin, before, fields, session)

    return catalogue.view(transact(work))


def remove(admin: Viewer, gift_id: ObjectId) -> bool:
    """Take a gift out of the catalogue; return whether it is gone: one that was sent before is only not sold any more.

    :raises GiftNotFound: there is none of this id.
    """

    def work(session: ClientSession) -> bool:
        before = Gift.collection().find_one({"_id": gift_id}, session=session)
        if before is None:
            raise GiftNotFound
        if GiftTransaction.collection().find_one({"giftId": gift_id}, ["_id"], session=session):
            _set("gift.withdrawn", admin, before, {"isActive": False}, session)
            return False
        Gift.collection().delete_one({"_id": gift_id}, session=session)
        _audit("gift.removed", admin, gift_id, {"before": _plain(before)}, session)
        return True

    return transact(work)


def _set(action: str, admin: Viewer, before: Document, fields: Document, session: ClientSession) -> Document:
    after: Document | None = Gift.collection().find_one_and_update(
        {"_id": before["_id"]},
        {"$set": fields | {"updatedAt": clock.now()}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    changes = {"before": {name: before.get(name) for name in fields}, "after": fields}
    _audit(action, admin, before["_id"], changes, session)
    return after or before


def _audit(action: str, admin: Viewer, gift_id: ObjectId, changes: Document, session: ClientSession) -> None:
    actor = {"kind": "user", "id": str(admin.id), "name": admin.username}
    audit_log.record(action, actor=actor, target="gifts", target_id=gift_id, changes=changes, session=session)


def _plain(gift: Document) -> Document:
    return {name: gift.get(name) for name in catalogue.SHOWN if name in gift}


def _check_season(fields: Document) -> None:
    opens, closes = (fields.get(name) for name in SEASON)
    if opens and closes and closes <= opens:
        raise ValidationFailed.of("availableUntil", "Must be after availableFrom.")
