"""Pending payments that nobody completes come to an end; money that comes all the same still counts."""

import structlog
from flask import Flask

from mixillo.blueprints.payments.models import CANCELLED, PENDING, Payment
from mixillo.blueprints.payments.services import webhooks
from mixillo.blueprints.payments.services.errors import PaymentRefused, PaymentsUnavailable
from mixillo.blueprints.payments.services.providers import EXTENSION, Provider
from mixillo.core import clock
from mixillo.ops import upkeep

log = structlog.get_logger(__name__)
LONGEST_BATCH = 1_000
REASON = "It was not paid in time"


def init_app(app: Flask) -> None:
    """Look once a minute."""
    upkeep.every(app, upkeep.MINUTE, "payments", lambda: expire(app.extensions[EXTENSION]))


def expire(provider: Provider | None, limit: int = LONGEST_BATCH) -> int:
    """Cancel the pending payments whose time is over, here and at their provider; return how many.

    One that turns out to have been paid, of which the provider's event got lost, is completed instead.
    """
    overdue = {"status": PENDING, "expiresAt": {"$lte": clock.now()}}
    done = 0
    for payment in Payment.collection().find(overdue, sort=[("expiresAt", 1)], limit=limit):
        reference = payment.get("providerReference")
        if provider and reference and payment.get("provider") == provider.name and _was_paid(provider, reference):
            continue
        ended = {"status": CANCELLED, "failedAt": clock.now(), "failureReason": REASON, "updatedAt": clock.now()}
        where = {"_id": payment["_id"], "status": PENDING}
        done += Payment.collection().update_one(where, {"$set": ended}).modified_count
    return done


def _was_paid(provider: Provider, reference: str) -> bool:
    """Give the payment up at its provider; return whether it has to be left alone, being paid or out of reach."""
    try:
        paid = provider.give_up(reference)
    except PaymentRefused:
        return False
    except PaymentsUnavailable:
        return True
    if paid:
        log.warning("payment_event_was_lost", reference=reference)
        webhooks.take(provider, paid)
    return paid is not None
