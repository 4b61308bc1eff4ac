"""Asking somebody for money: a pending payment, and a session at the provider in which it can be paid."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from flask import current_app
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.payments.models import PENDING, Payment
from mixillo.blueprints.payments.queries.payments import PaymentNotFound
from mixillo.blueprints.payments.services import providers, purposes
from mixillo.blueprints.payments.services.providers import Checkout, Demand, Provider
from mixillo.core import clock, money
from mixillo.core.idempotency import operation_id

Document = dict[str, Any]
STRIPE = "stripe"


def ask(
    kind: str,
    user_id: ObjectId,
    amount: int,
    currency: str,
    *,
    description: str,
    metadata: Document,
    method: str | None = None,
    order_id: ObjectId | None = None,
) -> tuple[Document, Checkout]:
    """Ask a user for ``amount`` minor units; return the pending payment and where to pay it.

    What follows from its being paid is for the purpose that is registered for ``kind``; ``metadata`` is all that it
    will know. The payment has the operation's id, so that repeating the operation finds it and never asks twice.

    :raises PaymentsUnavailable: there is no provider, or it does not answer.
    :raises PaymentRefused: the provider does not want this payment.
    """
    new = Payment(
        id=operation_id(),
        userId=user_id,
        orderId=order_id,
        type=purposes.of(kind).type,
        amount=money.stored(amount, currency),
        currency=currency,
        description=description,
        metadata=metadata,
        expiresAt=clock.now() + timedelta(minutes=current_app.config["SETTINGS"].payment_minutes),
    )
    return ask_at(providers.current(), new, method)


def ask_at(provider: Provider, new: Payment, method: str | None = None) -> tuple[Document, Checkout]:
    """Ask for a payment at a certain provider; otherwise like :func:`ask`."""
    new.provider, new.status, new.paymentMethod = provider.name, PENDING, "card"
    payment = _stored(new)
    asked = money.minor(payment["amount"], payment["currency"])
    checkout = provider.open(Demand(payment["_id"], asked, payment["currency"], payment["description"], method))
    return payment | _note(payment["_id"], checkout), checkout


def _stored(new: Payment) -> Document:
    """Store a payment, or return the one that this operation has made before."""
    new.validate()
    document = new.to_mongo().to_dict() | {"idempotencyKey": str(new.id)}
    try:
        Payment.collection().insert_one(document)
    except DuplicateKeyError:
        mine = {"_id": new.id, "userId": new.userId, "type": new.type, "provider": new.provider}
        known = Payment.collection().find_one(mine)
        if known is None:
            raise PaymentNotFound from None
        return known
    return document


def _note(payment_id: ObjectId, checkout: Checkout) -> Document:
    """Write down what the provider calls the payment, under the name that the existing system looks for as well."""
    named = {"providerReference": checkout.reference}
    if checkout.provider == STRIPE:
        named["stripePaymentIntentId"] = checkout.reference
    Payment.collection().update_one({"_id": payment_id}, {"$set": named})
    return named
