"""Paying out earned coins: a withdrawal at a rate, for an administrator to approve or reject."""

from decimal import ROUND_DOWN, Decimal
from typing import Any

from bson import ObjectId
from flask import current_app

from mixillo.blueprints.wallets.queries import withdrawals as shown
from mixillo.blueprints.wallets.services import ledger, withdrawals
from mixillo.core import money
from mixillo.core.idempotency import operation_id
from mixillo.errors import ValidationFailed

Document = dict[str, Any]
CURRENCY = "USD"
METHOD = "conversion"


def rate() -> Decimal:
    """Return what one earned coin is worth, in units of :data:`CURRENCY`."""
    value: Decimal = current_app.config["SETTINGS"].coin_value
    return value


def worth(coins: int) -> int:
    """Return what ``coins`` are paid out with, in minor units of :data:`CURRENCY`; parts of one stay with the house."""
    exact = (coins * rate()).scaleb(money.EXPONENTS[CURRENCY])
    return int(exact.to_integral_value(rounding=ROUND_DOWN))


def convert(user_id: ObjectId, coins: int, account_details: Document) -> Document:
    """Set earned coins aside to be paid out, and return the withdrawal that waits for a decision.

    :raises ValidationFailed: it is worth nothing.
    :raises InsufficientFunds: there are not so many.
    :raises NotEarned: there are, but they were not earned.
    :raises WalletFrozen: the wallet is frozen.
    """
    if not (paid := worth(coins)):
        raise ValidationFailed.of("coins", "That is less than the smallest amount that can be paid out.")
    held = withdrawals.request(
        ledger.user(user_id),
        coins,
        method=METHOD,
        account_details=account_details,
        operation_id=operation_id(),
        payout={"amount": money.shown(paid, CURRENCY), "currency": CURRENCY, "rate": float(rate())},
    )
    return shown.views([held])[0]
