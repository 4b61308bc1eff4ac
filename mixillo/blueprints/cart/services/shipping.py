"""What shipping some goods would cost."""

from collections.abc import Sequence
from typing import Any

from mixillo.blueprints.cart.services.pricing import priced
from mixillo.blueprints.cart.services.quoting import parcel_of
from mixillo.blueprints.shipping.services import offering
from mixillo.core import money

Document = dict[str, Any]


def offered(items: Sequence[Document], country: str | None) -> Document:
    """Return the ways to ship ``items`` (as in a cart) to ``country``, the cheapest first, and what these cost."""
    goods = priced(items)
    options = offering.options(parcel_of(goods), country) if goods.lines else []
    return {
        "options": [option.described() | {"cost": money.shown(option.cost, goods.currency)} for option in options],
        "currency": goods.currency,
        "subtotal": money.shown(goods.subtotal, goods.currency),
    }
