"""What providers tell of payments: believed when it is signed, done once, and right in any order.

An event states a fact: paid, declined, given back so much in all. A payment keeps the facts it was told of, so that
the same facts lead to the same end: a refund that comes before the payment's success is made up for by the success,
a failure after a success changes nothing, and money that comes after the payment was given up counts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from blinker import Signal
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.payments.events import PAYMENT_UPDATED
from mixillo.blueprints.payments.models import COMPLETED, EVENTS, FAILED, REFUNDED, Payment
from mixillo.blueprints.payments.services import providers, purposes
from mixillo.blueprints.payments.services.providers import Event, Provider
from mixillo.core import clock, money
from mixillo.core.db import ops_database, transact
from mixillo.core.realtime import emit_to_user
from mixillo.errors import ServiceUnavailable

log = structlog.get_logger(__name__)
# What came of an event: done; nothing new; told before; not ours; not what was asked for.
APPLIED, KNOWN, DUPLICATE, IGNORED, MISMATCH = OUTCOMES = ("applied", "known", "duplicate", "ignored", "mismatch")
Document = dict[str, Any]

# Sent after the commit when a payment was paid, declined or given back: ``payment`` is the document.
payment_changed = Signal()


@dataclass(frozen=True, slots=True)
class Applied:
    """What an event did: the payment as it is now, and what its purpose's functions returned."""

    outcome: str
    payment: Document | None = None
    effects: list[Any] = field(default_factory=list)


class AlreadyReceived(Exception):
    """The event was told before."""


def receive(provider: Provider, raw: bytes, signature: str) -> str:
    """Do what a web hook's body tells, and return what came of it.

    :raises BadWebhook: the provider did not sign it.
    """
    return take(provider, provider.read(raw, signature))


def take(provider: Provider, event: Event | None) -> str:
    """Do what a verified event tells, and return what came of it: one of :data:`OUTCOMES`."""
    if event is None:
        return IGNORED
    try:
        applied = transact(partial(_apply, provider.name, event))
    except AlreadyReceived:
        return DUPLICATE
    log.info("payment_event", provider=provider.name, kind=event.kind, outcome=applied.outcome)
    if applied.outcome == APPLIED and applied.payment:
        _announce(applied.payment, applied.effects)
    return applied.outcome


def _apply(provider: str, event: Event, session: ClientSession) -> Applied:
    """Write down, in one transaction, that the event was told and what follows from it."""
    events, event_id = ops_database()[EVENTS], f"{provider}:{event.id}"
    if events.find_one({"_id": event_id}, ["_id"], session=session):
        raise AlreadyReceived
    payment = _payment(provider, event, session)
    applied = Applied(IGNORED)
    if payment:
        applied = FACTS[event.kind](payment, event, session) if _fits(payment, event) else Applied(MISMATCH)
    told = {"kind": event.kind, "reference": event.reference, "outcome": applied.outcome, "at": clock.now()}
    # Unique: of two that are told at once, the second meets the first here and begins again.
    events.insert_one({"_id": event_id, "paymentId": payment and payment["_id"], **told}, session=session)
    return applied


def _payment(provider: str, event: Event, session: ClientSession) -> Document | None:
    """Return the payment that the event is about: by our id, since what it is called there may not be stored yet."""
    if event.payment_id is None:
        where: Document = {"providerReference": event.reference}
    else:
        where = {"_id": event.payment_id, "providerReference": {"$in": [None, event.reference]}}
    return Payment.collection().find_one({"provider": provider, **where}, session=session)


def _fits(payment: Document, event: Event) -> bool:
    """Return whether the event speaks of the money that was asked for."""
    asked = money.minor(payment["amount"], payment["currency"])
    fits = (event.amount, event.currency) == (asked, payment["currency"]) and event.refunded <= asked
    if not fits:
        log.error("payment_mismatch", payment=str(payment["_id"]), amount=event.amount, currency=event.currency)
    return fits


def _paid(payment: Document, event: Event, session: ClientSession) -> Applied:
    """Let follow what was paid for, and what a refund that was told before has taken from it."""
    if payment.get("completedAt"):
        return Applied(KNOWN)
    purpose = _purpose(payment)
    refunded = money.minor(payment.get("refundAmount"), payment["currency"])
    facts = {"completedAt": clock.now(), "providerReference": event.reference, "failureReason": None}
    paid = _change(payment, facts | {"status": _status(payment, refunded)}, session)
    effects = [purpose.fulfil(paid, session)]
    if refunded:
        effects.append(purpose.take_back(paid, 0, refunded, session))
    return Applied(APPLIED, paid, effects)


def _declined(payment: Document, event: Event, session: ClientSession) -> Applied:
    """Note why it was not paid; the payer may try again, and what was paid stays paid."""
    if payment.get("completedAt") or payment.get("refundAmount"):
        return Applied(KNOWN)
    facts = {"status": FAILED, "failedAt": clock.now(), "failureReason": event.reason[:500] or "It was declined"}
    return Applied(APPLIED, _change(payment, facts, session))


def _refunded(payment: Document, event: Event, session: ClientSession) -> Applied:
    """Take back what more was refunded; of a payment that is not known to be paid, keep it in mind."""
    currency = payment["currency"]
    before = money.minor(payment.get("refundAmount"), currency)
    if event.refunded <= before:
        return Applied(KNOWN)
    facts: Document = {"refundAmount": money.stored(event.refunded, currency), "refundedAt": clock.now()}
    if not payment.get("completedAt"):
        return Applied(APPLIED, _change(payment, facts, session))
    given_back = _change(payment, facts | {"status": _status(payment, event.refunded)}, session)
    return Applied(APPLIED, given_back, [_purpose(payment).take_back(given_back, before, event.refunded, session)])


FACTS: dict[str, Callable[[Document, Event, ClientSession], Applied]] = {
    providers.SUCCEEDED: _paid,
    providers.FAILED: _declined,
    providers.REFUNDED: _refunded,
}


def _status(payment: Document, refunded: int) -> str:
    """Return the status of a payment that was paid and of which so much (minor units) was given back."""
    return REFUNDED if refunded >= money.minor(payment["amount"], payment["currency"]) else COMPLETED


def _change(payment: Document, facts: Document, session: ClientSession) -> Document:
    changed: Document | None = Payment.collection().find_one_and_update(
        {"_id": payment["_id"]},
        {"$set": facts | {"updatedAt": clock.now()}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return changed or payment


def _purpose(payment: Document) -> purposes.Purpose:
    """Return what the payment is for.

    :raises ServiceUnavailable: this revision does not know; the provider will tell it again, perhaps to another one.
    """
    try:
        return purposes.of(payment["type"])
    except LookupError:
        log.error("payment_purpose_unknown", payment=str(payment["_id"]), type=payment["type"])
        raise ServiceUnavailable("What this payment is for is not known here.") from None


def _announce(payment: Document, effects: list[Any]) -> None:
    """Tell, after the commit, who is concerned."""
    for effect in effects:
        _purpose(payment).announce(payment, effect)
    told = {"paymentId": str(payment["_id"]), "type": payment["type"], "status": payment["status"]}
    emit_to_user(payment["userId"], PAYMENT_UPDATED, told)
    payment_changed.send(payment=payment)
