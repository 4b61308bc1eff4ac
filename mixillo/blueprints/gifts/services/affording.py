"""Whether somebody can afford a gift, asked before it is sent."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.gifts.services.pricing import price_of
from mixillo.blueprints.gifts.services.sending import gift_on_sale
from mixillo.blueprints.wallets.models import Wallet
from mixillo.blueprints.wallets.services.ledger.changing import available
from mixillo.core import money

FIELDS = ["balance", "pending", "isLocked"]


def check(user_id: ObjectId, gift_id: ObjectId, quantity: int) -> dict[str, Any]:
    """Return ``{canAfford, balance, available, cost}`` in coins; from a frozen wallet nothing can be paid.

    :raises GiftNotFound: there is no such gift on sale.
    :raises GiftNotAvailable: it cannot be given now.
    """
    cost = price_of(gift_on_sale(gift_id), quantity).total
    wallet = Wallet.collection().find_one({"userId": user_id, "currency": money.COINS}, FIELDS) or {}
    free = available(wallet, money.COINS)
    return {
        "canAfford": free >= cost and not wallet.get("isLocked"),
        "balance": money.minor(wallet.get("balance"), money.COINS),
        "available": free,
        "cost": cost,
    }
