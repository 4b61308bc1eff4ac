"""Where somebody stands: tier, what is missing to the next one, and how far each badge is; all from gifts given."""

from collections import Counter
from typing import Any

from bson import ObjectId

from mixillo.blueprints.gifts.queries import totals
from mixillo.blueprints.supporters.models import (
    ACTIVE,
    DAYS_ACTIVE,
    GIFTS_RECEIVED,
    GIFTS_SENT,
    SPENDING,
    SUPPORTERS_COUNT,
    SupporterBadge,
    UserBadge,
)
from mixillo.blueprints.supporters.queries import catalogue
from mixillo.core import clock
from mixillo.core.pagination import paginate

Document = dict[str, Any]
NEWEST_FIRST = [("awardedAt", -1), ("_id", -1)]


def standing(user_id: ObjectId) -> Document:
    """Return ``{spent, tier, nextTier, toNextTier}``; without tiers in the catalogue everything is ``None``."""
    spent = totals.given(user_id).spent
    return {"spent": spent, **place(spent)}


def place(spent: int) -> Document:
    """Return the tier that ``spent`` coins reach, and the next one."""
    tiers = catalogue.tiers()
    reached = [tier for tier in tiers if tier["totalSpent"] <= spent]
    ahead = [tier for tier in tiers if tier["totalSpent"] > spent]
    return {
        "tier": reached[-1] if reached else None,
        "nextTier": ahead[0] if ahead else None,
        "toNextTier": ahead[0]["totalSpent"] - spent if ahead else None,
    }


def progress(user_id: ObjectId) -> list[Document]:
    """Return how far somebody is with each badge that is earned by itself, and whether it is held."""
    reached = reached_so_far(user_id)
    held = set(UserBadge.collection().distinct("badge", {"user": user_id}))
    shown = [catalogue.badge_view(badge) for badge in catalogue.awarded_by_itself()]
    return [{"badge": badge, "earned": badge["_id"] in held, **measured(badge, reached)} for badge in shown]


def reached_so_far(user_id: ObjectId) -> dict[str, int]:
    """Return what counts for badges, by the type of requirement."""
    given, received = totals.given(user_id), totals.received(user_id)
    return {
        GIFTS_SENT: given.gifts,
        SPENDING: given.spent,
        DAYS_ACTIVE: given.days,
        GIFTS_RECEIVED: received.gifts,
        SUPPORTERS_COUNT: received.supporters,
    }


def measured(badge: Document, reached: dict[str, int]) -> Document:
    """Return ``{current, target, percentage}`` of a badge's requirement; what people award by hand has no progress."""
    requirement = badge["requirements"][0]
    target = requirement["value"]
    current = min(reached.get(requirement["type"], 0), target)
    return {"current": current, "target": target, "percentage": current * 100 // target if target else 0}


def held_by(user_id: ObjectId, query: Document, *, include_expired: bool = False) -> tuple[list[Document], Document]:
    """Return a page of the badges somebody holds, the latest first, and its ``pagination``."""
    where: Document = {"user": user_id}
    if not include_expired:
        where |= {"isExpired": {"$ne": True}, "$or": [{"expiresAt": None}, {"expiresAt": {"$gt": clock.now()}}]}
    found, pagination = paginate(UserBadge.collection(), where, query, sort=NEWEST_FIRST)
    badges = catalogue.badges_by_id([each["badge"] for each in found])
    shown = [held_view(each, badges[each["badge"]]) for each in found if each["badge"] in badges]
    return shown, pagination


def held_view(held: Document, badge: Document) -> Document:
    """Return what the API shows of a badge that somebody holds."""
    return {
        "_id": held["_id"],
        "id": held["_id"],
        "userId": held["user"],
        "badgeId": held["badge"],
        "badge": badge,
        "awardedAt": held["awardedAt"],
        "awardedBy": held.get("awardedBy", "system"),
        "expiresAt": held.get("expiresAt"),
    }


def holds(user_id: ObjectId, badge_id: ObjectId) -> bool:
    """Return whether somebody holds a badge."""
    return UserBadge.collection().find_one({"user": user_id, "badge": badge_id}, ["_id"]) is not None


def badge_statistics(user_id: ObjectId) -> Document:
    """Return ``{earned, total, points, byRarity}``."""
    held = catalogue.badges_by_id(UserBadge.collection().distinct("badge", {"user": user_id}))
    return {
        "earned": len(held),
        "total": SupporterBadge.collection().count_documents({"status": ACTIVE}),
        "points": sum(badge["pointValue"] for badge in held.values()),
        "byRarity": dict(Counter(badge["rarity"] for badge in held.values())),
    }
