"""What somebody outside saw: results of an external checker, signed with a shared secret.

The checker posts ``{"checker": name, "results": [{"at", "up", "status", "ms", "detail"}, …]}`` and, in two headers,
the time of sending (seconds since 1970) and ``sha256=`` with the HMAC-SHA256 over time, a dot and the body. A checker
that could not reach us sends what it saw later: results may be old, posts may not.
"""

import hashlib
import hmac
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.core import clock
from mixillo.errors import Conflict, Unauthorized, ValidationFailed
from mixillo.ops.uptime.masks import MINUTE, hour_of

CHECKS, POSTS = "checks", "checkposts"
TIMESTAMP, SIGNATURE = "X-Mixillo-Timestamp", "X-Mixillo-Signature"
TOLERANCE = timedelta(seconds=300)
OLDEST = timedelta(days=30)
FAILURES_KEPT_PER_HOUR = 20


class BadSignature(Unauthorized):
    """The signature is missing, wrong or too old."""

    code, title = "bad_signature", "The signature is not valid"


class Replayed(Conflict):
    """The very same post was accepted before."""

    code, title = "replayed", "This was sent before"


def sign(secret: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that a checker sends with ``body``."""
    stamp = str(int(sent_at.timestamp()))
    return {TIMESTAMP: stamp, SIGNATURE: f"sha256={_signature(secret, stamp, body)}"}


def verify(secret: str, stamp: str, signature: str, body: bytes) -> str:
    """Return the verified signature of a post.

    :raises BadSignature: it is wrong, or was made more than 300 s before or after now.
    """
    expected = _signature(secret, stamp, body)
    if not hmac.compare_digest(f"sha256={expected}".encode(), signature.encode()):
        raise BadSignature(f"{SIGNATURE} must be sha256= and the HMAC-SHA256 over {TIMESTAMP}, a dot and the body.")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise BadSignature(f"{TIMESTAMP} must be the time of sending in seconds since 1970.")
    if abs(clock.now().timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise BadSignature(f"{TIMESTAMP} is more than {TOLERANCE.seconds} s away from now.")
    return expected


def accept(ops: Database, signature: str, checker: str, results: list[dict[str, Any]]) -> int:
    """Store the results of one verified post, and return how many.

    :raises Replayed: the post was accepted before.
    :raises ValidationFailed: a result is from the future, or too old to matter; nothing was stored.
    """
    now = clock.now()
    for place, result in enumerate(results):
        if not now - OLDEST <= result["at"] <= now + TOLERANCE:
            raise ValidationFailed.of(f"results.{place}.at", f"Must be within the last {OLDEST.days} days.")
    try:
        ops[POSTS].insert_one({"_id": signature, "at": now})
    except DuplicateKeyError:
        raise Replayed("This post was accepted before; sign a new one.") from None
    ops[CHECKS].bulk_write(_updates(checker, results), ordered=False)
    return len(results)


def _updates(checker: str, results: list[dict[str, Any]]) -> list[UpdateOne]:
    """Return one update per hour: a bit per minute for what went well and what failed, and the latest failures."""
    hours: dict[datetime, list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        hours[hour_of(result["at"])].append(result)
    updates = []
    for hour, found in hours.items():
        passed, failed = (_mask(hour, [r for r in found if r["up"] is up]) for up in (True, False))
        failures = [{"at": r["at"], "status": r.get("status"), "detail": r.get("detail")} for r in found if not r["up"]]
        change: dict[str, Any] = {
            "$bit": {"passed": {"or": passed}, "failed": {"or": failed}},
            "$setOnInsert": {"at": hour, "checker": checker},
        }
        if failures:
            change["$push"] = {"failures": {"$each": failures, "$slice": -FAILURES_KEPT_PER_HOUR}}
        updates.append(UpdateOne({"_id": f"{checker}:{hour:%Y%m%dT%H}"}, change, upsert=True))
    return updates


def _mask(hour: datetime, results: list[dict[str, Any]]) -> int:
    mask = 0
    for result in results:
        mask |= 1 << ((result["at"] - hour) // MINUTE)
    return mask


def _signature(secret: str, stamp: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hex()
