"""Wallets of users: opened when they are first looked at, frozen and thawed by administrators."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.wallets.models import Wallet
from mixillo.blueprints.wallets.queries import wallets
from mixillo.blueprints.wallets.services.ledger.changing import blank
from mixillo.core import audit_log, clock
from mixillo.core.db import transact

Document = dict[str, Any]


def own(user_id: ObjectId, currency: str) -> Document:
    """Return a user's wallet as it is stored, a new and empty one if need be."""
    if found := wallets.stored(user_id, currency):
        return found
    now = clock.now()
    empty = {"userId": user_id, "currency": currency, **blank(currency, now), "updatedAt": now}
    try:
        Wallet.collection().insert_one(empty)
    except DuplicateKeyError:  # another request of theirs was faster
        return wallets.stored(user_id, currency) or empty
    return empty


def freeze(found: list[Document], reason: str, *, actor: Document) -> None:
    """Let nothing leave the stored wallets ``found`` any more, with an entry in the audit log for each."""
    _set_frozen(found, {"isLocked": True, "lockReason": reason}, "wallet.frozen", actor)


def unfreeze(found: list[Document], reason: str, *, actor: Document) -> None:
    """Let what is in the stored wallets ``found`` move again, with an entry in the audit log for each."""
    _set_frozen(found, {"isLocked": False, "lockReason": None}, "wallet.unfrozen", actor, reason=reason)


def _set_frozen(found: list[Document], fields: Document, action: str, actor: Document, **said: Any) -> None:
    def work(session: ClientSession) -> None:
        for wallet in sorted(found, key=lambda each: each["currency"]):  # the order in which the ledger locks them
            before = Wallet.collection().find_one_and_update(
                {"_id": wallet["_id"]}, {"$set": fields | {"updatedAt": clock.now()}}, session=session
            )
            changes = {"before": {name: (before or {}).get(name) for name in fields}, "after": fields | said}
            audit_log.record(
                action, actor=actor, target="wallet", target_id=wallet["_id"], changes=changes, session=session
            )

    transact(work, turns_of={wallet["userId"] for wallet in found})
