"""Coin packages, payments for them, and what their provider tells."""

from itertools import count
from typing import Any

from bson import Decimal128, ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.coins.models import CoinPackage
from mixillo.blueprints.payments.services.providers import EXTENSION, FAILED, REFUNDED, SUCCEEDED, Event
from mixillo.blueprints.payments.services.providers.sandbox import Sandbox
from mixillo.core import money

SANDBOX_HOOK, STRIPE_HOOK = "/api/payments/webhooks/sandbox", "/api/payments/webhooks/stripe"
_numbers = count(1)
Document = dict[str, Any]


def make_package(db: Database, coins: int = 500, bonus: int = 25, price: str = "4.99", **fields: Any) -> Document:
    """Store a package for sale and return the document; ``fields`` are stored as given."""
    package = CoinPackage(id=ObjectId(), name=f"{coins} coins", coins=coins, bonusCoins=bonus, price=Decimal128(price))
    document = package.to_mongo().to_dict() | fields
    db["coinpackages"].insert_one(document)
    return document


def buy(client: FlaskClient, package: Document, key: str | None = None) -> Document:
    """Ask for a package and return the data of the answer."""
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post("/api/coins/purchase", json={"packageId": str(package["_id"])}, headers=headers)
    assert answer.status_code == 201, answer.json
    data: Document = answer.json["data"]
    return data


def sandbox(app: Flask) -> Sandbox:
    """Return the payment provider of the application."""
    provider = app.extensions[EXTENSION]
    assert isinstance(provider, Sandbox)
    return provider


def event(payment: Document, kind: str = SUCCEEDED, **facts: Any) -> Event:
    """Return an event about a payment as the API shows it; by default that it was paid in full."""
    told = {
        "id": f"told-{next(_numbers)}",
        "reference": f"sandbox_{payment['_id']}",
        "payment_id": ObjectId(payment["_id"]),
        "amount": money.exact_minor(payment["amount"], payment["currency"]),
        "currency": payment["currency"],
    }
    return Event(kind=kind, **told | facts)


def refunded(payment: Document, units: int, **facts: Any) -> Event:
    """Return the event that ``units`` (minor) of a payment were given back so far, in all."""
    return event(payment, REFUNDED, refunded=units, **facts)


def declined(payment: Document, **facts: Any) -> Event:
    """Return the event that a payment was declined."""
    return event(payment, FAILED, reason="Your card was declined", **facts)


def tell(client: FlaskClient, told: Event, at: float | None = None) -> str:
    """Let the provider tell of ``told`` and return what came of it."""
    answer = post(client, *sandbox(client.application).write(told, at))
    assert answer.status_code == 200, answer.json
    outcome: str = answer.json["data"]["outcome"]
    return outcome


def post(client: FlaskClient, raw: bytes, signature: str | None) -> Any:
    """Deliver a web hook of the sandbox and return the answer."""
    headers = {"Mixillo-Signature": signature} if signature is not None else {}
    return client.post(SANDBOX_HOOK, data=raw, content_type="application/json", headers=headers)


def stored(db: Database, payment: Document) -> Document:
    """Return the document of a payment as the API shows it."""
    found = db["payments"].find_one({"_id": ObjectId(payment["_id"])})
    assert found
    return found
