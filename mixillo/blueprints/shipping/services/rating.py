"""What the rates of a method ask for a parcel: pure reckoning in minor units."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from mixillo.blueprints.shipping.models import BY_VALUE, BY_WEIGHT, FLAT
from mixillo.core import money

Document = dict[str, Any]


def cost(
    rates: Sequence[Document], currency: str, value: int, weight: Decimal, country: str | None, zones: set[str]
) -> int | None:
    """Return what the most special of ``rates`` asks, ``None`` where none applies.

    One for the country comes before one for a zone, and that before one for everywhere; of alike ones the cheapest.
    """
    asked = []
    for rate in rates:
        rank = _rank(rate, country, zones)
        if rank is not None and _fits(rate, currency, value):
            amount = _amount(rate, currency, value, weight)
            if amount is not None:
                asked.append((rank, amount))
    return min(asked)[1] if asked else None


def _rank(rate: Document, country: str | None, zones: set[str]) -> int | None:
    to = rate.get("toLocation") or {}
    if to.get("country"):
        return 0 if to["country"] == country else None
    if to.get("zones"):
        return 1 if zones & set(to["zones"]) else None
    return 2


def _fits(rate: Document, currency: str, value: int) -> bool:
    """Return whether ``rate`` is in this currency, or in any, and for goods of this value."""
    conditions = rate.get("conditions") or {}
    least, most = (conditions.get(name) for name in ("minOrderValue", "maxOrderValue"))
    own = (rate.get("baseRate") or {}).get("currency")
    return (
        own in (None, currency)
        and (least is None or value >= money.minor(least, currency))
        and (most is None or value <= money.minor(most, currency))
    )


def _amount(rate: Document, currency: str, value: int, weight: Decimal) -> int | None:
    base = money.minor((rate.get("baseRate") or {}).get("amount"), currency)
    kind = rate["rateType"]
    if kind == FLAT:
        return base
    if kind == BY_WEIGHT:
        step = _step(rate.get("weightRates") or (), "Weight", weight)
        return None if step is None else base + _by_weight(step, currency, weight)
    if kind == BY_VALUE:
        step = _step(rate.get("valueRates") or (), "Value", money.decimal(money.stored(value, currency)))
        return None if step is None else base + _by_value(step, currency, value)
    return None


def _step(steps: Iterable[Document], name: str, size: Decimal) -> Document | None:
    """Return the first of ``steps`` that ``size`` is in: from its minimum on, below its maximum."""
    for step in steps:
        most = step.get(f"max{name}")
        if money.decimal(step.get(f"min{name}")) <= size and (most is None or size < money.decimal(most)):
            return step
    return None


def _by_weight(step: Document, currency: str, weight: Decimal) -> int:
    """Return what the step costs: its rate, and so much for each unit of weight above its minimum."""
    above = weight - money.decimal(step.get("minWeight"))
    more = money.decimal(step.get("additionalWeightRate")) * above
    return money.minor(money.decimal(step.get("rate")) + more, currency)


def _by_value(step: Document, currency: str, value: int) -> int:
    rate = money.decimal(step.get("rate"))
    return money.percentage(value, rate) if step.get("isPercentage") else money.minor(rate, currency)
