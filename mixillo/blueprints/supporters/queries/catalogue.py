"""Packages, tiers and badges as the API shows them."""

from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.blueprints.supporters.models import ACTIVE, CreditPackage, SupporterBadge, SupporterTier
from mixillo.core import clock, money
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
IN_ORDER = [("order", 1), ("_id", 1)]
BY_TIER = [("tier", 1)]
LARGEST_CATALOGUE = 200


class PackageNotFound(NotFound):
    """There is no such package, or it is not on sale."""

    code, title = "package_not_found", "There is no such package"


class BadgeNotFound(NotFound):
    """There is no such badge."""

    code, title = "badge_not_found", "There is no such badge"


def packages(query: Document) -> list[Document]:
    """Return the packages in their order; those on sale unless ``status`` asks for others."""
    where: Document = {"status": query.get("status", ACTIVE)}
    where |= {name: query[name] for name in ("featured", "popular") if name in query}
    found = CreditPackage.collection().find(where, sort=IN_ORDER, limit=LARGEST_CATALOGUE)
    return [package_view(each) for each in found]


def package_on_sale(package_id: ObjectId) -> Document:
    """Return a stored package that can be bought now.

    :raises PackageNotFound: it cannot.
    """
    package = CreditPackage.collection().find_one({"_id": package_id, "status": ACTIVE})
    if package is None or not _is_open(package.get("availability") or {}, clock.now()):
        raise PackageNotFound
    return package


def package_view(package: Document) -> Document:
    """Return what the API shows of a stored package."""
    price = package.get("price") or {}
    currency = price.get("currency", "USD")
    bonus = package.get("bonusCredits", 0)
    return {
        "_id": package["_id"],
        "id": package["_id"],
        "name": package["name"],
        "displayName": package.get("displayName") or package["name"],
        "description": package.get("description"),
        "credits": package["credits"],
        "bonusCredits": bonus,
        "totalCredits": package["credits"] + bonus,
        "firstTimeBonusCredits": package.get("firstTimeBonusCredits", 0),
        "price": {"amount": money.shown(money.minor(price.get("amount"), currency), currency), "currency": currency},
        "discountPercentage": package.get("discountPercentage", 0),
        "popular": package.get("popular", False),
        "featured": package.get("featured", False),
        "minUserLevel": package.get("minUserLevel", 1),
        "icon": package.get("icon"),
        "status": package.get("status", ACTIVE),
        "order": package.get("order", 0),
    }


def tiers() -> list[Document]:
    """Return the active tiers, the lowest first."""
    found = SupporterTier.collection().find({"status": ACTIVE}, sort=BY_TIER, limit=LARGEST_CATALOGUE)
    return [tier_view(each) for each in found]


def tier_view(tier: Document) -> Document:
    """Return what the API shows of a stored tier."""
    benefits, appearance = tier.get("benefits") or {}, tier.get("appearance") or {}
    return {
        "_id": tier["_id"],
        "id": tier["_id"],
        "name": tier["name"],
        "displayName": tier.get("displayName") or tier["name"],
        "tier": tier["tier"],
        "totalSpent": int((tier.get("requirements") or {}).get("totalSpent", 0)),
        "discountPercentage": benefits.get("discountPercentage", 0),
        "bonusCreditsMultiplier": float(benefits.get("bonusCreditsMultiplier", 1)),
        "features": benefits.get("features", []),
        "color": appearance.get("color"),
        "icon": appearance.get("icon"),
    }


def badges(query: Document) -> tuple[list[Document], Document]:
    """Return a page of badges in their order, and its ``pagination``; ``rarity``, ``category``, ``featured`` filter."""
    where: Document = {"status": query.get("status", ACTIVE)}
    where |= {name: query[name] for name in ("category", "featured") if name in query}
    if "rarity" in query:
        where["appearance.rarity"] = query["rarity"]
    found, pagination = paginate(SupporterBadge.collection(), where, query, sort=IN_ORDER)
    return [badge_view(each) for each in found], pagination


def badge(badge_id: ObjectId) -> Document:
    """Return a badge.

    :raises BadgeNotFound: there is none, or it is not shown.
    """
    found = SupporterBadge.collection().find_one({"_id": badge_id, "status": ACTIVE})
    if found is None:
        raise BadgeNotFound
    return badge_view(found)


def badges_by_id(badge_ids: list[ObjectId]) -> dict[ObjectId, Document]:
    """Return badges by their ids, those that are no longer given included."""
    return {each["_id"]: badge_view(each) for each in SupporterBadge.collection().find({"_id": {"$in": badge_ids}})}


def awarded_by_itself() -> list[Document]:
    """Return the stored badges that are awarded by reaching something, in their order."""
    where = {"status": ACTIVE, "availability.autoAward": {"$ne": False}}
    return list(SupporterBadge.collection().find(where, sort=IN_ORDER, limit=LARGEST_CATALOGUE))


def badge_view(badge: Document) -> Document:
    """Return what the API shows of a stored badge, of either shape."""
    appearance = badge.get("appearance") or {}
    requirement = badge.get("requirements") or {"type": badge.get("requirement"), "value": badge.get("threshold")}
    benefits = badge.get("benefits") or {}
    return {
        "_id": badge["_id"],
        "id": badge["_id"],
        "name": badge["name"],
        "displayName": badge.get("displayName") or badge["name"],
        "description": badge.get("description"),
        "category": badge.get("category"),
        "imageUrl": appearance.get("icon") or badge.get("icon"),
        "color": appearance.get("color") or badge.get("color"),
        "rarity": appearance.get("rarity") or badge.get("rarity", "common"),
        "requirements": [
            {
                "type": requirement.get("type") or "custom",
                "value": int(requirement.get("value") or 0),
                "description": badge.get("description"),
            }
        ],
        "benefits": sorted(name for name, value in benefits.items() if value is True),
        "pointValue": badge.get("pointValue", 0),
        "featured": badge.get("featured", False),
        "active": badge.get("status", ACTIVE) == ACTIVE,
        "sortOrder": badge.get("order", 0),
    }


def _is_open(availability: Document, now: datetime) -> bool:
    start, end = availability.get("startDate"), availability.get("endDate")
    return (start is None or start <= now) and (end is None or now < end)
