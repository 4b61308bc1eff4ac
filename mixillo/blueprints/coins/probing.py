"""What the probe's own accounts are about to pay for, so that all that can be done with a payment can be tried."""

from datetime import timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.payments.models import COIN_PURCHASE, Payment
from mixillo.blueprints.payments.services import asking
from mixillo.blueprints.payments.services.providers.sandbox import Sandbox
from mixillo.core import clock, money
from mixillo.ops.probes import accounts

COINS, PRICE, CURRENCY = 100, 9_99, "USD"
TIME_TO_PAY = timedelta(hours=1)


def connect() -> None:
    """Let the probe's accounts be about to pay from now on."""
    accounts.provisioned.connect(_offer)


def _offer(_sender: Any, *, user_id: ObjectId) -> None:
    """Ask an account, in the sandbox, to pay for some coins."""
    payment = Payment(
        id=ObjectId(),
        userId=user_id,
        type=COIN_PURCHASE,
        amount=money.stored(PRICE, CURRENCY),
        currency=CURRENCY,
        description="For probing",
        metadata={"packageName": "For probing", "coins": COINS, "bonusCoins": 0},
        expiresAt=clock.now() + TIME_TO_PAY,
    )
    asking.ask_at(Sandbox("", "", _tell_nobody), payment)


def _tell_nobody(*_told: Any) -> None:
    """What is asked for here is told of by the server that is probed."""
