"""Wishes to delete an account: said with the password, carried out two weeks later unless they are taken back."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from bson import ObjectId

from mixillo.blueprints.auth.services import guesses
from mixillo.blueprints.orders.models import CANCELLED, DELIVERED, RETURNED, Order
from mixillo.blueprints.privacy.services import erasing
from mixillo.blueprints.stores.models import Store
from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.blueprints.users.services import accounts
from mixillo.blueprints.wallets.models import HOLDS, OPEN, Wallet
from mixillo.core import audit_log, clock, passwords
from mixillo.core.db import ops_database
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, ValidationFailed
from mixillo.ops import jobs
from mixillo.ops.jobs import JobRunning, Report

log = structlog.get_logger(__name__)
Document = dict[str, Any]
KIND = "privacy.deletion"
GRACE = timedelta(days=14)
AT_ONCE = 100
FINAL = (CANCELLED, DELIVERED, RETURNED)


class DeletionBlocked(Conflict):
    """Something has to come to an end before the account can be deleted; ``reasons`` says what."""

    code, title = "deletion_blocked", "The account cannot be deleted yet"


def schedule(viewer: Viewer, password: str) -> Document:
    """Have one's own account deleted in two weeks and return ``{requested, scheduledFor}``.

    :raises ValidationFailed: that is not the password.
    :raises TooManyGuesses: it was wrong too often.
    :raises DeletionBlocked: orders, payouts or a store are still open.
    """
    account = accounts.credentials(viewer.id)
    if account is None:
        raise UserNotFound
    guess = guesses.while_signed_in(viewer.id)
    if not passwords.verify_password(account["password"], password):
        raise ValidationFailed.of("password", "This is not your password.")
    guesses.take_back(guess)
    check(viewer.id)
    due = clock.now() + GRACE
    wanted = {"_id": viewer.id, "deletionScheduledFor": None}
    User.collection().update_one(wanted, {"$set": {"deletionRequested": True, "deletionScheduledFor": due}})
    return state(viewer.id)


def cancel(user_id: ObjectId) -> Document:
    """Keep the account after all; also fine when nobody wanted to delete it."""
    asked = {"deletionRequested": "", "deletionScheduledFor": ""}
    User.collection().update_one({"_id": user_id, "deletedAt": None}, {"$unset": asked})
    return state(user_id)


def state(user_id: ObjectId) -> Document:
    """Return ``{requested, scheduledFor}``."""
    found = User.collection().find_one({"_id": user_id}, {"deletionScheduledFor": 1}) or {}
    due: datetime | None = found.get("deletionScheduledFor")
    return {"requested": due is not None, "scheduledFor": due}


def check(user_id: ObjectId) -> None:
    """Look whether anything stands in the way.

    :raises DeletionBlocked: it does.
    """
    wallets = [wallet["_id"] for wallet in Wallet.collection().find({"userId": user_id}, {"_id": 1})]
    ops = ops_database()
    reasons = []
    if Order.collection().find_one({"userId": user_id, "status": {"$nin": FINAL}}, {"_id": 1}):
        reasons.append("open_orders")
    if Order.collection().find_one(
        {"fulfilments": {"$elemMatch": {"sellerId": user_id, "status": {"$nin": FINAL}}}}, {"_id": 1}
    ):
        reasons.append("open_sales")
    if wallets and ops[HOLDS].find_one({"state": OPEN, "debit": {"$in": wallets}}, {"_id": 1}):
        reasons.append("pending_payouts")
    if Store.collection().find_one({"sellerId": user_id, "status": "active"}, {"_id": 1}):
        reasons.append("open_store")
    if reasons:
        raise DeletionBlocked(f"Still open: {', '.join(reasons)}.", reasons=reasons)


def erase_when_due(now: datetime) -> int:
    """Delete the accounts whose time has come, as a job, and return how many these were."""
    if not User.collection().find_one(_due(now), {"_id": 1}):
        return 0
    try:
        result = jobs.run_inline(ops_database(), KIND, partial(_erase_due, now), actor=audit_log.SYSTEM)
    except JobRunning:
        return 0
    return int(result["erased"])


def _erase_due(now: datetime, report: Report) -> Document:
    """Delete who is due; what stands in the way of one is waited for."""
    due = list(User.collection().find(_due(now), {"_id": 1}, limit=AT_ONCE))
    done = 0
    for account in due:
        report(done, len(due), str(account["_id"]))
        try:
            check(account["_id"])
            erasing.erase(account["_id"])
        except DeletionBlocked as error:
            log.info("deletion_waits", user=str(account["_id"]), reasons=error.extensions["reasons"])
        else:
            done += 1
    return {"erased": done, "waiting": len(due) - done}


def _due(now: datetime) -> Document:
    return {"deletionScheduledFor": {"$lte": now, "$type": "date"}}
