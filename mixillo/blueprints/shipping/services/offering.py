"""What shipping is offered for a parcel, and what it costs: the cheapest first.

There are few zones and methods, all of which are read at once; rates are read for the methods in question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bson import ObjectId
from flask import current_app
from pymongo.client_session import ClientSession

from mixillo.blueprints.shipping.models import ECONOMY, STANDARD, ShippingMethod, ShippingRate, ShippingZone
from mixillo.blueprints.shipping.services import rating
from mixillo.config import Settings
from mixillo.core import clock, money
from mixillo.errors import Conflict

Document = dict[str, Any]
# What the general limit makes free; who is in a hurry pays, unless the method says otherwise.
UNHURRIED = (STANDARD, ECONOMY)
FLAT_RATE: Document = {"code": STANDARD, "name": "Standard", "type": STANDARD, "carrier": None, "estimatedDays": 5}


class NotShippedThere(Conflict):
    """No method ships to the country."""

    code, title = "not_shipped_there", "This is not shipped there"


class MethodNotAvailable(Conflict):
    """The method does not ship this, or not to this place; ``available`` names those that do."""

    code, title = "shipping_method_not_available", "This way of shipping is not available"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is shipped: goods for ``value`` (minor units of ``currency``), their ``weight`` (kg) and ``stores``.

    ``is_free``: everything in it ships free.
    """

    currency: str
    value: int
    weight: Decimal = Decimal(0)
    stores: frozenset[ObjectId] = frozenset()
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """A way to ship a parcel and what it costs, in minor units of the parcel's currency."""

    cost: int
    method: Document

    @property
    def code(self) -> str:
        """What it is chosen by."""
        code: str = self.method["code"]
        return code

    def described(self) -> Document:
        """Return it as orders keep it: code, name, carrier and days, without the cost."""
        carrier = self.method.get("carrier") or {}
        return {
            "code": self.code,
            "name": self.method.get("name") or self.code,
            "type": self.method.get("type") or STANDARD,
            "carrier": carrier.get("name"),
            "service": carrier.get("service"),
            "estimatedDays": self.method.get("estimatedDays"),
        }


def choose(
    parcel: Parcel, country: str | None = None, code: str | None = None, session: ClientSession | None = None
) -> Option:
    """Return the way of shipping of this ``code``, or the cheapest; ``country`` is ``None`` while nobody knows it.

    :raises NotShippedThere: no method ships to the country.
    :raises MethodNotAvailable: there is no such method for the parcel.
    """
    found = options(parcel, country, session)
    if not found:
        raise NotShippedThere(f"Nothing is shipped to {country}." if country else "There is no way to ship this.")
    chosen = next((option for option in found if code in (None, option.code)), None)
    if chosen is None:
        raise MethodNotAvailable(f"{code} is not available for this order.", available=[o.code for o in found])
    return chosen


def options(parcel: Parcel, country: str | None = None, session: ClientSession | None = None) -> list[Option]:
    """Return the ways of shipping ``parcel``, the cheapest first.

    As long as no method is for everybody's goods, there is the flat rate of the settings.
    """
    settings: Settings = current_app.config["SETTINGS"]
    methods = list(ShippingMethod.collection().find({"isActive": {"$in": [True, None]}}, session=session))
    zones = zones_of(country, session) if country and methods else None
    fitting = [method for method in methods if _is_for(method, parcel.stores) and goes_there(method, zones)]
    rates = _rates(fitting, session) if fitting else []
    made = [_option(method, parcel, country, zones, rates) for method in fitting]
    if all(method.get("storeId") for method in methods):
        flat = money.minor(settings.shipping_cost, parcel.currency)
        made.append(Option(_cost({}, parcel, flat, settings), FLAT_RATE))
    return sorted(made, key=lambda option: (option.cost, option.method.get("estimatedDays") or 0, option.code))


def zones_of(country: str, session: ClientSession | None = None) -> set[str] | None:
    """Return the names of the zones that ``country`` is in; ``None`` where no zones are kept, which leaves out nobody.

    A zone that is called like the country holds it, as those of old methods do.
    """
    zones = list(ShippingZone.collection().find({"isActive": {"$in": [True, None]}}, session=session))
    if not zones:
        return None
    return {zone["name"] for zone in zones if country in (zone.get("countries") or [])} | {country}


def goes_there(method: Document, zones: set[str] | None) -> bool:
    """Return whether ``method`` ships to one of ``zones``, as :func:`zones_of` names them."""
    supported = method.get("zonesSupported")
    return zones is None or not supported or bool(zones & set(supported))


def _is_for(method: Document, stores: frozenset[ObjectId]) -> bool:
    """Return whether ``method`` is everybody's, or of the only store that the goods come from."""
    return method.get("storeId") is None or stores == {method["storeId"]}


def _option(
    method: Document, parcel: Parcel, country: str | None, zones: set[str] | None, rates: Sequence[Document]
) -> Option:
    of_it = [rate for rate in rates if rate["shippingMethodId"] == method["_id"] and _is_for(rate, parcel.stores)]
    cost = rating.cost(of_it, parcel.currency, parcel.value, parcel.weight, country, zones or set())
    if cost is None:
        cost = money.minor(method.get("cost"), parcel.currency)
    return Option(_cost(method, parcel, cost, current_app.config["SETTINGS"]), method)


def _cost(method: Document, parcel: Parcel, cost: int, settings: Settings) -> int:
    """Return ``cost``, or nothing where the parcel ships free by this method."""
    limit = method.get("freeAbove")
    if limit is None and method.get("storeId") is None and method.get("type", STANDARD) in UNHURRIED:
        limit = settings.shipping_free_above
    free = parcel.is_free or (limit is not None and parcel.value > money.minor(limit, parcel.currency))
    return 0 if free else cost


def _rates(methods: Sequence[Document], session: ClientSession | None) -> list[Document]:
    now = clock.now()
    rates = ShippingRate.collection().find({"shippingMethodId": {"$in": [m["_id"] for m in methods]}}, session=session)
    return [rate for rate in rates if _in_force(rate, now)]


def _in_force(rate: Document, now: Any) -> bool:
    opens, closes = rate.get("validFrom"), rate.get("validTo")
    return rate.get("isActive") is not False and not (opens and opens > now) and not (closes and closes <= now)
