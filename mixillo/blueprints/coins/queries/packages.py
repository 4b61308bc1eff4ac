"""Coin packages: those on sale, and all of them with what they brought."""

from datetime import timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.coins.models import CoinPackage
from mixillo.blueprints.payments.models import COIN_PURCHASE
from mixillo.blueprints.payments.queries import payments
from mixillo.core import clock, money
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
IN_ORDER = [("sortOrder", 1), ("_id", 1)]
MOST_ON_SALE = 100
TOP = 5
MONTH = timedelta(days=30)
MAIN_CURRENCY = "USD"
KEY = "packageId"  # in the metadata of payments
# Projection and defaults in one: documents of the existing system lack what was added later.
SHOWN: Document = {
    "name": "",
    "description": None,
    "imageUrl": None,
    "coins": 0,
    "bonusCoins": 0,
    "currency": "USD",
    "discountPercentage": 0,
    "isPopular": False,
    "isBestValue": False,
    "isActive": True,
    "sortOrder": 0,
    "validUntil": None,
    "createdAt": None,
    "updatedAt": None,
}
FIELDS = dict.fromkeys((*SHOWN, "price"), 1)
NO_SALES = {"purchaseCount": 0, "revenue": 0.0}


class PackageNotFound(NotFound):
    """There is no such package, or it is not for sale."""

    code, title = "coin_package_not_found", "There is no such coin package"


def on_sale(*, featured: bool = False) -> list[Document]:
    """Return the packages that are for sale, in order; ``featured`` are the popular ones and the best value."""
    where = _for_sale()
    if featured:
        where["$or"] = [{"isPopular": True}, {"isBestValue": True}]
    found = CoinPackage.collection().find(where, FIELDS, sort=IN_ORDER, limit=MOST_ON_SALE)
    return [view(package) for package in found]


def one_on_sale(package_id: ObjectId) -> Document:
    """Return the document of a package that is for sale.

    :raises PackageNotFound: there is none of this id.
    """
    return _there(CoinPackage.collection().find_one(_for_sale() | {"_id": package_id}, FIELDS))


def first_of(coins: int) -> Document:
    """Return the document of the first package for sale with just so many coins, the bonus aside.

    :raises PackageNotFound: there is none.
    """
    return _there(CoinPackage.collection().find_one(_for_sale() | {"coins": coins}, FIELDS, sort=IN_ORDER))


def _there(found: Document | None) -> Document:
    if found is None:
        raise PackageNotFound
    return found


def view(package: Document) -> Document:
    """Return what everybody is shown of a stored package, under the names of both generations of clients."""
    shown: Document = {name: package.get(name, default) for name, default in SHOWN.items()}
    return {
        "_id": package["_id"],
        "id": package["_id"],
        **shown,
        "price": money.shown(money.minor(package.get("price"), shown["currency"]), shown["currency"]),
        "totalCoins": shown["coins"] + shown["bonusCoins"],
        "coinAmount": shown["coins"],
        "popular": shown["isPopular"],
        "active": shown["isActive"],
        "isLimitedTime": shown["validUntil"] is not None,
    }


def everything(query: Document) -> tuple[list[Document], Document]:
    """Return a page of all packages with ``purchaseCount`` and ``revenue``; ``status`` filters."""
    where: Document = {"deletedAt": None}
    if "status" in query:
        where["isActive"] = query["status"] == "active"
    found, pagination = paginate(CoinPackage.collection(), where, query, sort=IN_ORDER, projection=FIELDS)
    return with_sales(found), pagination


def with_sales(found: list[Document]) -> list[Document]:
    """Return stored packages as administrators see them."""
    these = {"$in": [package["_id"] for package in found]}
    sold = _by_package(payments.sales(COIN_PURCHASE, KEY, **{f"metadata.{KEY}": these}))
    return [view(package) | sold.get(package["_id"], NO_SALES) for package in found]


def was_bought(package_id: ObjectId, session: Any = None) -> bool:
    """Return whether somebody has paid for a package, or is about to."""
    return payments.exists(COIN_PURCHASE, KEY, package_id, session)


def statistics() -> Document:
    """Return what all packages brought, from the payments; what was given back is taken off.

    ``totalRevenue`` and ``revenueLastMonth`` (30 days) are what came in dollars; ``revenue`` has every currency.
    """
    sales = payments.sales(COIN_PURCHASE, KEY)
    recent = payments.sales(COIN_PURCHASE, KEY, completedAt={"$gte": clock.now() - MONTH})
    revenue, top = _by_currency(sales), _top(_by_package(sales))
    return {
        "totalPackages": CoinPackage.collection().count_documents({"deletedAt": None}),
        "activePackages": CoinPackage.collection().count_documents({"deletedAt": None, "isActive": True}),
        "totalPurchases": sum(sale["count"] for sale in sales),
        "totalTransactions": payments.count(COIN_PURCHASE),
        "revenue": revenue,
        "totalRevenue": revenue.get(MAIN_CURRENCY, 0.0),
        "revenueLastMonth": _by_currency(recent).get(MAIN_CURRENCY, 0.0),
        "topPackages": top,
        "popularPackage": top[0]["name"] if top else None,
    }


def _for_sale() -> Document:
    over = {"$lte": clock.now()}  # which neither no date is nor one to come
    return {"isActive": True, "deletedAt": None, "validUntil": {"$not": over}}


def _top(sold: dict[ObjectId, Document]) -> list[Document]:
    """Return the packages that were bought most often."""
    most = sorted(sold, key=lambda each: sold[each]["purchaseCount"], reverse=True)[:TOP]
    names = {each["_id"]: each["name"] for each in CoinPackage.collection().find({"_id": {"$in": most}}, ["name"])}
    return [{"_id": each, "name": names[each], **sold[each]} for each in most if each in names]


def _by_package(sales: list[Document]) -> dict[ObjectId, Document]:
    found: dict[ObjectId, Document] = {}
    for sale in sales:
        known = found.setdefault(sale["_id"]["item"], dict(NO_SALES))
        known["purchaseCount"] += sale["count"]
        known["revenue"] = round(known["revenue"] + _net(sale), 2)
    return found


def _by_currency(sales: list[Document]) -> dict[str, float]:
    found: dict[str, float] = {}
    for sale in sales:
        currency = sale["_id"]["currency"]
        found[currency] = round(found.get(currency, 0.0) + _net(sale), 2)
    return found


def _net(sale: Document) -> float:
    currency = sale["_id"]["currency"]
    net = money.minor(sale["amount"], currency) - money.minor(sale["refunded"], currency)
    return float(money.shown(net, currency))
