"""What a gift costs, and who gets how much of it. All in whole coins."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mixillo.blueprints.gifts.models import CREATOR_EARNINGS_PERCENT
from mixillo.core import money
from mixillo.errors import Conflict

MAX_PRICE = 10**9
MAX_QUANTITY = 100


class GiftNotAvailable(Conflict):
    """The gift is there, but it cannot be given now."""

    code, title = "gift_not_available", "This gift cannot be given now"


@dataclass(frozen=True, slots=True)
class Price:
    """What ``total`` coins are made of; ``earnings`` and ``fee`` add up to it, and either may be nothing."""

    unit: int
    total: int
    earnings: int

    @property
    def fee(self) -> int:
        """What the house keeps."""
        return self.total - self.earnings


def price_of(gift: dict[str, Any], quantity: int) -> Price:
    """Return what ``quantity`` of a stored ``gift`` cost; the creator's share is rounded down.

    :raises GiftNotAvailable: it is not priced in coins, or in no usable number of them.
    """
    unit = money.minor(gift["price"], money.COINS)
    if gift.get("currency", money.COINS) != money.COINS or not 0 < unit <= MAX_PRICE:
        raise GiftNotAvailable("This gift has no price in coins.")
    total = unit * quantity
    share = Decimal(str(gift.get("creatorEarningsPercent", CREATOR_EARNINGS_PERCENT)))
    return Price(unit, total, int(total * min(max(share, Decimal(0)), Decimal(100)) // 100))
