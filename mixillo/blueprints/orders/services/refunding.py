"""Giving money back: decided in a transaction, asked of the payment provider after it, until the provider has it.

A refund stands in the order before anybody asks for it, under an id by which the provider knows it again: whoever
is killed in between leaves it to the next look, and it is never given twice.
"""

from decimal import Decimal
from typing import Any

import structlog
from bson import ObjectId
from flask import current_app, has_app_context
from pymongo.client_session import ClientSession

from mixillo.blueprints.orders.models import ASKED, DUE, Order
from mixillo.blueprints.orders.queries import parts
from mixillo.blueprints.orders.queries.orders import OrderNotFound
from mixillo.blueprints.orders.services import booking, telling
from mixillo.blueprints.orders.services.errors import NotRefundable
from mixillo.blueprints.orders.services.working import Work, load
from mixillo.blueprints.payments.models import Payment
from mixillo.blueprints.payments.services.errors import PaymentRefused, PaymentsUnavailable
from mixillo.blueprints.payments.services.providers import EXTENSION, Provider
from mixillo.core import audit_log, clock, money
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

log = structlog.get_logger(__name__)
Document = dict[str, Any]


def give_back(
    admin: Viewer, order_id: ObjectId, amount: Decimal | None, reason: str, store_id: ObjectId | None
) -> Document:
    """Give ``amount`` of an order back, or of the part of one store; all that is left unless given.

    The goods stay where they are: of an order that is cancelled or sent back they return by themselves.

    :raises OrderNotFound: there is no such order, or no part of this store.
    :raises NotRefundable: there is not so much to give back, or the ledger does not know its money.
    :raises ValidationFailed: the amount has more decimals than the currency.
    """

    def work_on(session: ClientSession) -> Work:
        work = load({"_id": order_id}, session, admin.id)
        chosen = [part for part in work.parts if store_id in (None, part.get("storeId"))]
        if not chosen:
            raise OrderNotFound
        units = _units(work, chosen, amount)
        for part in chosen:
            share = min(units, booking.collected(work, part))
            booking.give_back(work, part, share, reason)
            units -= share
        work.note(work.order["status"], f"Given back: {reason}")
        work.save()
        _record(admin, work, amount, reason)
        return work

    work = transact(work_on)
    telling.tell(work, telling.GIVEN_BACK)
    ask(work.order)
    return work.order


def ask(order: Document) -> None:
    """Ask the payment provider for what is to be given back of an order; what it does not take now is asked again."""
    if not order.get("refundDueAt") or not has_app_context():
        return
    payment = Payment.collection().find_one({"_id": order["_id"]}, ["providerReference", "provider"]) or {}
    provider: Provider | None = current_app.extensions[EXTENSION]
    if provider is None or payment.get("provider") != provider.name:
        log.error("refund_not_possible", order=str(order["_id"]), provider=payment.get("provider"))
        return
    for refund in order["refunds"]:
        if refund["state"] == DUE:
            _ask(provider, payment["providerReference"], order, refund)


def ask_for_due(limit: int = 100) -> int:
    """Ask for the refunds that nobody has asked for, or that the provider did not take; return of how many orders."""
    found = list(
        Order.collection().find({"refundDueAt": {"$lte": clock.now()}}, sort=[("refundDueAt", 1)], limit=limit)
    )
    for order in found:
        ask(order)
    return len(found)


def _ask(provider: Provider, reference: str, order: Document, refund: Document) -> None:
    try:
        provider.refund(reference, parts.units(refund, "amount", order["currency"]), str(refund["_id"]))
    except (PaymentRefused, PaymentsUnavailable) as error:
        log.error("refund_not_taken", order=str(order["_id"]), error=type(error).__name__)
        return
    orders = Order.collection()
    due = {"_id": order["_id"], "refunds": {"$elemMatch": {"_id": refund["_id"], "state": DUE}}}
    orders.update_one(due, {"$set": {"refunds.$.state": ASKED}})
    orders.update_one({"_id": order["_id"], "refunds.state": {"$ne": DUE}}, {"$unset": {"refundDueAt": ""}})


def _units(work: Work, chosen: list[Document], amount: Decimal | None) -> int:
    there = sum(booking.collected(work, part) for part in chosen)
    try:
        units = there if amount is None else money.exact_minor(amount, work.currency)
    except ValueError as error:
        raise ValidationFailed.of("amount", f"{error}.") from None
    if not 0 < units <= there:
        raise NotRefundable(f"There are {money.in_words(there, work.currency)} left to give back.")
    return units


def _record(admin: Viewer, work: Work, amount: Decimal | None, reason: str) -> None:
    audit_log.record(
        "order.refunded",
        actor={"kind": "user", "id": str(admin.id), "name": admin.username},
        target="orders",
        target_id=work.id,
        changes={"amount": "all" if amount is None else f"{amount} {work.currency}", "reason": reason},
        session=work.session,
    )
