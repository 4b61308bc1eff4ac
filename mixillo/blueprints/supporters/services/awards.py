"""Badges: awarded once, by themselves after a gift or by an administrator."""

from datetime import datetime
from typing import Any

import structlog
from blinker import Signal
from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError

from mixillo.blueprints.gifts.services import gift_sent
from mixillo.blueprints.supporters.events import BADGE_EARNED
from mixillo.blueprints.supporters.models import ADMIN, SYSTEM, SupporterBadge, UserBadge
from mixillo.blueprints.supporters.queries import catalogue, standing
from mixillo.blueprints.users.queries import people
from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.core.realtime import emit_to_user
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

log = structlog.get_logger(__name__)
Document = dict[str, Any]
# Sent after the commit, with ``held`` (the stored award) and ``badge`` (as the API shows it); `notifications` listens.
badge_earned = Signal()


class BadgeHeld(Conflict):
    """Somebody holds the badge already."""

    code, title = "badge_held", "This badge was awarded before"


def award_reached(user_id: ObjectId) -> list[Document]:
    """Award every badge that somebody has reached by now; return the new ones as the API shows them."""
    reached = standing.reached_so_far(user_id)
    earned = []
    for stored in catalogue.awarded_by_itself():
        badge = catalogue.badge_view(stored)
        progress = standing.measured(badge, reached)
        if progress["target"] and progress["current"] >= progress["target"]:
            award = _document(user_id, badge["_id"], SYSTEM, progress | {"percentage": 100})
            if _store(award, badge):
                earned.append(standing.held_view(award, badge))
    return earned


def award(admin: Viewer, user_id: ObjectId, badge_id: ObjectId, note: str | None) -> Document:
    """Award a badge by hand, with an entry in the audit log; return it as the API shows it.

    :raises UserNotFound: there is no such person.
    :raises BadgeNotFound: there is no such badge.
    :raises BadgeHeld: they hold it already.
    """
    badge = catalogue.badge(badge_id)
    people.check_is_there(user_id)
    given = _document(user_id, badge_id, ADMIN, {}) | {"adminUser": admin.id}
    if note:
        given["metadata"] = {"achievementDetails": note}

    def work(session: ClientSession) -> None:
        _insert(given, session)
        audit_log.record(
            "badge.awarded",
            actor={"kind": "user", "id": str(admin.id), "name": admin.username},
            target="userbadges",
            target_id=given["_id"],
            changes={"after": {"user": str(user_id), "badge": badge["name"], "note": note}},
            session=session,
        )

    try:
        transact(work)
    except DuplicateKeyError:
        raise BadgeHeld from None
    _announce(given, badge)
    return standing.held_view(given, badge)


@gift_sent.connect
def _after_a_gift(_sender: Any, *, transaction: Document, **_details: Any) -> None:
    """Look whether the giver or the creator has reached something; what fails is made up for at the next gift."""
    try:
        for user_id in (transaction["senderId"], transaction["recipientId"]):
            award_reached(user_id)
    except PyMongoError as error:
        log.warning("badges_not_awarded", error=type(error).__name__, gift=str(transaction["_id"]))


def _store(award: Document, badge: Document) -> bool:
    """Insert an award unless it is there; return whether it is new."""
    if standing.holds(award["user"], award["badge"]):
        return False
    try:
        transact(lambda session: _insert(award, session))
    except DuplicateKeyError:  # another gift of the same moment was faster
        return False
    _announce(award, badge)
    return True


def _insert(award: Document, session: ClientSession) -> None:
    UserBadge.collection().insert_one(award, session=session)
    counted = {"availability.awardedCount": 1, "stats.totalAwarded": 1, "stats.currentHolders": 1}
    SupporterBadge.collection().update_one({"_id": award["badge"]}, {"$inc": counted}, session=session)


def _announce(award: Document, badge: Document) -> None:
    told = {"badgeId": str(badge["_id"]), "awardedAt": clock.timestamp(award["awardedAt"])}
    told |= {name: badge[name] for name in ("name", "displayName", "imageUrl", "rarity")}
    emit_to_user(award["user"], BADGE_EARNED, told)
    badge_earned.send(held=award, badge=badge)


def _document(
    user_id: ObjectId, badge_id: ObjectId, by: str, progress: Document, at: datetime | None = None
) -> Document:
    now = at or clock.now()
    return {
        "_id": ObjectId(),
        "user": user_id,
        "badge": badge_id,
        "awardedAt": now,
        "awardedBy": by,
        "display": {"showOnProfile": True, "showInChat": True, "isPrimary": False, "order": 0},
        "progress": progress,
        "isExpired": False,
        "notificationSent": False,
        "createdAt": now,
        "updatedAt": now,
    }
