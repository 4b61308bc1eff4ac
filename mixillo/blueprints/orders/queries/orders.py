"""Finding orders, and lists of them: a buyer's, a seller's, everybody's."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.orders.models import NEWEST, Order
from mixillo.blueprints.orders.queries import parts, shapes
from mixillo.blueprints.users.queries import people
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.core.slugs import ID
from mixillo.errors import NotFound

Document = dict[str, Any]
FILTERS = ("status", "paymentStatus")
LAST_CHARACTER = "\uffff"
NUMBERED = "ORD-"
MOST_BUYERS = 50


class OrderNotFound(NotFound):
    """There is no such order, or it is somebody else's."""

    code, title = "order_not_found", "There is no such order"


def by(text: str) -> Document:
    """Return the filter of the order that has ``text`` as its id or as its number."""
    return {"_id": ObjectId(text)} if ID.fullmatch(text) else {"orderNumber": text.upper()}


def one(viewer: Viewer, text: str) -> Document:
    """Return an order as the viewer may see it: its buyer and administrators all of it, a seller their part.

    :raises OrderNotFound: there is none, or it is somebody else's.
    """
    return shown_to(viewer, stored(viewer, text))


def stored(viewer: Viewer, text: str) -> Document:
    """Return an order's document to whom it concerns.

    :raises OrderNotFound: there is none, or it is somebody else's.
    """
    order: Document | None = Order.collection().find_one(by(text))
    if order is None or not (viewer.is_admin or order["userId"] == viewer.id or _sells(viewer.id, order)):
        raise OrderNotFound
    return order


def stored_of(buyer_id: ObjectId, order_id: ObjectId) -> Document:
    """Return the document of an order of the buyer's.

    :raises OrderNotFound: there is none.
    """
    order: Document | None = Order.collection().find_one({"_id": order_id, "userId": buyer_id})
    if order is None:
        raise OrderNotFound
    return order


def shown_to(viewer: Viewer, order: Document) -> Document:
    """Return a stored order as the viewer may see it."""
    if viewer.is_admin:
        return shapes.with_buyers([order])[0]
    return shapes.whole(order) if order["userId"] == viewer.id else shapes.of_seller(order, viewer.id)


def own(user_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of what somebody bought, the newest first."""
    found, pagination = _listed({"userId": user_id} | _filters(query), query)
    return [shapes.whole(order) for order in found], pagination


def sold_by(seller_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of the orders that a seller has a part in, the newest first; ``status`` is that of the part."""
    where: Document = {"fulfilments.sellerId": seller_id}
    if "status" in query:
        where = {"fulfilments": {"$elemMatch": {"sellerId": seller_id, "status": query["status"]}}}
    found, pagination = _listed(where, query)
    return [shapes.of_seller(order, seller_id) for order in found], pagination


def everything(query: Document) -> tuple[list[Document], Document]:
    """Return a page of all orders, the newest first; ``search`` is an id, a number's beginning, or a buyer's name."""
    found, pagination = _listed(_filters(query) | _called(query.get("search")), query)
    return shapes.with_buyers(found), pagination


def _sells(user_id: ObjectId, order: Document) -> bool:
    return any(part.get("sellerId") == user_id for part in parts.of(order))


def _filters(query: Document) -> Document:
    return {name: query[name] for name in FILTERS if name in query}


def _called(text: str | None) -> Document:
    if not text:
        return {}
    if ID.fullmatch(text):
        return {"_id": ObjectId(text)}
    if (number := text.upper()).startswith(NUMBERED):
        return {"orderNumber": {"$gte": number, "$lt": number + LAST_CHARACTER}}
    return {"userId": {"$in": people.find_ids(text, MOST_BUYERS)}}


def _listed(where: Document, query: Document) -> tuple[list[Document], Document]:
    return paginate(Order.collection(), where, query, sort=NEWEST)
