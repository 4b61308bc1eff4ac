"""Something to give, and coins to buy, where an empty database has neither.

Coins themselves are bought like anywhere: a package by the public API, paid in the sandbox, booked by the ledger.
"""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.coins.models import CoinPackage
from mixillo.blueprints.gifts.models import Gift
from mixillo.core import money
from mixillo.core.db import BaseDocument

# Their ids are always the same, so that two windows that begin at once make them once.
GIFTS: tuple[Gift, ...] = tuple(
    Gift(
        id=ObjectId(f"{0xDE30:04x}{number:020x}"), name=name, icon=icon, price=price, sortOrder=number,
        description="Made for the live demo.", animation=animation,
    )
    for number, (name, icon, price, animation) in enumerate(
        (("Rose", "🌹", 10, "float"), ("Coffee", "☕", 25, "float"), ("Fireworks", "🎆", 100, "fireworks"),
         ("Castle", "🏰", 500, "confetti")),
        start=1,
    )
)  # fmt: skip
COINS = CoinPackage(
    id=ObjectId(f"{0xDE30:04x}{0:020x}"), name="500 demo coins", coins=500, price=money.stored(499, "USD"),
    description="Made for the live demo; paid in the sandbox.",
)  # fmt: skip


def stock() -> dict[str, int]:
    """Put gifts and a coin package on shelves that are empty; return how many of each were made."""
    return {
        "gifts": _fill(Gift, GIFTS),
        "packages": _fill(CoinPackage, (COINS,)),
    }


def _fill(model: type[BaseDocument], things: tuple[Any, ...]) -> int:
    shelf = model.collection()
    if shelf.find_one({"isActive": True}, {"_id": 1}):
        return 0
    made = 0
    for thing in things:
        document = thing.to_mongo().to_dict()
        done = shelf.update_one({"_id": document.pop("_id")}, {"$setOnInsert": document}, upsert=True)
        made += done.upserted_id is not None
    return made
