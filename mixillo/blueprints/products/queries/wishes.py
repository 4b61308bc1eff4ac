"""What somebody wishes for."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.products.models import NEWEST, Wish
from mixillo.blueprints.products.queries import catalogue
from mixillo.core.pagination import paginate

Document = dict[str, Any]


def of(user_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the products that somebody wishes for, the latest wish first, and its ``pagination``.

    What is not on sale any more is left out, so that a page may be shorter than its limit.
    """
    where = {"userId": user_id}
    wishes, pagination = paginate(
        Wish.collection(), where, query, sort=NEWEST, projection={"productId": 1, "createdAt": 1}
    )
    found = catalogue.by_ids([wish["productId"] for wish in wishes])
    return [found[wish["productId"]] for wish in wishes if wish["productId"] in found], pagination
