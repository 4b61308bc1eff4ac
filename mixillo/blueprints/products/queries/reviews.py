"""What is said about a product."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.products.models import NEWEST, Review
from mixillo.blueprints.products.queries import catalogue
from mixillo.blueprints.users.queries import people
from mixillo.core.pagination import paginate

Document = dict[str, Any]
RECENT, HELPFUL = ORDERS = ("newest", "helpful")
SORTS = {RECENT: NEWEST, HELPFUL: [("helpfulCount", -1), ("_id", -1)]}


def of(text: str, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the reviews of the product of this id or slug, and its ``pagination``.

    :raises ProductNotFound: there is no such product on sale.
    """
    product = catalogue.find(text, {"_id": 1})
    found, pagination = paginate(Review.collection(), {"productId": product["_id"]}, query, sort=SORTS[query["sortBy"]])
    return views(found), pagination


def views(reviews: list[Document]) -> list[Document]:
    """Return stored reviews as the API shows them, their authors beside them as far as these are still there."""
    authors = people.summaries([review["userId"] for review in reviews])
    return [_view(review, authors) for review in reviews]


def _view(review: Document, authors: dict[ObjectId, Document]) -> Document:
    author = authors.get(review["userId"])
    return {
        "_id": review["_id"],
        "id": review["_id"],
        "productId": review["productId"],
        "userId": review["userId"],
        "user": author,
        "userName": author["fullName"] or author["username"] if author else "",
        "userAvatar": author["avatar"] if author else None,
        "rating": review["rating"],
        "comment": review.get("comment"),
        "isVerifiedPurchase": review.get("isVerifiedPurchase", False),
        "helpfulCount": review.get("helpfulCount") or 0,
        "date": review.get("createdAt"),
        "createdAt": review.get("createdAt"),
        "updatedAt": review.get("updatedAt"),
    }
