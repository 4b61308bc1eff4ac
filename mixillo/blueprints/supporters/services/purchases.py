"""Buying credits: what a package costs this buyer, and the credits once it is paid."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.payments.models import CREDIT_PURCHASE
from mixillo.blueprints.payments.queries import history, payments
from mixillo.blueprints.payments.services import asking, purposes
from mixillo.blueprints.payments.services.purposes import Purpose
from mixillo.blueprints.supporters.queries import catalogue, standing
from mixillo.blueprints.supporters.queries.quotes import Quote, quote
from mixillo.blueprints.wallets.services import ledger, purchased
from mixillo.blueprints.wallets.services.ledger import Posted
from mixillo.core import money
from mixillo.errors import Conflict

Document = dict[str, Any]


class TierTooLow(Conflict):
    """The package is for higher tiers."""

    code, title = "tier_too_low", "This package is for higher tiers"


def quote_for(user_id: ObjectId, package_id: ObjectId) -> Document:
    """Return what a package costs a buyer, as the API shows it.

    :raises PackageNotFound: it is not on sale.
    :raises TierTooLow: it is for higher tiers.
    """
    package, offered, tier = _offer(user_id, package_id)
    return _view(package, offered, tier, is_first=not history.has_paid(user_id, CREDIT_PURCHASE))


def buy(user_id: ObjectId, package_id: ObjectId, method: str | None) -> Document:
    """Ask for the price of a package; return ``{payment, checkout, quote}``.

    :raises PackageNotFound: it is not on sale.
    :raises TierTooLow: it is for higher tiers.
    """
    package, offered, tier = _offer(user_id, package_id)
    what = package.get("displayName") or package["name"]
    payment, checkout = asking.ask(
        CREDIT_PURCHASE,
        user_id,
        offered.price,
        offered.currency,
        description=f"{what}: {offered.credits + offered.bonus:,} credits",
        metadata={
            "packageId": package["_id"],
            "packageName": what,
            "credits": offered.total(is_first=False),
            "firstTimeCredits": offered.first_time,
        },
        method=method,
    )
    is_first = not history.has_paid(user_id, CREDIT_PURCHASE)
    return {
        "payment": payments.view(payment),
        "checkout": checkout.as_dict(),
        "quote": _view(package, offered, tier, is_first=is_first),
    }


def _offer(user_id: ObjectId, package_id: ObjectId) -> tuple[Document, Quote, Document | None]:
    package = catalogue.package_on_sale(package_id)
    tier = standing.standing(user_id)["tier"]
    if (tier["tier"] if tier else 1) < package.get("minUserLevel", 1):
        raise TierTooLow(f"This package is for tier {package['minUserLevel']} and above.")
    return package, quote(package, tier), tier


def _view(package: Document, offered: Quote, tier: Document | None, *, is_first: bool) -> Document:
    return {
        "packageId": package["_id"],
        "price": {"amount": money.shown(offered.price, offered.currency), "currency": offered.currency},
        "discount": money.shown(offered.discount, offered.currency),
        "credits": offered.credits,
        "bonusCredits": offered.bonus,
        "tierBonus": offered.tier_bonus,
        "firstTimeBonus": offered.first_time if is_first else 0,
        "totalCredits": offered.total(is_first=is_first),
        "isFirstPurchase": is_first,
        "tier": tier["name"] if tier else None,
    }


def _fulfil(payment: Document, session: ClientSession) -> Posted:
    """Credit what was bought; the bonus of a first purchase is decided here, where only one can be the first.

    Two payments that come in at once both change the buyer's wallet, so that one of them is done again and sees the
    other.
    """
    bought = payment["metadata"]
    is_first = not history.has_paid(payment["userId"], CREDIT_PURCHASE, but=payment["_id"], session=session)
    amount = bought["credits"] + (bought["firstTimeCredits"] if is_first else 0)
    return purchased.credit(payment, amount, bought["packageName"], session)


def _announce(_payment: Document, posted: Posted | None) -> None:
    if posted:
        ledger.announce(posted)


purposes.register(Purpose(CREDIT_PURCHASE, fulfil=_fulfil, take_back=purchased.take_back, announce=_announce))
