"""Sending back: the buyer asks, the seller or an administrator accepts once the goods are back, or declines."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from flask import current_app
from pymongo.client_session import ClientSession

from mixillo.blueprints.orders.models import DELIVERED
from mixillo.blueprints.orders.queries.orders import OrderNotFound
from mixillo.blueprints.orders.services import moving, refunding, telling
from mixillo.blueprints.orders.services.errors import NotReturnable
from mixillo.blueprints.orders.services.working import Work, load
from mixillo.core import audit_log
from mixillo.core.db import transact
from mixillo.core.security import Viewer

Document = dict[str, Any]


def request(buyer: Viewer, order_id: ObjectId, reason: str, store_id: ObjectId | None) -> Document:
    """Ask to send an order back, or what came from one store, and return it; asking again changes nothing.

    :raises OrderNotFound: there is none of the buyer's, or it has no part of this store.
    :raises NotReturnable: none of it was delivered, or it was too long ago.
    """

    def work_on(session: ClientSession) -> Work:
        work = load({"_id": order_id, "userId": buyer.id}, session, buyer.id)
        chosen = [part for part in work.parts if store_id in (None, part.get("storeId"))]
        if not chosen:
            raise OrderNotFound
        arrived = [part for part in chosen if part["status"] == DELIVERED]
        if not arrived:
            raise NotReturnable(f"It is {work.order['status']}.")
        days = current_app.config["SETTINGS"].return_days
        if any(work.now - (part.get("deliveredAt") or work.now) > timedelta(days=days) for part in arrived):
            raise NotReturnable(f"It was delivered more than {days} days ago.")
        for part in arrived:
            if "returnRequestedAt" not in part:
                part |= {"returnRequestedAt": work.now, "returnReason": reason}
                work.note(DELIVERED, f"To be sent back: {reason}", part)
        work.order["returnReason"] = reason
        work.save()
        return work

    work = transact(work_on)
    telling.tell(work, telling.RETURN_REQUESTED)
    return work.order


def accept(viewer: Viewer, order_id: ObjectId, note: str | None, store_id: ObjectId | None) -> Document:
    """Take back what the buyer has asked to send back; goods and money return. Return the order.

    :raises OrderNotFound: there is none in which the viewer has a part.
    :raises NotReturnable: nobody has asked for it.
    """
    work = _decide(
        viewer, order_id, store_id, lambda work, asked: moving.send_back(work, asked, note or "Sent back"), note
    )
    telling.tell(work)
    refunding.ask(work.order)
    return work.order


def decline(viewer: Viewer, order_id: ObjectId, note: str, store_id: ObjectId | None) -> Document:
    """Tell the buyer why not, and return the order; they may ask again.

    :raises OrderNotFound: there is none in which the viewer has a part.
    :raises NotReturnable: nobody has asked for it.
    """

    def refuse(work: Work, asked: list[Document]) -> None:
        for part in asked:
            work.note(DELIVERED, f"Not taken back: {note}", part)
            del part["returnRequestedAt"]

    work = _decide(viewer, order_id, store_id, refuse, note)
    telling.tell(work, telling.RETURN_DECLINED)
    return work.order


def _decide(viewer: Viewer, order_id: ObjectId, store_id: ObjectId | None, decision: Any, note: str | None) -> Work:
    def work_on(session: ClientSession) -> Work:
        work = load({"_id": order_id}, session, viewer.id)
        chosen = moving.chosen_parts(viewer, work, store_id)
        asked = [part for part in chosen if part["status"] == DELIVERED and part.get("returnRequestedAt")]
        if not asked:
            raise NotReturnable("Nobody has asked for it.")
        decision(work, asked)
        work.save()
        if viewer.is_admin:
            _record(viewer, work, note)
        return work

    return transact(work_on)


def _record(admin: Viewer, work: Work, note: str | None) -> None:
    audit_log.record(
        "order.return_decided",
        actor={"kind": "user", "id": str(admin.id), "name": admin.username},
        target="orders",
        target_id=work.id,
        changes={"after": {"status": work.order["status"], "note": note}},
        session=work.session,
    )
