"""What a package costs one buyer, and what it brings: tier, first purchase and the package's own offers counted in."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mixillo.core import money

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Quote:
    """``price`` in minor units of ``currency``; the rest in credits. ``first_time`` is for a first purchase."""

    price: int
    currency: str
    credits: int
    bonus: int
    tier_bonus: int
    first_time: int
    discount: int

    def total(self, *, is_first: bool) -> int:
        """Return how many credits are added."""
        return self.credits + self.bonus + self.tier_bonus + (self.first_time if is_first else 0)


def quote(package: Document, tier: Document | None) -> Quote:
    """Return what a stored ``package`` is for somebody in ``tier`` (as the API shows it).

    The discounts of package and tier are taken one after the other, to the nearest minor unit and never below one;
    the tier multiplies credits and bonus, without fractions.
    """
    price = package["price"]
    currency = price.get("currency", "USD")
    tier = tier or {"discountPercentage": 0, "bonusCreditsMultiplier": 1}
    full = Decimal(money.minor(price["amount"], currency))
    kept = [Decimal(100 - off) / 100 for off in (package.get("discountPercentage", 0), tier["discountPercentage"])]
    asked = max(1, int((full * kept[0] * kept[1]).quantize(Decimal(1), ROUND_HALF_UP)))
    basic = package["credits"] + package.get("bonusCredits", 0)
    multiplier = Decimal(str(tier["bonusCreditsMultiplier"]))
    return Quote(
        price=asked,
        currency=currency,
        credits=package["credits"],
        bonus=package.get("bonusCredits", 0),
        tier_bonus=int(basic * multiplier) - basic,
        first_time=package.get("firstTimeBonusCredits", 0),
        discount=int(full) - asked,
    )
