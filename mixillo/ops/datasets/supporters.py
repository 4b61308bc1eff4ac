"""The supporter catalogue: 5 credit packages, 5 tiers, 6 badges, in the schema the report's database has.

Figures are those of the existing seeds: prices in USD, credits and spending in credits.
"""

from datetime import datetime
from typing import NamedTuple

from mixillo.ops.datasets.documents import Document, DocumentFactory


class Package(NamedTuple):
    name: str
    credits: int
    bonus: int
    price: float
    first_time_bonus: int = 0
    min_level: int = 1
    popular: bool = False


class Tier(NamedTuple):
    name: str
    total_spent: int
    discount: int
    multiplier: float
    color: str
    features: list[str]


class Badge(NamedTuple):
    name: str
    description: str
    category: str
    kind: str
    value: int
    rarity: str
    color: str


PACKAGES = (
    Package("starter", 100, 0, 0.99),
    Package("basic", 500, 50, 4.99, popular=True),
    Package("premium", 1200, 300, 9.99),
    Package("mega", 3000, 1000, 24.99, first_time_bonus=500),
    Package("ultra", 10000, 5000, 99.99, first_time_bonus=2000, min_level=2),
)
TIERS = (
    Tier("bronze", 0, 0, 1, "#CD7F32", ["profile_badge"]),
    Tier("silver", 500, 5, 1.05, "#C0C0C0", ["profile_badge", "chat_color"]),
    Tier("gold", 2000, 10, 1.1, "#FFD700", ["profile_badge", "chat_color"]),
    Tier("platinum", 5000, 15, 1.15, "#E5E4E2", ["profile_badge", "chat_color", "entrance"]),
    Tier("diamond", 10000, 20, 1.2, "#B9F2FF", ["profile_badge", "chat_color", "entrance"]),
)
BADGES = (
    Badge("first_gift", "Sent a first gift", "gifting", "gifts_sent", 1, "common", "#8BC34A"),
    Badge("generous", "Spent 1,000 credits on creators", "spending", "spending", 1000, "rare", "#03A9F4"),
    Badge("super_supporter", "Spent 10,000 credits", "spending", "spending", 10000, "epic", "#9C27B0"),
    Badge("legendary_gifter", "Spent 50,000 credits", "spending", "spending", 50000, "legendary", "#FF9800"),
    Badge("popular_creator", "Has 100 supporters", "milestone", "supporters_count", 100, "epic", "#E91E63"),
    Badge("loyal_supporter", "Active on 30 days", "loyalty", "days_active", 30, "rare", "#009688"),
)
RARITIES = ("common", "rare", "epic", "legendary")


def credit_packages(make: DocumentFactory, created: datetime) -> list[Document]:
    return [make.stamped("creditpackages", created, _package(n, each)) for n, each in enumerate(PACKAGES, 1)]


def _package(order: int, package: Package) -> Document:
    return {
        "name": package.name,
        "displayName": f"{package.name.title()} Pack",
        "description": f"{package.credits + package.bonus} credits",
        "credits": package.credits,
        "bonusCredits": package.bonus,
        "price": {"amount": package.price, "currency": "USD"},
        "discountPercentage": 0,
        "popular": package.popular,
        "featured": package.popular,
        "icon": "coins",
        "minUserLevel": package.min_level,
        "availability": {"soldCount": 0},
        "firstTimeBonusCredits": package.first_time_bonus,
        "status": "active",
        "order": order,
        "stats": {"totalSold": 0, "totalRevenue": 0, "reviewCount": 0},
    }


def supporter_tiers(make: DocumentFactory, created: datetime) -> list[Document]:
    """Return the tiers, each linked to the next one."""
    tiers = [make.stamped("supportertiers", created, _tier(n, each)) for n, each in enumerate(TIERS, 1)]
    for tier, following in zip(tiers, tiers[1:], strict=False):
        tier["nextTier"] = following["_id"]
    return tiers


def _tier(number: int, tier: Tier) -> Document:
    return {
        "name": tier.name,
        "displayName": tier.name.title(),
        "tier": number,
        "appearance": {"icon": tier.name, "color": tier.color},
        "requirements": {"totalSpent": tier.total_spent},
        "benefits": {
            "discountPercentage": tier.discount,
            "bonusCreditsMultiplier": tier.multiplier,
            "exclusiveGifts": [],
            "exclusiveBadges": [],
            "features": tier.features,
        },
        "status": "active",
        "stats": {"currentUsers": 0},
    }


def supporter_badges(make: DocumentFactory, created: datetime) -> list[Document]:
    return [make.stamped("supporterbadges", created, _badge(n, each)) for n, each in enumerate(BADGES, 1)]


def _badge(order: int, badge: Badge) -> Document:
    level = RARITIES.index(badge.rarity) + 1
    return {
        "name": badge.name,
        "displayName": badge.name.replace("_", " ").title(),
        "description": badge.description,
        "category": badge.category,
        "tier": level,
        "appearance": {
            "icon": badge.name,
            "color": badge.color,
            "backgroundColor": "#FFFFFF",
            "glowEffect": level > 2,
            "rarity": badge.rarity,
        },
        "requirements": {"type": badge.kind, "value": badge.value},
        "benefits": {
            "creditsBonus": 0,
            "discountPercentage": 0,
            "exclusiveGifts": [],
            "chatBadge": True,
            "profileBadge": True,
            "prioritySupport": level > 3,
            "specialFeatures": [],
        },
        "pointValue": 10 * level,
        "availability": {"awardedCount": 0, "autoAward": True},
        "order": order,
        "featured": level > 3,
        "status": "active",
        "stats": {"totalAwarded": 0, "currentHolders": 0},
        "translations": [],
    }
