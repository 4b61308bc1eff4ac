"""Paying for orders through the payment provider: asking for it, and what follows when it tells that it was paid."""

from typing import Any

import structlog
from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.orders.models import BY_PROVIDER, CANCELLED, PENDING, Order
from mixillo.blueprints.orders.services import booking, keeping, refunding, telling
from mixillo.blueprints.orders.services.errors import NotPayable
from mixillo.blueprints.orders.services.working import Work, load
from mixillo.blueprints.payments.models import ORDER, Payment
from mixillo.blueprints.payments.services import asking, providers, purposes, webhooks
from mixillo.blueprints.payments.services.errors import PaymentRefused, PaymentsUnavailable
from mixillo.blueprints.payments.services.providers import Checkout, Provider
from mixillo.blueprints.payments.services.purposes import Purpose
from mixillo.core import clock

log = structlog.get_logger(__name__)
Document = dict[str, Any]
SOLD_OUT_MEANWHILE = "Paid after it had expired, and not to be had any more: the money goes back"
GIVEN_UP = "Paid after it was given up: the money goes back"


def ask(order: Document, token: str | None = None) -> Checkout | None:
    """Return where to pay an order; ``None`` where that is done, or not done through the payment provider.

    There is one payment for each order, of the same id, however often it is asked for.

    :raises PaymentsUnavailable: there is no provider, or it does not answer.
    """
    if order["status"] != PENDING or order["paymentMethod"] not in BY_PROVIDER or not order.get("isBooked"):
        return None
    provider = providers.current()
    payment = Payment(
        id=order["_id"],
        userId=order["userId"],
        orderId=order["_id"],
        type=ORDER,
        amount=order["total"],
        currency=order["currency"],
        description=f"Order {order['orderNumber']}",
        metadata={"orderId": order["_id"], "orderNumber": order["orderNumber"]},
        expiresAt=order["expiresAt"],
    )
    _, checkout = asking.ask_at(provider, payment, token)
    named = {"paymentId": str(order["_id"]), "paymentProvider": provider.name, "paymentIntentId": checkout.reference}
    if order.get("paymentIntentId") != checkout.reference:
        Order.collection().update_one({"_id": order["_id"]}, {"$set": named})
        order |= named
    return checkout


def again(order: Document, token: str | None = None) -> Checkout:
    """Return where to pay an order that still waits for it.

    :raises NotPayable: it does not, or not through the payment provider.
    :raises PaymentsUnavailable: there is no provider, or it does not answer.
    """
    checkout = ask(order, token) if order.get("expiresAt") and order["expiresAt"] > clock.now() else None
    if checkout is None:
        raise NotPayable(f"It is {order['status']}.")
    return checkout


def give_up(order_id: ObjectId, provider: Provider | None) -> bool:
    """Let nobody pay for an order any more; return whether it turns out that somebody has, and what follows is done.

    Where the provider cannot be reached it may still be paid later: then the money goes back, or the goods are there.
    """
    payment = Payment.collection().find_one({"_id": order_id, "type": ORDER}, ["providerReference", "provider"]) or {}
    reference = payment.get("providerReference")
    if not reference or provider is None or payment.get("provider") != provider.name:
        return False
    try:
        paid = provider.give_up(reference)
    except (PaymentRefused, PaymentsUnavailable):
        return False
    if paid:
        log.warning("payment_event_was_lost", reference=reference)
        webhooks.take(provider, paid)
    return paid is not None


def _fulfil(payment: Document, session: ClientSession) -> Work:
    """Do what follows when an order was paid, in whichever state it is found.

    One that had expired is brought back if its goods and coupons are still to be had; otherwise, and when it was
    cancelled, the money goes back.
    """
    work = load({"_id": payment["orderId"]}, session)
    booking.take_in(work, payment)
    if work.order["status"] == PENDING:
        keeping.confirm(work, "Paid", is_paid=True)
    elif work.order.get("expiredAt") and keeping.revive(work):
        keeping.confirm(work, "Paid after it had expired; its goods were still there", is_paid=True)
    else:
        note = SOLD_OUT_MEANWHILE if work.order.get("expiredAt") else GIVEN_UP
        work.note(CANCELLED, note)
        booking.return_payment(work, note)
    work.save()
    return work


def _take_back(payment: Document, before: int, after: int, session: ClientSession) -> Work:
    """Write down what was given back."""
    work = load({"_id": payment["orderId"]}, session)
    booking.hand_back(work, before, after)
    work.save()
    return work


def _announce(_payment: Document, work: Work) -> None:
    telling.tell(work)
    refunding.ask(work.order)


purposes.register(Purpose(ORDER, fulfil=_fulfil, take_back=_take_back, announce=_announce))
