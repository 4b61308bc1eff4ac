"""Strikes: what somebody did wrong, for 90 days; three that count suspend for a week."""

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.moderation.models import CRITICAL, STRIKE_REASONS, Strike
from mixillo.blueprints.moderation.services import standing
from mixillo.blueprints.moderation.services.standing import SUSPENSION, Outcome, actor
from mixillo.blueprints.users.models import ACTIVE, SUSPENDED, User
from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]
COUNTED = timedelta(days=90)
MOST = 3


class StrikeNotFound(NotFound):
    """There is no such strike."""

    code, title = "strike_not_found", "There is no such strike"


def give(admin: Viewer, user_id: ObjectId, fields: Document, strike_id: ObjectId) -> Document:
    """Give somebody a strike and return it; too many that count suspend them. ``strike_id`` as anywhere else.

    :raises UserNotFound: there is no such person.
    :raises OwnAccount: it is the administrator's own.
    :raises AboveYou: it is an administrator's.
    """
    if known := Strike.collection().find_one({"_id": strike_id, "issuedBy": admin.id}):
        return known

    def work(session: ClientSession) -> tuple[Document, Outcome]:
        standing.check(admin, user_id, session)
        made = insert(admin, user_id, fields, session, strike_id)
        return made, suspend_if_due(admin, user_id, session)

    made, outcome = transact(work, turns_of=[user_id])
    outcome.tell()
    return made


def insert(
    admin: Viewer, user_id: ObjectId, fields: Document, session: ClientSession, strike_id: ObjectId | None = None
) -> Document:
    """Within a transaction, write a strike down and return it.

    A reason that is none of ``STRIKE_REASONS`` becomes the description of an "other" one.
    """
    fields, now = dict(fields), clock.now()
    if fields["reason"] not in STRIKE_REASONS:
        fields |= {"reason": "other", "description": fields.get("description") or fields["reason"]}
    made = Strike(id=strike_id or ObjectId(), userId=user_id, issuedBy=admin.id, **fields)
    document: Document = made.to_mongo().to_dict()
    if fields.get("severity") != CRITICAL and "expiresAt" not in fields:
        document["expiresAt"] = now + COUNTED
    Strike.collection().insert_one(document, session=session)
    after = {name: document.get(name) for name in ("userId", "reason", "severity", "expiresAt")}
    audit_log.record(
        "strike.given", actor=actor(admin), target="strikes", target_id=document["_id"],
        changes={"before": {}, "after": after}, session=session,
    )  # fmt: skip
    return document


def suspend_if_due(admin: Viewer, user_id: ObjectId, session: ClientSession) -> Outcome:
    """Within a transaction, suspend somebody whose strikes are too many."""
    now = clock.now()
    # A write, so that of two strikes at once one waits for the other and counts it.
    user = User.collection().find_one_and_update({"_id": user_id}, {"$set": {"updatedAt": now}}, session=session)
    counting = {"userId": user_id, "isActive": True, "expiresAt": {"$not": {"$lte": now}}}
    count = Strike.collection().count_documents(counting, session=session)
    if count < MOST or not user or user.get("status", ACTIVE) != ACTIVE:
        return Outcome(user_id)
    return standing.put(admin, user_id, SUSPENDED, f"{count} strikes", now + SUSPENSION, session)


def lift(admin: Viewer, strike_id: ObjectId) -> Document:
    """Let a strike count no longer and return it; fine also where it does not. A suspension stays as it is.

    :raises StrikeNotFound: there is none of this id.
    """

    def work(session: ClientSession) -> Document:
        change = {"$set": {"isActive": False, "updatedAt": clock.now()}}
        before: Document | None = Strike.collection().find_one_and_update({"_id": strike_id}, change, session=session)
        if before is None:
            raise StrikeNotFound
        if before.get("isActive"):
            audit_log.record(
                "strike.lifted", actor=actor(admin), target="strikes", target_id=strike_id,
                changes={"before": {"isActive": True}, "after": {"isActive": False}}, session=session,
            )  # fmt: skip
        return before | change["$set"]

    return transact(work)


def forget_old_ones(now: datetime) -> int:
    """Let strikes count no longer whose time is over, and return how many these were."""
    over = {"isActive": True, "expiresAt": {"$lte": now}}
    return Strike.collection().update_many(over, {"$set": {"isActive": False, "updatedAt": now}}).modified_count
