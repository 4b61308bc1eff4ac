"""What a search engine does, whichever it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bson import ObjectId

RELEVANCE = "relevance"
# What a search counts and names at most: nobody reads on behind it.
MOST_COUNTED = 1_000
# Where the bands of prices begin; the last has no end.
BANDS = (0, 10, 25, 50, 100, 250, 500)
Document = dict[str, Any]
Place = list[Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody searches for: words in their one spelling, and what narrows the result down.

    ``categories`` are ids, prices units of the products' currencies. ``sort_by`` is ``relevance`` or one of
    ``price``, ``-price``, ``-rating``, ``-createdAt``.
    """

    words: tuple[str, ...]
    categories: tuple[ObjectId, ...] | None = None
    store_id: ObjectId | None = None
    seller_id: ObjectId | None = None
    min_price: float | None = None
    max_price: float | None = None
    min_rating: float | None = None
    in_stock: bool | None = None
    sort_by: str = RELEVANCE


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of ids in their order; ``place`` is where the next page begins, ``None`` on the last.

    ``matched`` are the words by which something was found, ``correction`` what was searched for in the place of a
    word that nothing has.
    """

    ids: list[ObjectId]
    place: Place | None
    matched: frozenset[str] = frozenset()
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How the first ``MOST_COUNTED`` hits spread: over categories, brands, and the bands of prices by their number."""

    total: int = 0
    categories: dict[ObjectId, int] = field(default_factory=dict)
    brands: dict[str, int] = field(default_factory=dict)
    bands: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """What of a product is searched. Its words are told apart by where they stand; each is where it weighs most."""

    id: ObjectId
    name: list[str]
    labels: list[str]
    text: list[str]
    fields: Document


class EngineDown(Exception):
    """The engine does not answer, or not as it should; the message is for the log."""


class Finder(Protocol):
    """Finds products by words."""

    name: str

    def search(self, wanted: Wanted, limit: int, skipped: int = 0, place: Place | None = None) -> Hits:
        """Return up to ``limit`` hits, the best first, behind ``place`` or behind the first ``skipped``."""

    def count(self, wanted: Wanted) -> Counts:
        """Return how the hits spread."""

    def complete(self, word: str, limit: int) -> list[str]:
        """Return words that begin with ``word``, the most used first."""


class SearchEngine(Finder, Protocol):
    """Finds products, and is told of them."""

    def put(self, entries: Iterable[Entry], gone: Iterable[ObjectId]) -> None:
        """Take in or replace ``entries``, and forget what is ``gone``."""

    def rebuild(self, entries: Iterable[list[Entry]]) -> int:
        """Hold exactly ``entries`` (in batches) from now on; return how many. Searches go on meanwhile."""

    def is_there(self) -> bool:
        """Return whether what was built is still there."""
