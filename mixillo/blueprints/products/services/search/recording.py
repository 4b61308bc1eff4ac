"""What people search for, written down some seconds later: the answer does not wait for it."""

import threading
from typing import Any

import structlog
from bson import ObjectId
from flask import Flask

from mixillo.blueprints.products.models import SearchQuery
from mixillo.core import clock
from mixillo.ops import metrics

log = structlog.get_logger(__name__)
EXTENSION = "product_search_terms"
MOST_WAITING = 5_000


class Terms:
    """Terms that wait to be written down."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def note(self, text: str, results: int, user_id: ObjectId | None) -> None:
        """Remember that somebody searched for ``text`` and how much there was."""
        term = {
            "query": text,
            "type": "products",
            "resultsCount": results,
            "clickedResults": [],
            "timestamp": clock.now(),
        }
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(term | ({"userId": user_id} if user_id else {}))

    def write(self) -> int:
        """Write down what waits and return how much that was."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if waiting:
            SearchQuery.collection().insert_many(waiting, ordered=False)
        return len(waiting)


def init_app(app: Flask) -> None:
    """Write down what was searched for after each flush of the metrics of ``app``."""
    terms = app.extensions[EXTENSION] = Terms()

    def write() -> None:
        try:
            terms.write()
        except Exception as error:  # these are lost, which harms nobody
            log.warning("search_terms_lost", error=type(error).__name__)

    metrics.flusher_of(app).afterwards.append(write)


def terms_of(app: Flask) -> Terms:
    """Return the terms of ``app``."""
    terms: Terms = app.extensions[EXTENSION]
    return terms
