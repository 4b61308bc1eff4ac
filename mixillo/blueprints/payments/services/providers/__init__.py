"""Payment providers behind one interface; only the chosen one is imported."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from bson import ObjectId
from flask import current_app

from mixillo.blueprints.payments.services.errors import PaymentsUnavailable
from mixillo.config import Settings
from mixillo.errors import NotFound

SUCCEEDED, FAILED, REFUNDED = "succeeded", "failed", "refunded"
EXTENSION = "payments"
# Signatures are believed for so long, as Stripe recommends: whoever copies an event cannot replay it later.
TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked for: ``amount`` in minor units; ``method`` is the name of the payer's means of payment, if any."""

    payment_id: ObjectId
    amount: int
    currency: str
    description: str
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where the payer goes on: the provider's name for the payment, and what its library or a browser needs."""

    provider: str
    reference: str
    client_secret: str | None = None
    url: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """Return it as the API shows it."""
        return {
            "provider": self.provider,
            "reference": self.reference,
            "clientSecret": self.client_secret,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider tells of a payment; amounts in minor units.

    ``amount`` was taken, or is what was asked for; ``refunded`` is what was given back of it so far, in all, so
    that it does not matter in which order such events come.
    """

    id: str
    kind: str
    reference: str
    payment_id: ObjectId | None
    amount: int
    currency: str
    refunded: int = 0
    reason: str = ""


class Provider(Protocol):
    """Takes money and tells of it by signed events. Errors: :class:`PaymentsUnavailable`, :class:`PaymentRefused`."""

    name: str
    signature_header: str

    def open(self, demand: Demand) -> Checkout:
        """Ask for a payment; the same again for the same ``payment_id``."""

    def give_up(self, reference: str) -> Event | None:
        """Let nobody pay any more; where it was paid already, return the event that tells so."""

    def refund(self, reference: str, amount: int, key: str) -> None:
        """Give ``amount`` minor units back, once per ``key``; an event tells when it is done."""

    def read(self, raw: bytes, signature: str) -> Event | None:
        """Return the event in a web hook's body, ``None`` if it is of no interest.

        :raises BadWebhook: it was not signed with our secret within the last ``TOLERANCE_SECONDS``.
        """


Deliver = Callable[[Provider, bytes, str], object]


def load(settings: Settings, deliver: Deliver) -> Provider | None:
    """Return the chosen provider, if any.

    Imported by name: Stripe's library costs 0.1 s and 20 MB, which who does not use it shall not pay.
    """
    if not settings.payments_by:
        return None
    module = import_module(f"{__name__}.{settings.payments_by}")
    provider: Provider = module.provider(settings, deliver)
    return provider


def current() -> Provider:
    """Return the provider of the application.

    :raises PaymentsUnavailable: there is none.
    """
    provider: Provider | None = current_app.extensions[EXTENSION]
    if provider is None:
        raise PaymentsUnavailable("No payment provider is configured here.")
    return provider


def called(name: str) -> Provider:
    """Return the provider called ``name``.

    :raises NotFound: it is not the one in use.
    """
    provider: Provider | None = current_app.extensions[EXTENSION]
    if provider is None or provider.name != name:
        raise NotFound(f"Payments are not made through {name} here.")
    return provider
