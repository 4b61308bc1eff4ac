"""Orders that came of a stream: somebody who was in it ordered what it showed, while it ran or shortly after.

Nobody says so: it follows from what is stored. The order stands in the stream's :class:`ShoppingSession` from when it
is placed; what it is worth there is reckoned anew whenever the order changes: nothing until it is paid (or is to be
paid in cash), less when some of it is given back, nothing when it is cancelled or sent back. The sums are made of these
in the same step, so that they add up whatever comes twice or in between.
"""

from datetime import timedelta
from typing import Any

import structlog
from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from mixillo.blueprints.live.models import LiveParticipant, Livestream, ShoppingSession
from mixillo.blueprints.live.queries import sight
from mixillo.blueprints.orders.models import CANCELLED, CASH, PAID, PARTLY_REFUNDED, RETURNED, Order
from mixillo.blueprints.orders.queries import parts
from mixillo.blueprints.orders.services import telling
from mixillo.core import clock, money
from mixillo.core.db import transact
from mixillo.core.security import Viewer

log = structlog.get_logger(__name__)
Document = dict[str, Any]
# Who was about to buy when it ended.
LATE = timedelta(minutes=15)
MOST_RECENT = 5


@telling.order_changed.connect
def hear_order(_sender: Any, *, order: Document, occasion: str, **_more: Any) -> None:
    """Take note of an order that was placed, paid, cancelled or given back; it stands, whatever becomes of this."""
    try:
        if occasion == telling.PLACED:
            attribute(order["_id"])
        reckon(order["_id"])
    except PyMongoError as error:
        log.warning("stream_not_told_of_order", order_id=str(order["_id"]), error=type(error).__name__)


def attribute(order_id: ObjectId) -> None:
    """Write an order down in the streams that it came of: one of each seller at most; once, however often."""
    order = Order.collection().find_one({"_id": order_id})
    if order is None:
        return
    for part in parts.of(order):
        bought = [item["productId"] for item in parts.items_of(order, part)]
        session = _session_of(part.get("sellerId"), bought, order)
        if session is None:
            continue
        shown = {each["productId"] for each in session["featuredProducts"]}
        entry = {
            "orderId": order["_id"], "placedAt": order["createdAt"], "total": money.stored(0, order["currency"]),
            "currency": order["currency"], "productIds": [each for each in bought if each in shown],
        }  # fmt: skip
        new = {"_id": session["_id"], "orders.orderId": {"$ne": order["_id"]}}
        ShoppingSession.collection().update_one(new, {"$push": {"orders": entry}})


def reckon(order_id: ObjectId) -> None:
    """Write down anew what an order is worth to the streams that it came of, if any."""
    sessions = ShoppingSession.collection()

    def work(session: ClientSession) -> None:
        order = Order.collection().find_one({"_id": order_id}, session=session)
        for found in sessions.find({"orders.orderId": order_id}, {"hostId": 1, "orders.$": 1}, session=session):
            entry = found["orders"][0]
            if order is None or "productIds" not in entry:  # those of the existing system stay as they are
                continue
            worth, currency = _worth(order, found["hostId"], entry), entry["currency"]
            sessions.update_one({"_id": found["_id"]}, _written(order_id, worth, currency), session=session)

    if sessions.find_one({"orders.orderId": order_id}, {"_id": 1}):
        transact(work, turns_of=[("stream of", order_id)])


def figures(host: Viewer, stream_id: ObjectId) -> Document:
    """Return what a stream of the host's has sold: ``{orders, revenue, currency, viewers, conversionRate}``.

    :raises StreamNotFound: it is not the host's.
    """
    sight.of_host(stream_id, host)
    found = ShoppingSession.collection().find_one({"livestreamId": stream_id}) or {}
    came = {"livestreamId": stream_id, "visits": {"$gt": 0}}
    viewers, orders = LiveParticipant.collection().count_documents(came), int(found.get("totalOrders") or 0)
    currency = found.get("currency") or "USD"
    return {
        "orders": orders,
        "revenue": money.shown(money.minor(found.get("totalRevenue"), currency), currency),
        "currency": currency,
        "viewers": viewers,
        "conversionRate": round(100 * orders / viewers, 2) if viewers else 0,
    }


def _session_of(seller_id: ObjectId | None, bought: list[ObjectId], order: Document) -> Document | None:
    """Return the session of the stream in which the buyer saw some of what was ``bought``: the latest."""
    at = order["createdAt"]
    ran = {"hostId": seller_id, "startedAt": {"$lte": at}, "$or": [{"endedAt": None}, {"endedAt": {"$gt": at - LATE}}]}
    newest = Livestream.collection().find(ran, {"_id": 1}, sort=[("createdAt", -1), ("_id", -1)], limit=MOST_RECENT)
    for stream in newest:
        seen = {"livestreamId": stream["_id"], "userId": order["userId"], "joinedAt": {"$lte": at}}
        shown = {"$elemMatch": {"productId": {"$in": bought}, "featuredAt": {"$lte": at}}}
        session: Document | None = ShoppingSession.collection().find_one(
            {"livestreamId": stream["_id"], "featuredProducts": shown}
        )
        if session and LiveParticipant.collection().find_one(seen, {"_id": 1}):
            return session
    return None


def _worth(order: Document, host_id: ObjectId, entry: Document) -> int:
    """Return what the host's goods of an order that the stream showed come to now, in minor units, without tax."""
    currency, worth = order["currency"], 0
    if order.get("paymentMethod") != CASH and order.get("paymentStatus") not in (PAID, PARTLY_REFUNDED):
        return 0
    for part in parts.of(order):
        if part.get("sellerId") != host_id or part["status"] in (CANCELLED, RETURNED):
            continue
        items = [item for item in parts.items_of(order, part) if item["productId"] in entry["productIds"]]
        goods = sum(parts.units(item, "total", currency) - parts.units(item, "discount", currency) for item in items)
        amount, refunded = parts.units(part, "amount", currency), parts.units(part, "refunded", currency)
        worth += goods * max(0, amount - refunded) // amount if amount else goods
    return worth


def _written(order_id: ObjectId, worth: int, currency: str) -> list[Document]:
    """Return the steps that write down what an order is worth, and the sums. They are in the first order's currency."""
    worth_now = {"$mergeObjects": ["$$each", {"total": money.stored(worth, currency)}]}
    changed = {"$cond": [{"$eq": ["$$each.orderId", order_id]}, worth_now, "$$each"]}
    of_currency = {
        "$and": [{"$gt": ["$$each.total", 0]}, {"$eq": [{"$ifNull": ["$$each.currency", "$currency"]}, "$currency"]}]
    }
    counted = {"$filter": {"input": "$orders", "as": "each", "cond": of_currency}}
    return [
        {
            "$set": {
                "orders": {"$map": {"input": "$orders", "as": "each", "in": changed}},
                "currency": {"$ifNull": ["$currency", currency]},
                "updatedAt": clock.now(),
            }
        },
        {
            "$set": {
                "totalOrders": {"$size": counted},
                "totalRevenue": {"$sum": {"$map": {"input": counted, "as": "each", "in": "$$each.total"}}},
            }
        },
    ]
