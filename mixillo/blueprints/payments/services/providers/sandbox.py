"""A provider inside the program that takes no money: payers complete their payments themselves.

It keeps books of its own and tells of everything by signed events, delivered through the same code as anybody's.
"""

import hashlib
from typing import Any

from bson import Int64, ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection

from mixillo.blueprints.payments.models import SANDBOX
from mixillo.blueprints.payments.services.errors import BadWebhook, PaymentRefused
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
    signatures,
)
from mixillo.config import Settings
from mixillo.core import clock, json
from mixillo.core.db import ops_database

NAME = "sandbox"
OPEN, CANCELED = "open", "canceled"
PAYABLE = (OPEN, FAILED)  # a payer whose card was declined may take another one

Session = dict[str, Any]


def provider(settings: Settings, deliver: Deliver) -> Provider:
    """Return the sandbox; its secret follows from that of the access tokens, so that there is none to set."""
    secret = hashlib.sha256(f"sandbox payments:{settings.jwt_secret}".encode()).hexdigest()
    return Sandbox(secret, settings.base_url, deliver)


class Sandbox:
    """See :class:`~mixillo.blueprints.payments.services.providers.Provider`."""

    name = NAME
    signature_header = "Mixillo-Signature"

    def __init__(self, secret: str, base_url: str, deliver: Deliver) -> None:
        self._secret = secret
        self._base_url = base_url
        self._deliver = deliver

    def open(self, demand: Demand) -> Checkout:
        """Keep a session, whose address completes it."""
        reference = f"sandbox_{demand.payment_id}"
        now = clock.now()
        session = {
            "paymentId": demand.payment_id,
            "amount": Int64(demand.amount),
            "currency": demand.currency,
            "state": OPEN,
            "refunded": Int64(0),
            "refunds": {},
            "createdAt": now,
            "updatedAt": now,
        }
        _sessions().update_one({"_id": reference}, {"$setOnInsert": session}, upsert=True)
        url = f"{self._base_url}/api/payments/{demand.payment_id}/sandbox/complete"
        return Checkout(NAME, reference, url=url)

    def give_up(self, reference: str) -> Event | None:
        """Close the session unless it was paid."""
        closed = self._change({"_id": reference, "state": {"$in": PAYABLE}}, {"$set": {"state": CANCELED}})
        session = closed or _sessions().find_one({"_id": reference})
        return _event(session, SUCCEEDED) if session and session["state"] == SUCCEEDED else None

    def complete(self, reference: str) -> None:
        """Let the payer have paid. Repeating it tells of it again.

        :raises PaymentRefused: the session is closed.
        """
        where = {"_id": reference, "state": {"$in": [*PAYABLE, SUCCEEDED]}}
        session = self._change(where, {"$set": {"state": SUCCEEDED}})
        if session is None:
            raise PaymentRefused("This payment was given up; start a new one.")
        self._tell(_event(session, SUCCEEDED))

    def fail(self, reference: str, reason: str) -> None:
        """Let the payer's card be declined.

        :raises PaymentRefused: the session is paid or closed.
        """
        session = self._change({"_id": reference, "state": {"$in": PAYABLE}}, {"$set": {"state": FAILED}})
        if session is None:
            raise PaymentRefused("This payment is paid or was given up.")
        self._tell(_event(session, FAILED, key=clock.random_token(8), reason=reason))

    def refund(self, reference: str, amount: int, key: str) -> None:
        """Give something back and tell of it."""
        left = {"$gte": [{"$subtract": ["$amount", "$refunded"]}, amount]}
        where = {"_id": reference, "state": SUCCEEDED, f"refunds.{key}": {"$exists": False}, "$expr": left}
        refunded = {"$add": ["$refunded", Int64(amount)]}
        change: list[dict[str, Any]] = [{"$set": {"refunded": refunded}}, {"$set": {f"refunds.{key}": "$refunded"}}]
        session = self._change(where, change) or _sessions().find_one({"_id": reference})
        if session is None or key not in session["refunds"]:
            raise PaymentRefused("There is not so much to give back.")
        self._tell(_event(session, REFUNDED, key=key, refunded=int(session["refunds"][key])))

    def read(self, raw: bytes, signature: str) -> Event | None:
        """Return the event in ``raw``."""
        signatures.verify(self._secret, raw, signature, TOLERANCE_SECONDS)
        try:
            told = json.loads(raw)
            return Event(**told | {"payment_id": ObjectId(told["payment_id"])})
        except (ValueError, TypeError, KeyError):
            raise BadWebhook("The event cannot be read.") from None

    def write(self, event: Event, at: float | None = None) -> tuple[bytes, str]:
        """Return the body and the signature of a web hook that tells of ``event``."""
        raw = json.dumps({name: getattr(event, name) for name in Event.__slots__})
        return raw, signatures.sign(self._secret, raw, at)

    def _tell(self, event: Event) -> None:
        self._deliver(self, *self.write(event))

    @staticmethod
    def _change(where: dict[str, Any], change: dict[str, Any] | list[dict[str, Any]]) -> Session | None:
        """Change the session and return it as it is then; ``None`` if it is not so."""
        return _sessions().find_one_and_update(where, change, return_document=ReturnDocument.AFTER)


def _sessions() -> Collection[Session]:
    return ops_database()[SANDBOX]


def _event(session: Session, kind: str, *, key: str = "once", refunded: int = 0, reason: str = "") -> Event:
    """Return the event, whose id is the same however often it is told."""
    return Event(
        id=f"{session['_id']}:{kind}:{key}",
        kind=kind,
        reference=session["_id"],
        payment_id=session["paymentId"],
        amount=int(session["amount"]),
        currency=session["currency"],
        refunded=refunded,
        reason=reason,
    )
