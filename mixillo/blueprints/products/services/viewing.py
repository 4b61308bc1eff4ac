"""Counting who looks at products: once per person, product and day, and beside the answers.

A look is noted in memory and counted some seconds later. Whoever has looked today is known by a digest that nobody can
turn back into a person, and that is forgotten after the day: the address of somebody who is not signed in never reaches
the database. A process that is killed loses the looks of its last seconds.
"""

import hashlib
import hmac
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import structlog
from bson import Binary, ObjectId
from flask import Flask, current_app
from pymongo import UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError

from mixillo.blueprints.products.models import Product
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.ratelimits import caller
from mixillo.ops import metrics

log = structlog.get_logger(__name__)
EXTENSION, COLLECTION = "product_views", "productviews"
DUPLICATE = 11_000
# Beyond that many between two counts the rest is not counted; memory is not for sale.
MOST_WAITING = 50_000
KEPT = timedelta(days=2)


class Looks:
    """Looks that wait to be counted: the digest of who, what and when, and the product."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, ObjectId] = {}
        self._lock = threading.Lock()

    def note(self, digest: bytes, product_id: ObjectId) -> None:
        """Remember a look."""
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[digest] = product_id

    def count(self) -> int:
        """Count what waits into the products and return how many looks were new today."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        new = _unseen(waiting) if waiting else {}
        if new:
            steps = [
                UpdateOne({"_id": product}, {"$inc": {"viewsCount": n}}) for product, n in Counter(new.values()).items()
            ]
            products = Product.collection().with_options(write_concern=WriteConcern(w=1, j=False))
            products.bulk_write(steps, ordered=False)
        return len(new)


def init_app(app: Flask) -> None:
    """Count what was looked at after each flush of the metrics of ``app``."""
    looks = app.extensions[EXTENSION] = Looks()

    def count() -> None:
        try:
            looks.count()
        except Exception as error:  # these looks are lost, which harms nobody
            log.warning("product_views_lost", error=type(error).__name__)

    metrics.flusher_of(app).afterwards.append(count)


def looks_of(app: Flask) -> Looks:
    """Return what was looked at in ``app``."""
    looks: Looks = app.extensions[EXTENSION]
    return looks


def note(product_id: ObjectId) -> None:
    """Remember that whoever makes this request looks at a product."""
    seen = f"{clock.now():%Y-%m-%d} {product_id} {caller()}".encode()
    digest = hmac.digest(current_app.config["CURSOR_KEY"], seen, hashlib.sha256)[:16]
    looks_of(current_app).note(digest, product_id)


def _unseen(waiting: dict[bytes, ObjectId]) -> dict[bytes, ObjectId]:
    """Return those that were not counted today, and take note of them."""
    expires = clock.now() + KEPT
    documents: list[dict[str, Any]] = [{"_id": Binary(digest), "expiresAt": expires} for digest in waiting]
    try:
        ops_database()[COLLECTION].insert_many(documents, ordered=False)
    except BulkWriteError as error:
        failed = error.details["writeErrors"]
        if any(each["code"] != DUPLICATE for each in failed):
            raise
        seen = {bytes(documents[each["index"]]["_id"]) for each in failed}
        return {digest: product for digest, product in waiting.items() if digest not in seen}
    return waiting
