"""What is done about orders by itself: those that nobody pays are given up, and due refunds are asked for."""

from flask import Flask

from mixillo.blueprints.orders.services import expiring, refunding
from mixillo.ops import upkeep


def init_app(app: Flask) -> None:
    """Look once a minute."""
    upkeep.every(app, upkeep.MINUTE, "orders", look_after)


def look_after() -> tuple[int, int]:
    """Do it now; return how many orders expired, and of how many refunds were asked for."""
    return expiring.expire(), refunding.ask_for_due()
