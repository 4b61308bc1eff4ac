"""An order while a transaction changes it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.orders.models import (
    CANCELLED,
    DELIVERED,
    FAILED,
    PAID,
    PARTLY_REFUNDED,
    REFUNDED,
    UNPAID,
    Order,
)
from mixillo.blueprints.orders.queries import parts
from mixillo.blueprints.orders.queries.orders import OrderNotFound
from mixillo.blueprints.products.services.stock import Goods
from mixillo.blueprints.wallets.services.ledger import Posted
from mixillo.core import clock, money

Document = dict[str, Any]


@dataclass
class Work:
    """A stored ``order`` that is being changed by ``actor`` (``None``: by itself) within ``session``.

    What is done to it here is written down by :meth:`save`. ``posted`` is what the ledger did meanwhile.
    """

    order: Document
    session: ClientSession
    actor: ObjectId | None = None
    posted: list[Posted] = field(default_factory=list)
    now: datetime = field(default_factory=clock.now)

    @property
    def id(self) -> ObjectId:
        """The order's id."""
        order_id: ObjectId = self.order["_id"]
        return order_id

    @property
    def currency(self) -> str:
        """What it is paid in."""
        currency: str = self.order["currency"]
        return currency

    @property
    def parts(self) -> list[Document]:
        """Its parts, to be changed."""
        fulfilments: list[Document] = self.order["fulfilments"]
        return fulfilments

    def units(self, name: str) -> int:
        """Return an amount of the order in minor units."""
        return parts.units(self.order, name, self.currency)

    def add(self, thing: Document, name: str, units: int) -> None:
        """Add minor units to an amount of ``thing``, which is the order or something in it."""
        thing[name] = money.stored(parts.units(thing, name, self.currency) + units, self.currency)

    def move(self, part: Document, status: str, note: str | None = None) -> None:
        """Let a part have another status from now on."""
        part["status"] = status
        if moment := parts.MOMENTS.get(status):
            part[moment] = self.now
        self.note(status, note, part)

    def note(self, status: str, note: str | None, part: Document | None = None) -> None:
        """Write down that something happened."""
        step = {"status": status, "timestamp": self.now, "note": note, "updatedBy": self.actor}
        step["storeId"] = part.get("storeId") if part else None
        self.order["statusHistory"].append({name: value for name, value in step.items() if value is not None})

    def goods(self, part: Document | None = None) -> list[Goods]:
        """Return what is in a part, or in all of them."""
        items = self.order["items"] if part is None else parts.items_of(self.order, part)
        return [self._goods(item) for item in items if item.get("productId")]

    def save(self) -> None:
        """Store the order with what follows from its parts."""
        self._conclude()
        Order.collection().replace_one({"_id": self.id}, self.order, session=self.session)

    def insert(self) -> None:
        """Store the order for the first time."""
        self._conclude()
        Order.collection().insert_one(self.order, session=self.session)

    def _conclude(self) -> None:
        order = self.order
        order["status"] = status = parts.status(self.parts)
        if (moment := parts.MOMENTS.get(status)) and moment not in order:
            order[moment] = self.now
        order["canReview"] = status == DELIVERED
        order["paymentStatus"] = self._payment_status()
        order["updatedAt"] = self.now

    def _payment_status(self) -> str:
        if not self.order.get("isBooked"):
            return self.order.get("paymentStatus") or UNPAID
        if refunded := self.units("refundedAmount"):
            return REFUNDED if refunded >= self.units("paidAmount") else PARTLY_REFUNDED
        if self.order.get("paidAt"):
            return PAID
        return FAILED if self.order["status"] == CANCELLED else UNPAID

    def _goods(self, item: Document) -> Goods:
        return Goods(
            product_id=item["productId"],
            variant_id=item.get("variantId"),
            quantity=item["quantity"],
            is_counted=bool(item.get("isCounted")),
            revenue=money.decimal(item.get("total")),
        )


def load(where: Document, session: ClientSession, actor: ObjectId | None = None) -> Work:
    """Return the stored order that ``where`` finds, to be changed.

    :raises OrderNotFound: there is none.
    """
    order = Order.collection().find_one(where, session=session)
    if order is None:
        raise OrderNotFound
    order["fulfilments"] = parts.of(order)
    order.setdefault("statusHistory", [])
    order.setdefault("currency", "USD")
    return Work(order, session, actor)
