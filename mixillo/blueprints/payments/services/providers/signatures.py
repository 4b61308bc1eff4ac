"""Signatures in Stripe's form: ``t=<seconds>,v1=<HMAC-SHA256 over "<seconds>.<body>">``."""

import hmac
import re
from hashlib import sha256

from mixillo.blueprints.payments.services.errors import BadWebhook
from mixillo.core import clock

HEADER = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, raw: bytes, at: float | None = None) -> str:
    """Return the signature of ``raw``, made now unless ``at`` (seconds since 1970) says otherwise."""
    seconds = int(clock.now().timestamp() if at is None else at)
    return f"t={seconds},v1={_digest(secret, seconds, raw)}"


def verify(secret: str, raw: bytes, signature: str, tolerance: int) -> None:
    """Check that ``raw`` was signed with ``secret`` less than ``tolerance`` seconds away from now.

    :raises BadWebhook: it was not.
    """
    found = HEADER.fullmatch(signature)
    if not found:
        raise BadWebhook("There is no usable signature.")
    seconds = int(found[1])
    if not hmac.compare_digest(_digest(secret, seconds, raw), found[2]):
        raise BadWebhook("The signature does not fit the body.")
    if abs(clock.now().timestamp() - seconds) > tolerance:
        raise BadWebhook(f"The signature is more than {tolerance} seconds away from now.")


def _digest(secret: str, seconds: int, raw: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % seconds + raw, sha256).hexdigest()
