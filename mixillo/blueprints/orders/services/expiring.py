"""Orders that nobody pays: their goods and coupons are free again."""

from functools import partial
from typing import Any

import structlog
from bson import ObjectId
from flask import current_app
from pymongo.client_session import ClientSession

from mixillo.blueprints.orders.models import PENDING, Order
from mixillo.blueprints.orders.queries.orders import OrderNotFound
from mixillo.blueprints.orders.services import keeping, paying, telling
from mixillo.blueprints.orders.services.working import Work, load
from mixillo.blueprints.payments.services.providers import EXTENSION
from mixillo.core import clock
from mixillo.core.db import transact

log = structlog.get_logger(__name__)
LONGEST_BATCH = 1_000
REASON = "It was not paid in time"
Document = dict[str, Any]


def expire(limit: int = LONGEST_BATCH) -> int:
    """Give up the unpaid orders whose time is over, here and at the payment provider; return how many.

    One that turns out to have been paid, of which the provider's event got lost, is completed instead.
    """
    overdue = {"status": PENDING, "expiresAt": {"$lte": clock.now()}}
    found = Order.collection().find(overdue, ["_id"], sort=[("expiresAt", 1)], limit=limit)
    return sum(_expire(order["_id"]) for order in found)


def _expire(order_id: ObjectId) -> bool:
    if paying.give_up(order_id, current_app.extensions[EXTENSION]):
        return False
    try:
        work = transact(partial(_give_up, order_id), turns_of=[order_id])
    except OrderNotFound:  # it was paid or cancelled in between
        return False
    telling.tell(work)
    return True


def _give_up(order_id: ObjectId, session: ClientSession) -> Work:
    work = load({"_id": order_id, "status": PENDING, "expiresAt": {"$lte": clock.now()}}, session)
    keeping.cancel(work, work.parts, REASON)
    work.order["expiredAt"] = work.now
    work.save()
    return work
