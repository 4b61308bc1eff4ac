"""Deciding who may sell: once, with an entry in the audit log in the same transaction.

A decision that is repeated finds the first one and changes nothing.
"""

from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.stores.models import APPROVED, OPEN, REJECTED, SellerApplication
from mixillo.blueprints.stores.queries import applications, pages
from mixillo.blueprints.stores.queries.applications import ApplicationNotFound
from mixillo.blueprints.stores.services import opening
from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries import people
from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Document = dict[str, Any]
# Sent after the commit, with ``application_id``, ``user_id``, ``status`` and ``reason``; ``notifications`` listens.
decided = Signal()


class ApplicationDecided(Conflict):
    """It was decided the other way."""

    code, title = "application_decided", "It was decided before"


def approve(admin: Viewer, application_id: ObjectId) -> Document:
    """Let an applicant sell; return ``{store, application}``. The store is the one they have, or a new one.

    :raises ApplicationNotFound: there is none of this id.
    :raises ApplicationDecided: it was rejected.
    """

    def work(session: ClientSession) -> bool:
        application = _undecided(application_id, APPROVED, session)
        if application is None:
            return False
        store_id, _ = opening.open_store(application["userId"], opening.of_application(application), admin, session)
        _decide(admin, application, {"status": APPROVED, "storeId": store_id}, session)
        return True

    is_new = transact(work)
    found = applications.one(application_id)
    if is_new:
        decided.send(application_id=application_id, user_id=found["userId"], status=APPROVED, reason=None)
    return {"store": pages.of_seller(found["userId"]), "application": found}


def reject(admin: Viewer, application_id: ObjectId, reason: str, notes: str | None) -> Document:
    """Turn an applicant down and return the application; they may apply again.

    :raises ApplicationNotFound: there is none of this id.
    :raises ApplicationDecided: it was approved.
    """

    def work(session: ClientSession) -> bool:
        application = _undecided(application_id, REJECTED, session)
        if application is None:
            return False
        noted = {"reviewNotes": notes} if notes else {}
        _decide(admin, application, {"status": REJECTED, "rejectionReason": reason} | noted, session)
        turned_down = {"$set": {"sellerStatus": REJECTED, "updatedAt": clock.now()}}
        User.collection().update_one({"_id": application["userId"]}, turned_down, session=session)
        return True

    is_new = transact(work)
    found = applications.one(application_id)
    if is_new:
        decided.send(application_id=application_id, user_id=found["userId"], status=REJECTED, reason=reason)
    return found


def make_seller(admin: Viewer, user_id: ObjectId) -> Document:
    """Let somebody sell, whether they applied or not; return ``{store, user, storeCreated}``.

    An open application is approved with it, and gives the store its name.

    :raises UserNotFound: there is no such person.
    """

    def work(session: ClientSession) -> bool:
        user = User.collection().find_one({"_id": user_id}, ["username", "fullName", "email"], session=session)
        if user is None:
            raise people.UserNotFound
        waiting = {"userId": user_id, "status": {"$in": [*OPEN]}}
        application = SellerApplication.collection().find_one(waiting, session=session)
        fields = opening.of_application(application) if application else opening.of_user(user)
        store_id, is_new = opening.open_store(user_id, fields, admin, session)
        if application:
            _decide(admin, application, {"status": APPROVED, "storeId": store_id}, session)
        return is_new

    is_new = transact(work)
    return {"store": pages.of_seller(user_id), "user": people.own(user_id), "storeCreated": is_new}


def record(
    action: str, admin: Viewer, target: str, target_id: ObjectId, changes: Document, session: ClientSession
) -> None:
    """Enter what an administrator decided into the audit log; ``changes`` hold ``before`` and ``after``."""
    actor = {"kind": "user", "id": str(admin.id), "name": admin.username}
    audit_log.record(action, actor=actor, target=target, target_id=target_id, changes=changes, session=session)


def _undecided(application_id: ObjectId, status: str, session: ClientSession) -> Document | None:
    """Return an application to decide; ``None`` where that was done, with this outcome.

    :raises ApplicationNotFound: there is none of this id.
    :raises ApplicationDecided: it was done with another outcome.
    """
    found: Document | None = SellerApplication.collection().find_one({"_id": application_id}, session=session)
    if found is None:
        raise ApplicationNotFound
    if found["status"] in OPEN:
        return found
    if found["status"] != status:
        raise ApplicationDecided(f"It was {found['status']}.")
    return None


def _decide(admin: Viewer, application: Document, decision: Document, session: ClientSession) -> None:
    now = clock.now()
    after = decision | {"reviewedBy": admin.id, "reviewedAt": now, "updatedAt": now}
    SellerApplication.collection().update_one({"_id": application["_id"]}, {"$set": after}, session=session)
    changes = {"before": {"status": application["status"]}, "after": decision}
    record(f"seller.{decision['status']}", admin, "sellerapplications", application["_id"], changes, session)
