"""Asking one engine, and the other while the first is down."""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog

from mixillo.blueprints.products.services.search.engine import Counts, EngineDown, Finder, Hits, Place, Wanted

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")


class Preferring:
    """Asks ``first`` where it is ready and answers, else ``other``.

    A place is ``[engine, hits before it, *place of that engine]``. Behind a place of an engine that does not answer any
    more, the other goes on behind as many hits as were shown: in its own order, so that some may come twice or not.
    """

    def __init__(self, first: Finder, other: Finder, is_ready: Callable[[], bool]) -> None:
        self.first, self.other = first, other
        self.name = f"{first.name}, {other.name}"
        self._is_ready = is_ready

    def search(self, wanted: Wanted, limit: int, skipped: int = 0, place: Place | None = None) -> Hits:
        """Return up to ``limit`` hits, the best first, behind ``place`` or behind the first ``skipped``."""
        return self._ask(lambda engine: _searched(engine, wanted, limit, skipped, place))

    def count(self, wanted: Wanted) -> Counts:
        """Return how the hits spread."""
        return self._ask(lambda engine: engine.count(wanted))

    def complete(self, word: str, limit: int) -> list[str]:
        """Return words that begin with ``word``, the most used first."""
        return self._ask(lambda engine: engine.complete(word, limit))

    def _ask(self, ask: Callable[[Finder], Answer]) -> Answer:
        if self._is_ready():
            try:
                return ask(self.first)
            except EngineDown as error:
                log.warning("search_falls_back", engine=self.first.name, instead=self.other.name, reason=str(error))
        return ask(self.other)


def _searched(engine: Finder, wanted: Wanted, limit: int, skipped: int, place: Place | None) -> Hits:
    own: list[Any] | None = None
    if place:
        name, skipped, *behind = place
        own = behind if name == engine.name else None
    hits = engine.search(wanted, limit, 0 if own else skipped, own)
    seen = skipped + len(hits.ids)
    going_on = None if hits.place is None else [engine.name, seen, *hits.place]
    return Hits(hits.ids, going_on, hits.matched, hits.correction)
