"""Telling people: notices go into a queue with the change they are about, and from there to each address."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.alerts.notices import Notice

log = structlog.get_logger(__name__)
COLLECTION = "alertdeliveries"
QUEUED, SENDING, SENT, GIVEN_UP = "queued", "sending", "sent", "given up"
# After the first, second … failure; then it is given up.
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 480, 1_800))
# Longer than any attempt takes: whoever holds a delivery for longer was killed.
LEASE = timedelta(minutes=2)
AT_ONCE = 50
SECONDS = 60
COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("transmit.py")))
KEPT = timedelta(days=90)

Delivery = dict[str, Any]


def queued(notice: Notice, urls: Iterable[str]) -> list[Delivery]:
    """Return the documents that have ``notice`` sent to each of ``urls``; no secret is in them.

    Shape: ``{_id, rule, kind, target, targetKey, title, body, state, attempts, error, createdAt, nextAttemptAt,
    sentAt, expiresAt}``; ``target`` is the kind of address, ``targetKey`` tells two of a kind apart.
    """
    now = clock.now()
    return [
        {
            "_id": ObjectId(),
            "rule": notice.rule_id,
            "kind": notice.kind,
            "target": _kind(url),
            "targetKey": key_of(url),
            "title": notice.title,
            "body": notice.body,
            "state": QUEUED,
            "attempts": 0,
            "error": None,
            "createdAt": now,
            "nextAttemptAt": now,
            "sentAt": None,
            "expiresAt": now + KEPT,
        }
        for url in urls
    ]


def deliver(ops: Database, urls: Iterable[str]) -> list[Delivery]:
    """Send what is due and return it as it is then; several processes may do so at once."""
    by_key = {key_of(url): url for url in urls}
    done: list[Delivery] = []
    while len(done) < AT_ONCE and (delivery := _claim(ops, clock.now())):
        url = by_key.get(delivery["targetKey"])
        error = _attempt(url, delivery["title"], delivery["body"]) if url else "The address is no longer configured."
        done.append(_settle(ops, delivery, error, is_final=url is None))
    return done


def send_now(urls: Iterable[str], notice: Notice) -> list[str | None]:
    """Send ``notice`` to each of ``urls`` without a database, once, and return what went wrong with each."""
    return [_attempt(url, notice.title, notice.body) for url in urls]


def log_of(ops: Database, limit: int = 50, *, rule: str | None = None) -> list[Delivery]:
    """Return the newest deliveries, the newest first."""
    where = {"rule": rule} if rule else {}
    return list(ops[COLLECTION].find(where).sort([("createdAt", -1), ("_id", -1)]).limit(limit))


def key_of(url: str) -> str:
    """Return what tells an address from others without giving it away."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def _kind(url: str) -> str:
    return url.partition("://")[0].lower()


def _claim(ops: Database, now: datetime) -> Delivery | None:
    due = {"nextAttemptAt": {"$lte": now}}  # what is over has none
    held = {"$set": {"state": SENDING, "nextAttemptAt": now + LEASE}, "$inc": {"attempts": 1}}
    return ops[COLLECTION].find_one_and_update(
        due, held, sort=[("nextAttemptAt", 1)], return_document=ReturnDocument.AFTER
    )


def _settle(ops: Database, delivery: Delivery, error: str | None, *, is_final: bool) -> Delivery:
    now = clock.now()
    outcome: Delivery = {"state": SENT, "error": None, "sentAt": now, "nextAttemptAt": None}
    if error:
        is_over = is_final or delivery["attempts"] > len(BACK_OFF)
        again_at = None if is_over else now + BACK_OFF[delivery["attempts"] - 1]
        outcome = {"state": GIVEN_UP if is_over else QUEUED, "error": error, "nextAttemptAt": again_at}
        log.warning("alert_not_delivered", rule=delivery["rule"], target=delivery["target"], error=error)
    mine = {"_id": delivery["_id"], "state": SENDING, "attempts": delivery["attempts"]}
    ops[COLLECTION].update_one(mine, {"$set": outcome})
    return delivery | outcome


def _attempt(url: str, title: str, body: str) -> str | None:
    """Send, and return what went wrong, without the address.

    In a process of its own: Apprise loads 130 modules and holds locks, which does not go with the green threads of
    the web worker, and a kind of address that hangs can be ended. The address goes in where no list of processes
    shows it.
    """
    order = json.dumps({"url": url, "title": title, "body": body})
    try:
        done = subprocess.run(  # noqa: S603  our own program; the address is not among the arguments
            COMMAND, input=order, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"No answer within {SECONDS} s."
    except OSError as error:
        return f"No process could be started ({type(error).__name__})."
    if done.returncode:
        return f"Apprise failed with status {done.returncode}."
    return done.stdout.strip() or None
