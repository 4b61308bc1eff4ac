"""Stripe, by its own library: a payment is a PaymentIntent, which the client confirms with its ``client_secret``."""

from collections.abc import Callable
from typing import Any, TypeVar

import stripe
import structlog
from bson import ObjectId

from mixillo.blueprints.payments.services.errors import BadWebhook, PaymentRefused, PaymentsUnavailable
from mixillo.blueprints.payments.services.providers import (
    FAILED,
    REFUNDED,
    SUCCEEDED,
    TOLERANCE_SECONDS,
    Checkout,
    Deliver,
    Demand,
    Event,
    Provider,
)
from mixillo.config import Settings
from mixillo.core import json

log = structlog.get_logger(__name__)
NAME = "stripe"
TIMEOUT_SECONDS = 8
RETRIES = 2  # with an idempotency key, which makes them safe
# What its clients make of the payer's means of payment; ids of other systems are none of Stripe's business.
METHOD_PREFIX = "pm_"
PAID = "succeeded"
Result = TypeVar("Result")
Json = dict[str, Any]


def provider(settings: Settings, _deliver: Deliver) -> Provider:
    """Return Stripe with the keys of the settings."""
    return Stripe(settings.stripe_secret_key, settings.stripe_webhook_secret)


class Stripe:
    """See :class:`~mixillo.blueprints.payments.services.providers.Provider`."""

    name = NAME
    signature_header = "Stripe-Signature"

    def __init__(self, secret_key: str, webhook_secret: str, api: str | None = None) -> None:
        """``api`` is the address of another server that speaks Stripe's language, for tests."""
        self._webhook_secret = webhook_secret
        self._client = stripe.StripeClient(
            secret_key,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
            max_network_retries=RETRIES,
            base_addresses={"api": api} if api else {},
        )

    def open(self, demand: Demand) -> Checkout:
        """Create a PaymentIntent."""
        intents = self._client.v1.payment_intents
        metadata = {"paymentId": str(demand.payment_id), "description": demand.description}
        asked: Json = {"amount": demand.amount, "currency": demand.currency.lower(), "metadata": metadata}
        if (demand.method or "").startswith(METHOD_PREFIX):
            asked["payment_method"] = demand.method
        key = f"payment-{demand.payment_id}"
        intent = _asking(lambda: intents.create(asked, {"idempotency_key": key}))  # type: ignore[arg-type]
        return Checkout(NAME, intent.id, client_secret=intent.client_secret)

    def give_up(self, reference: str) -> Event | None:
        """Cancel the PaymentIntent; one that cannot be cancelled is looked at."""
        intents = self._client.v1.payment_intents
        try:
            _asking(lambda: intents.cancel(reference))
        except PaymentRefused:
            intent = _asking(lambda: intents.retrieve(reference)).to_dict()
            return _of_intent(f"look:{reference}", SUCCEEDED, intent) if intent["status"] == PAID else None
        return None

    def refund(self, reference: str, amount: int, key: str) -> None:
        """Create a refund; ``charge.refunded`` tells of it."""
        asked: Any = {"payment_intent": reference, "amount": amount}
        _asking(lambda: self._client.v1.refunds.create(asked, {"idempotency_key": f"refund-{key}"}))

    def read(self, raw: bytes, signature: str) -> Event | None:
        """Return the event in ``raw``, whose signature the library checks."""
        try:
            stripe.WebhookSignature.verify_header(raw, signature, self._webhook_secret, TOLERANCE_SECONDS)
            told = json.loads(raw)
            reader = READERS.get(told["type"])
            return reader(told["id"], told["data"]["object"]) if reader else None
        except stripe.SignatureVerificationError as error:
            raise BadWebhook(str(error.user_message or "The signature does not fit the body.")) from None
        except (ValueError, TypeError, KeyError):
            raise BadWebhook("The event cannot be read.") from None


def _of_intent(event_id: str, kind: str, intent: Json) -> Event:
    failure = intent.get("last_payment_error") or {}
    return Event(
        id=event_id,
        kind=kind,
        reference=intent["id"],
        payment_id=_payment_id(intent),
        amount=intent.get("amount_received") or intent["amount"],
        currency=intent["currency"].upper(),
        reason=failure.get("message") or "",
    )


def _of_charge(event_id: str, charge: Json) -> Event | None:
    if not charge.get("payment_intent"):
        return None
    return Event(
        id=event_id,
        kind=REFUNDED,
        reference=charge["payment_intent"],
        payment_id=_payment_id(charge),
        amount=charge["amount"],
        currency=charge["currency"].upper(),
        refunded=charge["amount_refunded"],
    )


def _payment_id(thing: Json) -> ObjectId | None:
    """Return our id, which a payment carries even before we have written down what Stripe calls it."""
    told = (thing.get("metadata") or {}).get("paymentId")
    return ObjectId(told) if ObjectId.is_valid(told) else None


READERS: dict[str, Callable[[str, Json], Event | None]] = {
    "payment_intent.succeeded": lambda event_id, intent: _of_intent(event_id, SUCCEEDED, intent),
    "payment_intent.payment_failed": lambda event_id, intent: _of_intent(event_id, FAILED, intent),
    "payment_intent.canceled": lambda event_id, intent: _of_intent(event_id, FAILED, intent),
    "charge.refunded": _of_charge,
}


def _asking(question: Callable[[], Result]) -> Result:
    """Ask Stripe.

    :raises PaymentRefused: it says no; why is in the log, since its words may name what is not the payer's business.
    :raises PaymentsUnavailable: it does not answer, or does not know us.
    """
    try:
        return question()
    except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
        log.warning("stripe_refused", code=error.code, message=str(error.user_message))
        raise PaymentRefused("Stripe did not accept this.") from None
    except stripe.StripeError as error:
        log.error("stripe_unavailable", error=type(error).__name__, code=error.code)
        raise PaymentsUnavailable("The payment provider does not answer right now.") from None
