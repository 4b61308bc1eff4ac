"""Moving orders on: sellers their own part, administrators every part. Goods and money follow."""

from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from flask import current_app
from pymongo.client_session import ClientSession

from mixillo.blueprints.orders.models import (
    CANCELLED,
    CASH,
    CONFIRMED,
    DELIVERED,
    PENDING,
    PROCESSING,
    RETURNED,
    SHIPPED,
)
from mixillo.blueprints.orders.queries.orders import OrderNotFound
from mixillo.blueprints.orders.services import booking, keeping, parcels, paying, refunding, telling
from mixillo.blueprints.orders.services.errors import NotCancellable, NotPaid, WrongStep
from mixillo.blueprints.orders.services.working import Work, load
from mixillo.blueprints.payments.services.providers import EXTENSION
from mixillo.blueprints.products.services import stock
from mixillo.core import audit_log
from mixillo.core.db import transact
from mixillo.core.security import Viewer

Document = dict[str, Any]
# Steps may be left out: what arrives has been sent.
FORWARD = (CONFIRMED, PROCESSING, SHIPPED, DELIVERED)
CANCELLABLE = (PENDING, CONFIRMED, PROCESSING)


@dataclass(frozen=True, slots=True)
class Step:
    """Where to move an order, or the part of one store; ``parcel`` may name carrier, number and address."""

    status: str
    note: str | None = None
    store_id: ObjectId | None = None
    parcel: Document = field(default_factory=dict)


def move(viewer: Viewer, order_id: ObjectId, step: Step) -> Document:
    """Move an order to another status and return it; what is there already stays as it is.

    :raises OrderNotFound: there is none, or the viewer has no part in it, or it has no part of this store.
    :raises NotPaid: nobody has paid yet; then it can only be cancelled, as a whole.
    :raises WrongStep: from where it is, nothing leads there.
    """

    def work_on(session: ClientSession) -> Work:
        work = load({"_id": order_id}, session, viewer.id)
        chosen = chosen_parts(viewer, work, step.store_id)
        before = [part["status"] for part in chosen]
        for part in chosen:
            part.update(step.parcel)
        _move(work, [part for part in chosen if part["status"] != step.status], step)
        _close_cash(work)
        work.order |= parcels.shown(work.parts)
        work.save()
        parcels.write(work, chosen)
        if viewer.is_admin:
            _record(viewer, work, before, step)
        return work

    work = transact(work_on)
    telling.tell(work)
    _conclude_payment(work)
    return work.order


def cancel(viewer: Viewer, order_id: ObjectId, reason: str | None) -> Document:
    """Cancel an order before any of it is on its way, and return it; one that is cancelled stays so.

    :raises OrderNotFound: there is none of the viewer's.
    :raises NotCancellable: some of it is on its way.
    """

    def work_on(session: ClientSession) -> Work:
        work = load({"_id": order_id, "userId": viewer.id}, session, viewer.id)
        alive = [part for part in work.parts if part["status"] != CANCELLED]
        if any(part["status"] not in CANCELLABLE for part in alive):
            raise NotCancellable(f"It is {work.order['status']}.")
        if alive:
            _cancel(work, alive, reason or "Cancelled by the buyer")
            work.save()
        return work

    work = transact(work_on)
    if work.order.get("cancelledAt") == work.now:
        telling.tell(work)
    _conclude_payment(work)
    return work.order


def send_back(work: Work, returned: list[Document], note: str) -> None:
    """Let parts of an order be back at their sellers: the goods on the shelf, the money with the buyer."""
    for part in returned:
        if work.order.get("isBooked"):
            stock.put_back(work.goods(part), work.session)
            booking.give_back(work, part, booking.collected(work, part), note)
        work.move(part, RETURNED, note)


def _conclude_payment(work: Work) -> None:
    """Let nobody pay for what was cancelled, and have the provider give back what is due."""
    if work.order["status"] == CANCELLED:
        paying.give_up(work.id, current_app.extensions[EXTENSION])
    refunding.ask(work.order)


def chosen_parts(viewer: Viewer, work: Work, store_id: ObjectId | None) -> list[Document]:
    """Return the parts that the viewer may move, those of one store if that is said."""
    found = [
        part
        for part in work.parts
        if (viewer.is_admin or part.get("sellerId") == viewer.id) and store_id in (None, part.get("storeId"))
    ]
    if not found:
        raise OrderNotFound
    # Of several, those that were cancelled or sent back stay out of it.
    alive = [part for part in found if part["status"] not in (CANCELLED, RETURNED)]
    return alive or found


def _move(work: Work, moved: list[Document], step: Step) -> None:
    for part in moved:
        _check(work, part, step.status)
    if step.status == CANCELLED:
        if len(moved) < len(work.parts) and any(part["status"] == PENDING for part in moved):
            raise NotPaid("What nobody has paid yet is cancelled as a whole.")
        _cancel(work, moved, step.note or "Cancelled by the seller")
    elif step.status == RETURNED:
        send_back(work, moved, step.note or "Sent back")
    else:
        for part in moved:
            work.move(part, step.status, step.note)
            if step.status == DELIVERED and work.order.get("isBooked"):
                booking.pay_out(work, part)


def _check(work: Work, part: Document, status: str) -> None:
    """Check that a part may get this status.

    :raises NotPaid: nobody has paid yet.
    :raises WrongStep: nothing leads there.
    """
    present = part["status"]
    if status == CANCELLED and present in CANCELLABLE:
        return
    if present == PENDING and work.order.get("isBooked"):
        raise NotPaid("It is confirmed when it is paid.")
    allowed = status == RETURNED and present in (SHIPPED, DELIVERED)
    if status in FORWARD and present in (PENDING, *FORWARD):
        allowed = FORWARD.index(status) > (FORWARD.index(present) if present in FORWARD else -1)
    if not allowed:
        raise WrongStep(f"It is {present}; it cannot be {status} next.")


def _cancel(work: Work, cancelled: list[Document], reason: str) -> None:
    for part in cancelled:
        booking.give_back(work, part, booking.collected(work, part), reason)
    keeping.cancel(work, cancelled, reason)


def _close_cash(work: Work) -> None:
    """Let what is paid on delivery be paid when all of it has arrived that still was to."""
    is_over = all(part["status"] in (DELIVERED, CANCELLED, RETURNED) for part in work.parts)
    has_arrived = any("deliveredAt" in part for part in work.parts)
    if work.order.get("isBooked") and work.order["paymentMethod"] == CASH and is_over and has_arrived:
        work.order.setdefault("paidAt", work.now)


def _record(admin: Viewer, work: Work, before: list[str], step: Step) -> None:
    audit_log.record(
        "order.status_changed",
        actor={"kind": "user", "id": str(admin.id), "name": admin.username},
        target="orders",
        target_id=work.id,
        changes={"before": {"status": before}, "after": {"status": step.status, "note": step.note}},
        session=work.session,
    )
