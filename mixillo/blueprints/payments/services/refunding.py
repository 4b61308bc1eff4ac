"""Giving money back: the provider is asked, and its signed event then does the rest."""

from decimal import Decimal
from typing import Any

from bson import ObjectId

from mixillo.blueprints.payments.queries import payments
from mixillo.blueprints.payments.services import providers
from mixillo.blueprints.payments.services.errors import NotRefundable
from mixillo.core import audit_log, money
from mixillo.core.idempotency import operation_id
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

Document = dict[str, Any]


def refund(payment_id: ObjectId, amount: Decimal | None, reason: str, viewer: Viewer) -> Document:
    """Have the provider give ``amount`` (all that is left unless given) back, and return the payment as it is then.

    What was bought goes back when the provider's event arrives, which is at once in the sandbox.

    :raises PaymentNotFound: there is none of this id.
    :raises NotRefundable: it was not paid, not through this provider, or there is not so much left of it.
    :raises ValidationFailed: the amount has more decimals than the currency.
    """
    payment = payments.stored(payment_id)
    provider = providers.current()
    reference = payment.get("providerReference")
    if not payment.get("completedAt") or not reference or payment.get("provider") != provider.name:
        raise NotRefundable(f"It was not paid through {provider.name}.")
    units = _units(payment, amount)
    audit_log.record(
        "payment.refunded",
        actor={"kind": "user", "id": str(viewer.id), "name": viewer.username},
        target="payments",
        target_id=payment_id,
        changes={"amount": money.in_words(units, payment["currency"]), "reason": reason},
    )
    provider.refund(reference, units, str(operation_id()))
    return payments.stored(payment_id)


def _units(payment: Document, amount: Decimal | None) -> int:
    currency = payment["currency"]
    left = money.minor(payment["amount"], currency) - money.minor(payment.get("refundAmount"), currency)
    try:
        units = left if amount is None else money.exact_minor(amount, currency)
    except ValueError as error:
        raise ValidationFailed.of("amount", f"{error}.") from None
    if not 0 < units <= left:
        raise NotRefundable(f"There are {money.in_words(left, currency)} left to give back.")
    return units
