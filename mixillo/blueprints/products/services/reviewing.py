"""Reviews: by those who bought and got a product, once each. The product's rating follows in the same transaction."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.products.models import Product, Review, ReviewVote
from mixillo.blueprints.products.queries import catalogue, reviews
from mixillo.blueprints.products.services.selling import changed
from mixillo.core import audit_log, clock
from mixillo.core.db import database, transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, Forbidden, NotFound

Document = dict[str, Any]
RECEIVED = "delivered"


class ReviewNotFound(NotFound):
    """There is no such review of the product, or it is somebody else's."""

    code, title = "review_not_found", "There is no such review"


class NotBought(Forbidden):
    """Only those who got the product may review it."""

    code, title = "not_purchased", "You have not received this product"


class AlreadyReviewed(Conflict):
    """There is one review per person and product."""

    code, title = "already_reviewed", "You have reviewed this product"


class OwnReview(Conflict):
    """Nobody finds one's own review helpful."""

    code, title = "own_review", "This is your own review"


def write(author: Viewer, text: str, fields: Document, review_id: ObjectId) -> Document:
    """Review the product of this id or slug and return the review.

    ``review_id`` is the same whenever the request is repeated: a repetition returns what the first one wrote.

    :raises ProductNotFound: there is no such product on sale.
    :raises NotBought: no order with it was delivered to the author.
    :raises AlreadyReviewed: the author has.
    """
    product = catalogue.find(text, {"storeId": 1})
    order = _order(author.id, product["_id"])
    review = Review(
        id=review_id,
        productId=product["_id"],
        storeId=product["storeId"],
        userId=author.id,
        orderId=order["_id"],
        **fields,
    )
    document = review.to_mongo().to_dict()
    Review.ensure_collection()
    try:
        _rated(product["_id"], lambda session: Review.collection().insert_one(document, session=session))
    except DuplicateKeyError:
        if not Review.collection().find_one({"_id": review_id}, {"_id": 1}):
            raise AlreadyReviewed("Change the review instead.") from None
    return reviews.views([document])[0]


def change(author: Viewer, text: str, review_id: ObjectId, fields: Document) -> Document:
    """Change one's own review and return it.

    :raises ProductNotFound: there is no such product on sale.
    :raises ReviewNotFound: there is no such review of one's own.
    """
    product = catalogue.find(text, {"_id": 1})
    where = {"_id": review_id, "productId": product["_id"], "userId": author.id}

    def work(session: ClientSession) -> None:
        update = {"$set": fields | {"updatedAt": clock.now()}}
        if not Review.collection().update_one(where, update, session=session).matched_count:
            raise ReviewNotFound

    _rated(product["_id"], work)
    return reviews.views([_stored(review_id)])[0]


def remove(viewer: Viewer, text: str, review_id: ObjectId) -> None:
    """Remove one's own review or, as an administrator, anybody's.

    :raises ProductNotFound: there is no such product on sale.
    :raises ReviewNotFound: there is no such review, or it is somebody else's.
    """
    product = catalogue.find(text, {"_id": 1})
    where = {"_id": review_id, "productId": product["_id"]} | ({} if viewer.is_admin else {"userId": viewer.id})

    def work(session: ClientSession) -> None:
        removed = Review.collection().find_one_and_delete(where, session=session)
        if removed is None:
            raise ReviewNotFound
        ReviewVote.collection().delete_many({"reviewId": review_id}, session=session)
        if removed["userId"] != viewer.id:
            _audit(viewer, removed, session)

    _rated(product["_id"], work)


def vote(voter: Viewer, text: str, review_id: ObjectId, *, is_helpful: bool) -> int:
    """Find a review helpful, or no longer; return how many do. Saying so again changes nothing.

    :raises ProductNotFound: there is no such product on sale.
    :raises ReviewNotFound: it has no such review.
    :raises OwnReview: it is the voter's own.
    """
    product = catalogue.find(text, {"_id": 1})
    if _stored(review_id, product["_id"])["userId"] == voter.id:
        raise OwnReview
    pair = {"reviewId": review_id, "userId": voter.id}
    ReviewVote.ensure_collection()

    def work(session: ClientSession) -> None:
        if is_helpful:
            ReviewVote.collection().insert_one(ReviewVote(**pair).to_mongo().to_dict(), session=session)
        elif not ReviewVote.collection().delete_one(pair, session=session).deleted_count:
            return
        step = {"$inc": {"helpfulCount": 1 if is_helpful else -1}}
        Review.collection().update_one({"_id": review_id}, step, session=session)

    with suppress(DuplicateKeyError):  # they have said so before
        transact(work, turns_of=[review_id])
    count: int = _stored(review_id).get("helpfulCount", 0)
    return count


def _rated(product_id: ObjectId, work: Callable[[ClientSession], object]) -> None:
    """Do ``work`` and make the product's rating the mean of its reviews, in one transaction.

    The mean is stored unrounded: any change of it changes the product, so that of two reviews that are written at
    once one waits for the other and counts it too.
    """

    def both(session: ClientSession) -> None:
        work(session)
        Product.collection().update_one({"_id": product_id}, {"$set": _rating(product_id, session)}, session=session)

    transact(both, turns_of=[product_id])
    changed.send(product_ids=[product_id])


def _rating(product_id: ObjectId, session: ClientSession) -> Document:
    group = {"_id": None, "count": {"$sum": 1}, "rating": {"$avg": "$rating"}}
    stages: list[Document] = [
        {"$match": {"productId": product_id}},
        {"$project": {"rating": 1, "_id": 0}},
        {"$group": group},
    ]
    found = next(iter(Review.collection().aggregate(stages, session=session)), {"count": 0, "rating": 0})
    return {"rating": found["rating"], "reviewsCount": found["count"]}


def _order(user_id: ObjectId, product_id: ObjectId) -> Document:
    """Return the order by which somebody got the product; orders stand above this feature, so it asks them itself."""
    where = {"items.productId": product_id, "userId": user_id, "status": RECEIVED}
    order: Document | None = database()["orders"].find_one(where, {"_id": 1})
    if order is None:
        raise NotBought("Reviews are written by those who bought a product and received it.")
    return order


def _stored(review_id: ObjectId, product_id: ObjectId | None = None) -> Document:
    where = {"_id": review_id} | ({"productId": product_id} if product_id else {})
    review: Document | None = Review.collection().find_one(where)
    if review is None:
        raise ReviewNotFound
    return review


def _audit(admin: Viewer, review: Document, session: ClientSession) -> None:
    audit_log.record(
        "review.removed",
        actor={"kind": "user", "id": str(admin.id), "name": admin.username},
        target="reviews",
        target_id=review["_id"],
        changes={"before": {name: review.get(name) for name in ("productId", "userId", "rating", "comment")}},
        session=session,
    )
