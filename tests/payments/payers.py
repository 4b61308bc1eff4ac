"""Payers at both providers, who do what people do there, and what the provider tells of it."""

import json
from typing import Any, Protocol

import stripe

from mixillo.blueprints.payments.services.providers import FAILED, REFUNDED, SUCCEEDED, Event, Provider
from mixillo.blueprints.payments.services.providers.sandbox import Sandbox
from mixillo.blueprints.payments.services.providers.stripe import Stripe
from mixillo.core import clock
from tests.payments.localstripe import KEY, SECRET, LocalStripe
from tests.waiting import wait_until


class Payer(Protocol):
    """Somebody who pays at a provider, and what the provider tells of it."""

    @property
    def provider(self) -> Provider: ...
    def method(self, number: str) -> str: ...
    def pay(self, reference: str) -> None: ...
    def fail(self, reference: str) -> None: ...
    def refund_event(self, reference: str) -> tuple[bytes, str]: ...
    def told(self, kind: str, reference: str) -> tuple[bytes, str]: ...
    def signed(self, raw: bytes, at: float) -> str: ...


class InTheSandbox:
    """Whoever pays in the sandbox."""

    def __init__(self) -> None:
        self._told: list[tuple[bytes, str]] = []
        self.provider = Sandbox(
            "a secret", "http://here", lambda _who, raw, signature: self._told.append((raw, signature))
        )

    def method(self, number: str) -> str:
        return f"card ending in {number[-4:]}"

    def pay(self, reference: str) -> None:
        self.provider.complete(reference)

    def fail(self, reference: str) -> None:
        self.provider.fail(reference, "Your card was declined")

    def told(self, kind: str, reference: str) -> tuple[bytes, str]:
        return next(each for each in reversed(self._told) if self._is(json.loads(each[0]), kind, reference))

    @staticmethod
    def _is(told: dict[str, Any], kind: str, reference: str) -> bool:
        return (told["kind"], told["reference"]) == (kind, reference)

    def refund_event(self, reference: str) -> tuple[bytes, str]:
        return self.told(REFUNDED, reference)

    def signed(self, raw: bytes, at: float) -> str:
        event = Event(**json.loads(raw))
        return self.provider.write(event, at)[1]


class AtStripe:
    """Whoever pays at Stripe; localstripe tells of everything but refunds."""

    KINDS = {SUCCEEDED: "payment_intent.succeeded", FAILED: "payment_intent.payment_failed"}

    def __init__(self, server: LocalStripe) -> None:
        self._server = server
        self.provider = Stripe(KEY, SECRET, server.url)

    def method(self, number: str) -> str:
        return self._server.card(number)

    def pay(self, reference: str) -> None:
        self._server.confirm(reference).raise_for_status()

    def fail(self, reference: str) -> None:
        assert self._server.confirm(reference).status_code == 402

    def told(self, kind: str, reference: str) -> tuple[bytes, str]:
        def found() -> tuple[bytes, str] | None:
            return next((each for each in self._server.told if self._is(json.loads(each[0]), kind, reference)), None)

        return wait_until(found)  # type: ignore[return-value]

    def _is(self, told: dict[str, Any], kind: str, reference: str) -> bool:
        return (told["type"], told["data"]["object"]["id"]) == (self.KINDS[kind], reference)

    def refund_event(self, reference: str) -> tuple[bytes, str]:
        charge = self._server.get(f"/v1/payment_intents/{reference}")["charges"]["data"][0]
        told = {"id": "evt_refund", "object": "event", "type": "charge.refunded", "data": {"object": charge}}
        raw = json.dumps(told).encode()
        return raw, self.signed(raw, clock.now().timestamp())

    def signed(self, raw: bytes, at: float) -> str:
        return stripe.WebhookSignature.generate_signature_header(raw.decode(), SECRET, int(at))
