"""What administrators do with stores: open, suspend, close, verify, put forward.

What a suspended or closed store sells is not on sale. Its products keep their status, are marked ``hiddenWithStore``
and not published, and are published again with the store. A store may have many products: its status is committed
first and is what counts; its products follow at once, and are put right within a minute where that was interrupted, or
where the existing system has changed the status.
"""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.products.models import Product
from mixillo.blueprints.products.services.selling import PUBLISHED, changed
from mixillo.blueprints.stores.models import ACTIVE, CLOSED, SUSPENDED, Store
from mixillo.blueprints.stores.queries import pages
from mixillo.blueprints.stores.queries.pages import StoreNotFound
from mixillo.blueprints.stores.services.deciding import record
from mixillo.blueprints.users.models import User
from mixillo.core import clock
from mixillo.core.db import hinted, transact
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

Document = dict[str, Any]
# What is decided about a store; nobody puts one back to `pending`, which the existing system knows.
HIDING = (SUSPENDED, CLOSED)
DECISIONS = (ACTIVE, *HIDING)
# What of a seller is said of the one whose store is open, or is not for now.
SELLER_STATUS = {ACTIVE: "approved", SUSPENDED: "suspended"}
# So many are told to the search at once; more reach it by the change stream, seconds later.
FEW = 200
HIDDEN = "hidden_with_store"


def set_status(admin: Viewer, store_id: ObjectId, status: str, reason: str | None) -> Document:
    """Open, suspend or close a store, and return it; what it sells is found, or is not, from now on.

    Setting the same status again changes nothing but products that did not follow.

    :raises StoreNotFound: there is none of this id.
    :raises ValidationFailed: it is not opened, and there is no reason.
    """
    if status != ACTIVE and not reason:
        raise ValidationFailed.of("reason", "Tell the seller why.")

    def work(session: ClientSession) -> None:
        before = _find(store_id, session)
        if before.get("status") == status:
            return
        after = {"status": status, "rejectionReason": None if status == ACTIVE else reason}
        _set(before, after, session)
        if status in SELLER_STATUS:
            said = {"$set": {"sellerStatus": SELLER_STATUS[status], "updatedAt": clock.now()}}
            User.collection().update_one({"_id": before["sellerId"]}, said, session=session)
        changes = {"before": {name: before.get(name) for name in after}, "after": after}
        record("store.status_changed", admin, "stores", store_id, changes, session)

    transact(work)
    follow = _show if status == ACTIVE else _hide
    follow([store_id])
    return pages.managed(admin, str(store_id))


def set_flags(admin: Viewer, store_id: ObjectId, flags: Document) -> Document:
    """Say that a store is verified, or put it forward, or no longer; return it.

    :raises StoreNotFound: there is none of this id.
    """

    def work(session: ClientSession) -> None:
        before = _find(store_id, session)
        after = dict(flags)
        if "isVerified" in after:
            after["verifiedAt"] = (before.get("verifiedAt") or clock.now()) if after["isVerified"] else None
        _set(before, after, session)
        changes = {"before": {name: before.get(name) for name in after}, "after": after}
        record("store.flagged", admin, "stores", store_id, changes, session)

    transact(work)
    return pages.managed(admin, str(store_id))


def align() -> int:
    """Hide what suspended and closed stores have on sale, show what open ones have hidden; return how many products."""
    closed = [store["_id"] for store in Store.collection().find({"status": {"$in": [*HIDING]}}, ["_id"])]
    marked = {"storeId": {"$gt": ObjectId("0" * 24)}, "hiddenWithStore": True}
    found = hinted(lambda index: list(Product.collection().find(marked, {"storeId": 1}, hint=index)), HIDDEN)
    there = list({product["storeId"] for product in found})
    opened = [store["_id"] for store in Store.collection().find({"_id": {"$in": there}, "status": ACTIVE}, ["_id"])]
    return (_hide(closed, only_published=True) if closed else 0) + (_show(opened) if opened else 0)


def _hide(store_ids: list[ObjectId], *, only_published: bool = False) -> int:
    """Take everything of some stores off the shelves; what waits for approval too, which must not come up meanwhile.

    What could be on sale and is not published stays as it is: it would be published when the store opens again.
    """
    where: Document = {"storeId": {"$in": store_ids}, "hiddenWithStore": {"$ne": True}}
    shown: Document = {"isPublished": True}
    where |= shown if only_published else {"$or": [shown, {"status": {"$nin": [*PUBLISHED]}}]}
    return _update(where, [{"$set": {"hiddenWithStore": True, "isPublished": False}}])


def _show(store_ids: list[ObjectId]) -> int:
    """Put what was hidden with some stores back."""
    is_published = {"$in": ["$status", [*PUBLISHED]]}
    steps: list[Document] = [{"$set": {"isPublished": is_published}}, {"$unset": "hiddenWithStore"}]
    return _update({"storeId": {"$in": store_ids}, "hiddenWithStore": True}, steps)


def _update(where: Document, steps: list[Document]) -> int:
    few = [product["_id"] for product in Product.collection().find(where, ["_id"], limit=FEW)]
    count: int = Product.collection().update_many(where, steps).modified_count
    if few:
        changed.send(product_ids=few)
    return count


def _find(store_id: ObjectId, session: ClientSession) -> Document:
    found: Document | None = Store.collection().find_one({"_id": store_id}, session=session)
    if found is None:
        raise StoreNotFound
    return found


def _set(before: Document, after: Document, session: ClientSession) -> None:
    stamped = {"$set": after | {"updatedAt": clock.now()}}
    Store.collection().update_one({"_id": before["_id"]}, stamped, session=session)
