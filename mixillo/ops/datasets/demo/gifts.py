"""The demo's gifts and coin packages."""

from typing import NamedTuple

from mixillo.ops.datasets.demo.world import MEDIA, World
from mixillo.ops.datasets.documents import Document

CREATOR_EARNINGS_PERCENT = 70


class Gift(NamedTuple):
    name: str
    price: int
    category: str
    rarity: str
    animation: str
    is_limited: bool = False


class CoinPackage(NamedTuple):
    coins: int
    bonus: int
    price: float


GIFTS = (
    Gift("Rose", 5, "standard", "common", "float"),
    Gift("Coffee", 10, "standard", "common", "float"),
    Gift("Applause", 20, "standard", "common", "pulse"),
    Gift("Cookie Jar", 35, "standard", "common", "pulse"),
    Gift("Paper Plane", 60, "standard", "rare", "float"),
    Gift("Disco Ball", 120, "party", "rare", "sparkle"),
    Gift("Cake", 200, "party", "rare", "confetti"),
    Gift("Lighthouse", 500, "places", "epic", "shine"),
    Gift("Hot Air Balloon", 1000, "places", "epic", "float"),
    Gift("Whale", 2500, "animals", "legendary", "explode"),
    Gift("Northern Lights", 5000, "places", "legendary", "fireworks", is_limited=True),
)
COIN_PACKAGES = (
    CoinPackage(100, 0, 0.99),
    CoinPackage(500, 25, 4.99),
    CoinPackage(1000, 75, 9.99),
    CoinPackage(2500, 250, 24.99),
    CoinPackage(5000, 600, 49.99),
    CoinPackage(10000, 1500, 99.99),
)
POPULAR, BEST_VALUE = 2, 5  # positions


def gifts(world: World) -> list[Document]:
    return [
        world.make.stamped(
            "gifts",
            world.ago(days=399),
            {
                "name": gift.name,
                "description": f"Send a {gift.name.lower()}",
                "price": gift.price,
                "currency": "coins",
                "icon": f"{MEDIA}/gifts/{order}.png",
                "animation": gift.animation,
                "category": gift.category,
                "rarity": gift.rarity,
                "isActive": True,
                "isFeatured": gift.rarity == "epic",
                "isLimitedEdition": gift.is_limited,
                "popularity": 0,
                "timesSent": 0,
                "totalRevenue": 0,
                "creatorEarningsPercent": CREATOR_EARNINGS_PERCENT,
                "sortOrder": order,
            },
        )
        for order, gift in enumerate(GIFTS, 1)
    ]


def coin_packages(world: World) -> list[Document]:
    return [
        world.make.stamped(
            "coinpackages",
            world.ago(days=399),
            {
                "name": f"{package.coins:,} coins",
                "coins": package.coins,
                "bonusCoins": package.bonus,
                "price": package.price,
                "currency": "USD",
                "isPopular": order == POPULAR,
                "isBestValue": order == BEST_VALUE,
                "isActive": True,
                "sortOrder": order,
                "purchaseCount": 0,
            },
        )
        for order, package in enumerate(COIN_PACKAGES)
    ]
