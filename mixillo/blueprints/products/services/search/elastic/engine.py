"""The engine: asks, reads, loads; knows when Elasticsearch is down and leaves it alone then."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import structlog
from bson import ObjectId
from bson.errors import InvalidId
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, NotFoundError
from elasticsearch.helpers import streaming_bulk

from mixillo.blueprints.products.services.search.circuit import Circuit
from mixillo.blueprints.products.services.search.elastic import asking, reading
from mixillo.blueprints.products.services.search.elastic.index import MAPPINGS, SETTINGS, document
from mixillo.blueprints.products.services.search.engine import (
    Counts,
    Document,
    EngineDown,
    Entry,
    Hits,
    Place,
    Wanted,
)
from mixillo.config import Settings
from mixillo.core import clock

log = structlog.get_logger(__name__)
NAME = "elasticsearch"
# Whoever searches waits so long for an answer, at the first failure; who loads has time.
SECONDS, SECONDS_TO_LOAD = 1.0, 30.0
MOST_CANDIDATES = 50
NOT_THERE, BAD_QUESTION = 404, 400
Result = TypeVar("Result")


def engine(settings: Settings, database_name: str) -> "ElasticEngine":
    """Return the engine at ``settings.elasticsearch_url``; its index is called after the database."""
    # It tells of each request; ours are counted already.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    client = Elasticsearch(
        settings.elasticsearch_url,
        api_key=settings.elasticsearch_api_key or None,
        request_timeout=SECONDS,
        max_retries=0,
    )
    return ElasticEngine(client, f"{database_name.lower()}-products", Circuit())


class ElasticEngine:
    """Products in the index behind ``alias``. Every method raises :class:`EngineDown` where it does not answer."""

    name = NAME

    def __init__(self, client: Elasticsearch, alias: str, circuit: Circuit) -> None:
        self._client = client
        self._loading = client.options(request_timeout=SECONDS_TO_LOAD)
        self._alias = alias
        self._circuit = circuit

    def search(self, wanted: Wanted, limit: int, skipped: int = 0, place: Place | None = None) -> Hits:
        """Return up to ``limit`` hits, the best first, behind ``place`` or behind the first ``skipped``."""
        mode, *behind = place or [None]
        hits = Hits([], None)
        for each in [mode] if mode else asking.modes(wanted):
            asked = asking.page(wanted, each, limit, skipped, behind or None)
            hits = self._search(asked, partial(reading.hits, wanted=wanted, mode=each, limit=limit))
            if hits.ids:
                break
        return hits

    def count(self, wanted: Wanted) -> Counts:
        """Return how the hits spread."""
        counts = Counts()
        for mode in asking.modes(wanted):
            counts = self._search(asking.counts(wanted, mode), reading.counts)
            if counts.total:
                break
        return counts

    def complete(self, word: str, limit: int) -> list[str]:
        """Return words that begin with ``word``, the most used first."""
        candidates = self._do(
            lambda: self._client.terms_enum(index=self._alias, field="words", string=word, size=MOST_CANDIDATES)[
                "terms"
            ]
        )
        longer = [each for each in candidates if each != word]
        return self._search(asking.usage(longer), reading.by_usage)[:limit] if longer else []

    def put(self, entries: Iterable[Entry], gone: Iterable[ObjectId]) -> None:
        """Take in or replace ``entries``, and forget what is ``gone``."""
        actions = [*map(_indexing, entries), *({"_op_type": "delete", "_id": str(each)} for each in gone)]
        self._do(lambda: self._load(actions, self._alias, require_alias=True))

    def rebuild(self, entries: Iterable[list[Entry]]) -> int:
        """Load ``entries`` into an index of their own, and put it in the place of the one before; return how many."""
        fresh = f"{self._alias}-{clock.now():%Y%m%d%H%M%S%f}"
        self._do(lambda: self._loading.indices.create(index=fresh, mappings=MAPPINGS, settings=SETTINGS))
        try:
            return self._do(lambda: self._replace(fresh, entries))
        except BaseException:
            self._drop([fresh])
            raise

    def is_there(self) -> bool:
        """Return whether there is an index to search in."""
        return bool(self._do(lambda: self._client.indices.exists_alias(name=self._alias)))

    def _search(self, asked: Document, read: Callable[[Any], Result]) -> Result:
        """Return what ``read`` makes of the answer to a search; an answer of another shape is none."""

        def ask() -> Result:
            # Half an answer would pass for a whole one. The same copy always: equal hits in one order.
            options: Document = {"allow_partial_search_results": False, "preference": "mixillo"}
            answer = self._client.search(index=self._alias, **options, **asked)
            try:
                return read(answer)
            except (LookupError, TypeError, ValueError, InvalidId) as error:
                raise TransportError(f"unreadable: {error!r}") from error

        return self._do(ask)

    def _replace(self, fresh: str, entries: Iterable[list[Entry]]) -> int:
        count = self._load((_indexing(each) for batch in entries for each in batch), fresh)
        self._loading.indices.refresh(index=fresh)
        try:
            before = list(self._loading.indices.get_alias(name=self._alias))
        except NotFoundError:
            before = []
        removed = [{"remove": {"index": each, "alias": self._alias}} for each in before]
        self._loading.indices.update_aliases(actions=[*removed, {"add": {"index": fresh, "alias": self._alias}}])
        self._drop(before)
        return count

    def _load(self, actions: Iterable[Document], index: str, **options: Any) -> int:
        """Send ``actions`` in bulk and return how many there were.

        :raises EngineDown: some were not taken.
        """
        count = 0
        for is_ok, result in streaming_bulk(self._loading, actions, index=index, raise_on_error=False, **options):
            (done,) = result.values()
            if not is_ok and not ("delete" in result and done["status"] == NOT_THERE):
                raise EngineDown(f"an entry was not taken: {done['status']}")
            count += 1
        return count

    def _drop(self, indices: list[str]) -> None:
        """Delete ``indices``; one that stays takes room and does no harm."""
        try:
            if indices:
                self._loading.indices.delete(index=indices, ignore_unavailable=True)
        except (TransportError, ApiError) as error:
            log.warning("search_index_not_deleted", indices=indices, error=type(error).__name__)

    def _do(self, ask: Callable[[], Result]) -> Result:
        """Return ``ask()``.

        :raises EngineDown: the server did not answer lately, or does not now, or not as it should.
        """
        if not self._circuit.lets_through():
            raise EngineDown("it did not answer some seconds ago")
        try:
            result = ask()
        except (TransportError, ApiError) as error:
            status = error.status_code if isinstance(error, ApiError) else None
            if status != BAD_QUESTION:  # it answers; there is something wrong with this question alone
                self._circuit.failed()
            raise EngineDown(f"{type(error).__name__} {status or ''}".strip()) from error
        self._circuit.succeeded()
        return result


def _indexing(each: Entry) -> Document:
    return {"_op_type": "index", "_id": str(each.id), **document(each)}
