"""What is done about stores by itself: their figures follow their products, their products follow their status."""

from datetime import timedelta
from typing import Any

from flask import Flask
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.stores.models import Store
from mixillo.blueprints.stores.queries import figures
from mixillo.blueprints.stores.services import closing
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.ops import upkeep

COLLECTION, FIGURES = "storeupkeep", "figures"
EVERY = timedelta(minutes=5)
Document = dict[str, Any]


def init_app(app: Flask) -> None:
    """Look once a minute."""
    upkeep.every(app, upkeep.MINUTE, "stores", look_after)


def look_after() -> None:
    """Put products right that did not follow their store, and the figures of all stores if that is due."""
    closing.align()
    if _is_due():
        refresh()


def refresh() -> int:
    """Write the figures of all stores anew; return how many stores had others."""
    counted = figures.of_products()
    stored = Store.collection().find({}, list(figures.NONE))
    changes = [
        UpdateOne({"_id": store["_id"]}, {"$set": found})
        for store in stored
        if (found := counted.get(store["_id"], figures.NONE)) != {name: store.get(name) for name in figures.NONE}
    ]
    return Store.collection().bulk_write(changes, ordered=False).modified_count if changes else 0


def _is_due() -> bool:
    """Claim to refresh the figures; one instance does, every few minutes."""
    now = clock.now()
    claim = {"_id": FIGURES, "at": {"$lt": now - EVERY}}
    try:
        claimed = ops_database()[COLLECTION].update_one(claim, {"$set": {"at": now}}, upsert=True)
    except DuplicateKeyError:  # another did, less than that ago
        return False
    return bool(claimed.modified_count or claimed.upserted_id)
