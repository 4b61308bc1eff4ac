"""Orders on their way, and what administrators decide about sellers and products."""

from collections.abc import Iterator
from typing import Any

from bson import ObjectId

from mixillo.blueprints.notifications.models import ORDER, ORDERED, PRODUCT, SYSTEM
from mixillo.blueprints.notifications.services import desk
from mixillo.blueprints.notifications.services.news import News
from mixillo.blueprints.orders.models import CANCELLED, CONFIRMED, DELIVERED, RETURNED, SHIPPED
from mixillo.blueprints.orders.queries import parts
from mixillo.blueprints.orders.services import telling
from mixillo.blueprints.products.models import ACTIVE, REJECTED
from mixillo.blueprints.products.services import moderating
from mixillo.blueprints.stores.models import APPROVED
from mixillo.blueprints.stores.services import deciding

Document = dict[str, Any]
TO_BUYERS = {
    CONFIRMED: "Your order is confirmed",
    SHIPPED: "Your order is on its way",
    DELIVERED: "Your order has arrived",
    CANCELLED: "Your order was cancelled",
    RETURNED: "Your return was accepted",
}
OCCASIONS = {telling.RETURN_DECLINED: "Your return was declined", telling.GIVEN_BACK: "Your money is on its way back"}


@telling.order_changed.connect
def hear_order(_sender: Any, *, order: Document, occasion: str, actor: ObjectId | None, **_more: Any) -> None:
    """An order was placed, has moved on, or comes back: whoever did not do it is told."""
    news = [*_to_buyer(order, occasion), *_to_sellers(order, occasion)]
    desk.take(*(each for each in news if each.user_id != actor))


def _to_buyer(order: Document, occasion: str) -> Iterator[News]:
    """Yield what the buyer is told of; what they were told of before is told once."""
    buyer = order["userId"]
    if occasion in OCCASIONS:
        yield _news(order, buyer, OCCASIONS[occasion], str(occasion), order.get("updatedAt"))
    if occasion != telling.MOVED:
        return
    for part in parts.of(order):
        if title := TO_BUYERS.get(part["status"]):
            yield _news(order, buyer, title, part["status"], part.get("storeId"))


def _to_sellers(order: Document, occasion: str) -> Iterator[News]:
    """Yield what the sellers are told of."""
    for part in parts.of(order):
        seller = part.get("sellerId")
        if seller is None:
            continue
        if occasion == telling.PLACED:
            yield _news(order, seller, "New order", "placed", part.get("storeId"))
        elif occasion == telling.RETURN_REQUESTED and part.get("returnRequestedAt"):
            yield _news(order, seller, "Somebody wants to return an order", "return", part["returnRequestedAt"])
        elif occasion == telling.MOVED and part["status"] == CANCELLED:
            yield _news(order, seller, "An order was cancelled", "sellers-cancelled", part.get("storeId"))


def _news(order: Document, user_id: ObjectId, title: str, step: str, event: Any) -> News:
    return News(
        ORDER, user_id, f"order:{order['_id']}:{step}", title, f"Order {order['orderNumber']}", event=f"{step}:{event}",
        related_id=order["_id"], related_type=ORDERED, action_url=f"/orders/{order['_id']}",
        data={"orderNumber": order["orderNumber"], "status": order["status"]},
    )  # fmt: skip


@deciding.decided.connect
def hear_application(
    _sender: Any, *, application_id: ObjectId, user_id: ObjectId, status: str, reason: str | None, **_more: Any
) -> None:
    """Somebody may sell from now on, or may not."""
    approved = status == APPROVED
    told = f"application:{application_id}:{status}"
    text = "Welcome: you can sell from now on." if approved else f"Your application was turned down: {reason}"
    desk.take(News(SYSTEM, user_id, told, "Your application to sell", text, event=told, action_url="/store"))


@moderating.decided.connect
def hear_product(
    _sender: Any, *, product_id: ObjectId, seller_id: ObjectId, status: str, reason: str | None, **_more: Any
) -> None:
    """A product was approved or rejected."""
    if status not in (ACTIVE, REJECTED):
        return
    text = "It is on sale now." if status == ACTIVE else f"It was not accepted: {reason}"
    desk.take(
        News(
            SYSTEM, seller_id, f"product:{product_id}:{status}", "Your product was looked at", text, event=ObjectId(),
            related_id=product_id, related_type=PRODUCT, action_url=f"/products/{product_id}",
        )
    )  # fmt: skip
