"""What administrators decide about products, with an entry in the audit log in the same transaction."""

from datetime import datetime
from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.products.models import ACTIVE, REJECTED, SOLD_OUT, Product, Review, ReviewVote, Wish
from mixillo.blueprints.products.queries import offers, shapes
from mixillo.blueprints.products.services import selling
from mixillo.blueprints.products.services.selling import PUBLISHED
from mixillo.core import clock
from mixillo.core.db import database, transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, ValidationFailed

Document = dict[str, Any]
# Sent after the commit, with ``product_id``, ``seller_id``, ``status`` and ``reason``; ``notifications`` listens.
decided = Signal()


class ProductWasSold(Conflict):
    """Orders name the product."""

    code, title = "product_was_sold", "Orders name the product"


def set_status(admin: Viewer, product_id: ObjectId, status: str, reason: str | None) -> Document:
    """Approve, reject or otherwise put a product into ``status``, and return it.

    One that is approved while there is nothing left of it is sold out.

    :raises ProductNotFound: there is none of this id.
    :raises ValidationFailed: it is rejected without a reason.
    """
    tell(transact(lambda session: put(admin, product_id, status, reason, session)), status, reason)
    return offers.one(admin, str(product_id))


def put(admin: Viewer, product_id: ObjectId, status: str, reason: str | None, session: ClientSession) -> Document:
    """Within a transaction, put a product into ``status``, and return it as it was; raises as :func:`set_status`.

    After the commit comes :func:`tell`.
    """
    if status == REJECTED and not reason:
        raise ValidationFailed.of("reason", "Tell the seller why.")
    before = selling.find(admin, str(product_id), session)
    after = _decision(before, status, reason) | {"reviewedBy": admin.id}
    _set(before, after, session)
    selling.record("product.status_changed", admin, before, after, session)
    return before


def tell(before: Document, status: str, reason: str | None) -> None:
    """Tell the search and the features above what was decided about the product that was ``before``."""
    selling.changed.send(product_ids=[before["_id"]])
    decided.send(product_id=before["_id"], seller_id=before["sellerId"], status=status, reason=reason)


def feature(admin: Viewer, product_id: ObjectId, is_featured: bool, until: datetime | None) -> Document:
    """Put a product forward, for ever or until a moment, or no longer; return it.

    :raises ProductNotFound: there is none of this id.
    """

    def work(session: ClientSession) -> None:
        before = selling.find(admin, str(product_id), session)
        after = {"isFeatured": is_featured, "featuredUntil": until if is_featured else None}
        _set(before, after, session)
        selling.record("product.featured" if is_featured else "product.unfeatured", admin, before, after, session)

    transact(work)
    return offers.one(admin, str(product_id))


def remove(admin: Viewer, product_id: ObjectId) -> None:
    """Remove a product for good, with its reviews and whoever wished for it.

    :raises ProductNotFound: there is none of this id.
    :raises ProductWasSold: orders name it: archive it.
    """

    def work(session: ClientSession) -> None:
        before = selling.find(admin, str(product_id), session)
        if database()["orders"].find_one({"items.productId": product_id}, {"_id": 1}, session=session):
            raise ProductWasSold("Archive it instead.")
        reviews = [r["_id"] for r in Review.collection().find({"productId": product_id}, {"_id": 1}, session=session)]
        ReviewVote.collection().delete_many({"reviewId": {"$in": reviews}}, session=session)
        for belonging in (Review, Wish):
            belonging.collection().delete_many({"productId": product_id}, session=session)
        Product.collection().delete_one({"_id": product_id}, session=session)
        shown = {name: before.get(name) for name in shapes.OWN if name in before}
        selling.record("product.removed", admin, shown | {"_id": product_id}, {}, session)

    transact(work)
    selling.changed.send(product_ids=[product_id])


def _decision(before: Document, status: str, reason: str | None) -> Document:
    now = clock.now()
    if status in PUBLISHED:
        on_sale = ACTIVE if shapes.in_stock(before) else SOLD_OUT
        is_found = selling.may_be_found(before, on_sale)
        return {"status": on_sale, "isPublished": is_found, "publishedAt": before.get("publishedAt") or now,
                "rejectionReason": None, "rejectedAt": None}  # fmt: skip
    rejected = {"rejectionReason": reason, "rejectedAt": now} if status == REJECTED else {}
    return {"status": status, "isPublished": False} | rejected


def _set(before: Document, after: Document, session: ClientSession) -> None:
    update = {"$set": after | {"updatedAt": clock.now()}}
    Product.collection().update_one({"_id": before["_id"]}, update, session=session)
