"""How people stand: active, suspended for a time, or banned.

Whoever is suspended or banned is signed out in the same transaction, so that no crash leaves a session behind; their
sockets are cut after it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.auth.services import sessions
from mixillo.blueprints.users.models import ACTIVE, SUSPENDED, User
from mixillo.blueprints.users.queries import people
from mixillo.core import audit_log, clock, realtime
from mixillo.core.db import transact
from mixillo.core.security import ADMINS, Viewer
from mixillo.errors import Conflict, Forbidden

Document = dict[str, Any]
# Sent after the commit, with ``user_id``, ``status``, ``until`` and ``reason``; notifications listen.
changed = Signal()
SUSPENSION = timedelta(days=7)
SUPERADMIN = "superadmin"


class OwnAccount(Conflict):
    """Nobody decides about themselves."""

    code, title = "own_account", "This is your own account"


class AboveYou(Forbidden):
    """Only superadmins decide about administrators."""

    code, title = "above_you", "Only a superadmin may do this to an administrator"


@dataclass
class Outcome:
    """What has to be told after the commit: how somebody stands now, and which sessions have ended by that."""

    user_id: ObjectId
    status: str | None = None
    until: datetime | None = None
    reason: str | None = None
    ended: list[ObjectId] = field(default_factory=list)

    def tell(self) -> None:
        """Cut the sockets, and let the features above know."""
        if self.status:
            realtime.end_sessions(self.ended, self.status)
            changed.send(user_id=self.user_id, status=self.status, until=self.until, reason=self.reason)


def put(
    admin: Viewer, user_id: ObjectId, status: str, reason: str | None, until: datetime, session: ClientSession
) -> Outcome:
    """Within a transaction, put somebody into ``status``, ``until`` a moment if that is a suspension.

    The outcome has no ``status`` where they had it before; raises as :func:`check`.
    """
    before = check(admin, user_id, session)
    is_new = before.get("status", ACTIVE) != status
    until_then = until if status == SUSPENDED else None
    after = {"status": status, "suspendedUntil": until_then}
    User.collection().update_one({"_id": user_id}, {"$set": after | {"updatedAt": clock.now()}}, session=session)
    if is_new or status == SUSPENDED:
        had = {name: before.get(name) for name in after}
        _record(f"user.{status}", admin, user_id, had, after | {"reason": reason}, session)
    if not is_new:
        return Outcome(user_id)
    ended = [] if status == ACTIVE else sessions.revoke_all(user_id, status, session)
    return Outcome(user_id, status, until_then, reason, ended)


def check(admin: Viewer, user_id: ObjectId, session: ClientSession) -> Document:
    """Within a transaction, return the account of somebody about whom ``admin`` may decide.

    :raises UserNotFound: there is no such person.
    :raises OwnAccount: it is the administrator's own.
    :raises AboveYou: it is an administrator's, and only superadmins may do this to them.
    """
    wanted = {"role": 1, "status": 1, "suspendedUntil": 1}
    user: Document | None = User.collection().find_one({"_id": user_id}, wanted, session=session)
    if user is None:
        raise people.UserNotFound
    if user_id == admin.id:
        raise OwnAccount("Ask another administrator.")
    if user.get("role") in ADMINS and admin.role != SUPERADMIN:
        raise AboveYou
    return user


def end_suspensions(now: datetime, limit: int = 100) -> int:
    """End the suspensions whose time is over, and return how many people are back."""
    due = {"status": SUSPENDED, "suspendedUntil": {"$lte": now, "$type": "date"}}
    return sum(_end_suspension(user, now) for user in User.collection().find(due, {"suspendedUntil": 1}, limit=limit))


def _end_suspension(user: Document, now: datetime) -> bool:
    def work(session: ClientSession) -> bool:
        still = {"_id": user["_id"], "status": SUSPENDED, "suspendedUntil": user["suspendedUntil"]}
        after = {"status": ACTIVE, "suspendedUntil": None}
        change = {"$set": after | {"updatedAt": now}}
        if not User.collection().update_one(still, change, session=session).modified_count:
            return False
        had = {name: value for name, value in still.items() if name != "_id"}
        _record("user.suspension_ended", None, user["_id"], had, after, session)
        return True

    is_back = transact(work)
    if is_back:
        changed.send(user_id=user["_id"], status=ACTIVE, until=None, reason=None)
    return is_back


def _record(
    action: str, admin: Viewer | None, user_id: ObjectId, before: Document, after: Document, session: ClientSession
) -> None:
    audit_log.record(
        action,
        actor=actor(admin) if admin else audit_log.SYSTEM,
        target="users",
        target_id=user_id,
        changes={"before": before, "after": after},
        session=session,
    )


def actor(admin: Viewer) -> Document:
    """Return how the audit log names an administrator."""
    return {"kind": "user", "id": admin.id, "name": admin.username}
