"""The catalogue: what can be given now, in the names of all clients."""

from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.blueprints.gifts.models import CATEGORY, CREATOR_EARNINGS_PERCENT, Gift
from mixillo.core import clock, money
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
# Projection and defaults in one: documents of the existing database lack fields that were added later. What counts
# gifts is not among them: a catalogue that changes with every gift sent could not be kept by anybody.
SHOWN: Document = {
    "name": "",
    "description": None,
    "price": 0,
    "currency": money.COINS,
    "icon": "",
    "animation": "none",
    "animationUrl": None,
    "category": CATEGORY,
    "rarity": "common",
    "isActive": True,
    "isFeatured": False,
    "isLimitedEdition": False,
    "availableFrom": None,
    "availableUntil": None,
    "creatorEarningsPercent": CREATOR_EARNINGS_PERCENT,
    "sortOrder": 0,
    "createdAt": None,
    "updatedAt": None,
}
FIELDS = dict.fromkeys(SHOWN, 1)
BY_ORDER = [("sortOrder", 1), ("_id", 1)]
BY_POPULARITY = [("popularity", -1), ("_id", -1)]
FILTERS = ("category", "rarity")


class GiftNotFound(NotFound):
    """There is no such gift, or none that is sold."""

    code, title = "gift_not_found", "There is no such gift"


def on_sale(query: Document) -> tuple[list[Document], Document]:
    """Return a page of what can be given now, in the order of the catalogue, and its ``pagination``."""
    found, pagination = paginate(
        Gift.collection(), {"isActive": True} | _asked_for(query), query, sort=BY_ORDER, projection=FIELDS,
        also=available_at(clock.now()),
    )  # fmt: skip
    return [view(gift) for gift in found], pagination


def popular(limit: int) -> list[Document]:
    """Return what was given most often among what can be given now."""
    return _first({}, BY_POPULARITY, limit)


def seasonal(limit: int) -> list[Document]:
    """Return what can be given now but not for ever: in its season, or of a limited edition."""
    bounded = [{"isLimitedEdition": True}, {"availableFrom": {"$ne": None}}, {"availableUntil": {"$ne": None}}]
    return _first({"$or": bounded}, BY_ORDER, limit)


def everything(query: Document) -> tuple[list[Document], Document]:
    """Return a page of all gifts, those not sold any more included, and its ``pagination``."""
    found, pagination = paginate(Gift.collection(), _asked_for(query), query, sort=BY_ORDER, projection=FIELDS)
    return [view(gift) for gift in found], pagination


def one(gift_id: ObjectId) -> Document:
    """Return a gift, also one that is not sold (any more): records of what was sent name it.

    :raises GiftNotFound: there is none of this id.
    """
    gift = Gift.collection().find_one({"_id": gift_id}, FIELDS)
    if gift is None:
        raise GiftNotFound
    return view(gift)


def available_at(moment: datetime) -> Document:
    """Return the filter of what is in its season at ``moment``."""
    return {
        "$and": [
            {"$or": [{"availableFrom": None}, {"availableFrom": {"$lte": moment}}]},
            {"$or": [{"availableUntil": None}, {"availableUntil": {"$gt": moment}}]},
        ]
    }


def view(gift: Document) -> Document:
    """Return a stored ``gift`` as the API shows it: under the stored names and those of the mobile app."""
    shown: Document = {name: gift.get(name, default) for name, default in SHOWN.items()}
    price = money.shown(money.minor(shown["price"], shown["currency"]), shown["currency"])
    return {
        "_id": gift["_id"],
        "id": gift["_id"],
        **shown,
        "price": price,
        "coinPrice": price,
        "imageUrl": shown["icon"],
        "active": shown["isActive"],
        "featured": shown["isFeatured"],
    }


def _asked_for(query: Document) -> Document:
    where: Document = {name: query[name] for name in FILTERS if name in query}
    prices = {operator: query[name] for operator, name in (("$gte", "minPrice"), ("$lte", "maxPrice")) if name in query}
    return where | ({"price": prices} if prices else {})


def _first(where: Document, sort: list[tuple[str, int]], limit: int) -> list[Document]:
    on_sale_now = {"$and": [{"isActive": True}, where, available_at(clock.now())]}
    return [view(gift) for gift in Gift.collection().find(on_sale_now, FIELDS, sort=sort, limit=limit)]
