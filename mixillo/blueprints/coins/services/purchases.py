"""Buying coins: a payment, and the coins once its provider says that it was paid."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.coins.queries import packages
from mixillo.blueprints.payments.models import COIN_PURCHASE
from mixillo.blueprints.payments.services import asking, purposes
from mixillo.blueprints.payments.services.providers import Checkout
from mixillo.blueprints.payments.services.purposes import Purpose
from mixillo.blueprints.wallets.services import ledger, purchased
from mixillo.blueprints.wallets.services.ledger import Posted
from mixillo.core import money

Document = dict[str, Any]


def buy(user_id: ObjectId, package_id: ObjectId, method: str | None) -> tuple[Document, Checkout]:
    """Ask a user to pay for a package; return the pending payment and where to pay it.

    :raises PackageNotFound: it is not for sale.
    :raises PaymentsUnavailable: there is no payment provider, or it does not answer.
    """
    return _ask(user_id, packages.one_on_sale(package_id), method)


def buy_coins(user_id: ObjectId, coins: int, method: str | None) -> tuple[Document, Checkout]:
    """Ask a user to pay for the first package of just so many coins; otherwise like :func:`buy`."""
    return _ask(user_id, packages.first_of(coins), method)


def _ask(user_id: ObjectId, package: Document, method: str | None) -> tuple[Document, Checkout]:
    shown = packages.view(package)
    bought = {
        packages.KEY: package["_id"],
        "packageName": shown["name"],
        "coins": shown["coins"],
        "bonusCoins": shown["bonusCoins"],
    }
    return asking.ask(
        COIN_PURCHASE,
        user_id,
        money.minor(package["price"], shown["currency"]),
        shown["currency"],
        description=f"Purchase of {shown['name']}",
        metadata=bought,
        method=method,
    )


def _credit(payment: Document, session: ClientSession) -> Posted:
    """Issue the coins and the bonus, as they were when they were bought."""
    bought = payment["metadata"]
    return purchased.credit(payment, bought["coins"] + bought["bonusCoins"], payment["description"], session)


def _tell(_payment: Document, posted: Posted | None) -> None:
    if posted:
        ledger.announce(posted)


purposes.register(Purpose(COIN_PURCHASE, fulfil=_credit, take_back=purchased.take_back, announce=_tell))
