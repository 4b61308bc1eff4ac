"""After the commit: who is told of an order."""

from typing import Any

from blinker import Signal

from mixillo.blueprints.orders.events import ORDER_UPDATED
from mixillo.blueprints.orders.queries import parts
from mixillo.blueprints.orders.services.working import Work
from mixillo.blueprints.wallets.services import ledger
from mixillo.core.realtime import emit_to_user

Document = dict[str, Any]
PLACED, MOVED, RETURN_REQUESTED, RETURN_DECLINED, GIVEN_BACK = OCCASIONS = (
    "placed", "moved", "return_requested", "return_declined", "given_back",
)  # fmt: skip
# Sent after the commit, with ``order`` (the document), ``occasion`` (one of OCCASIONS) and ``actor`` (the id of who
# did it, ``None`` where it happened by itself); ``notifications`` listens.
order_changed = Signal()


def tell(work: Work, occasion: str = MOVED) -> None:
    """Tell the buyer, the sellers and the other features what ``work`` has done."""
    for posted in work.posted:
        ledger.announce(posted)
    order = work.order
    emit_to_user(order["userId"], ORDER_UPDATED, _told(order, order["status"]))
    for part in parts.of(order):
        if part.get("sellerId"):
            emit_to_user(part["sellerId"], ORDER_UPDATED, _told(order, part["status"]))
    order_changed.send(order=order, occasion=occasion, actor=work.actor)


def _told(order: Document, status: str) -> Document:
    return {
        "orderId": str(order["_id"]),
        "orderNumber": order["orderNumber"],
        "status": status,
        "paymentStatus": order["paymentStatus"],
    }
