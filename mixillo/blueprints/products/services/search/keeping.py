"""Keeping a search engine in step with the products.

What this process changes is put at once. What others change (another instance, the existing system, a dataset) is read
from the change stream of the products every few seconds, from where it was left: the place is kept in the database, so
that nothing is missed between two processes. Where the place is lost, everything is put anew.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

import pymongo
import structlog
from bson import ObjectId
from flask import Flask
from pymongo.errors import OperationFailure

from mixillo.blueprints.products.models import ON_SALE, Product
from mixillo.blueprints.products.services import selling
from mixillo.blueprints.products.services.search.engine import EngineDown, Entry, Finder, SearchEngine
from mixillo.blueprints.products.services.search.entries import READ, entry
from mixillo.blueprints.products.services.search.mongo import MongoEngine
from mixillo.blueprints.products.services.search.preferring import Preferring
from mixillo.config import ConfigError, Settings
from mixillo.core import clock
from mixillo.core.db import database_name, ops_database
from mixillo.errors import ServiceUnavailable
from mixillo.extensions import socketio
from mixillo.ops import metrics
from mixillo.ops.locks import Lock, Told, held

log = structlog.get_logger(__name__)
EXTENSION, COLLECTION, STATE = "product_search", "searchstate", "products"
KEEPERS = f"{EXTENSION}_keepers"
ELASTICSEARCH = "mixillo.blueprints.products.services.search.elastic.engine"
# Another number builds anew: entries look otherwise.
VERSION = 1
# Small enough that others get their turn in between: words are cut in this process.
BATCH = 100
MOST_CHANGES_AT_ONCE = 20_000
# As long as nobody has built it, so many products are put while the first search waits.
FEW = 5_000
WAIT_MS = 50
# The server looks through all that was written meanwhile, hundreds of megabytes by a rebuild. Nobody waits for it.
FOLLOWING_SECONDS = 60.0
# Views and sums change often and move nothing by themselves; they are taken along with the next other change.
QUIET = ("viewsCount", "totalRevenue", "updatedAt")
Document = dict[str, Any]


class SearchNotReady(ServiceUnavailable):
    """The products are being put into the search for the first time."""

    code, title = "search_not_ready", "The search is being prepared"


class Keeper:
    """Keeps ``engine`` in step with the products of ``app``; ``state`` names where it is kept how far it is."""

    def __init__(self, app: Flask, engine: SearchEngine, state: str = STATE) -> None:
        self.engine = engine
        self._state_id = state
        self._app = app
        self._built = False
        self._lock = threading.Lock()

    def put(self, product_ids: Iterable[ObjectId]) -> None:
        """Take over the present state of these products, also that they are not on sale any more."""
        ids = list(product_ids)
        for first in range(0, len(ids), BATCH):
            batch = ids[first : first + BATCH]
            found = list(Product.collection().find({"_id": {"$in": batch}} | ON_SALE, READ))
            on_sale = {product["_id"] for product in found}
            self.engine.put([entry(product) for product in found], [each for each in batch if each not in on_sale])

    def ensure(self) -> None:
        """Make sure that there is something to search in.

        :raises SearchNotReady: that takes longer than a request may; it is being done.
        """
        if self.is_built():
            return
        if Product.collection().estimated_document_count() > FEW:
            socketio.start_background_task(self.catch_up_quietly)
            raise SearchNotReady
        self.catch_up()
        if not self.is_built():  # another process is at it
            raise SearchNotReady

    def catch_up(self) -> int:
        """Take over what was changed since the last time, or everything at the first; return how many products.

        One process does it at a time; another returns at once.
        """
        with self._lock, self._app.app_context():
            lock = Lock(ops_database(), self._lock_name)
            if not lock.attempt():
                return 0
            try:
                return self._follow() if self.is_built() and self.engine.is_there() else self._rebuild()
            finally:
                lock.release()

    def catch_up_quietly(self) -> None:
        """Catch up; what fails is logged and tried again the next time."""
        try:
            self.catch_up()
        except EngineDown as error:
            log.warning("search_engine_down", engine=self.engine.name, reason=str(error))
        except Exception as error:
            log.warning("search_not_in_step", exc_info=error)

    def rebuild(self, put: Callable[[int], Any] = lambda _: None, on_wait: Told | None = None) -> int:
        """Put all products anew and return how many; ``put`` is told of each batch how many it holds.

        What was changed meanwhile is taken over at once. ``on_wait`` is told who is at work already, and waited for.
        """
        with self._app.app_context(), held(ops_database(), self._lock_name, on_wait):
            count = self._rebuild(put)
        self.catch_up_quietly()
        return count

    def is_built(self) -> bool:
        """Return whether all products were put once."""
        if not self._built:
            state = _state().find_one({"_id": self._state_id}, {"version": 1}) or {}
            self._built = state.get("version") == VERSION
        return self._built

    @property
    def _lock_name(self) -> str:
        return f"search.{self._state_id}"

    def _rebuild(self, put: Callable[[int], Any] = lambda _: None) -> int:
        _, token = _changes(None)
        count = self.engine.rebuild(_batches(put))
        built = {"version": VERSION, "token": token, "builtAt": clock.now()}
        _state().update_one({"_id": self._state_id}, {"$set": built}, upsert=True)
        self._built = True
        return count

    def _follow(self) -> int:
        state = _state().find_one({"_id": self._state_id}) or {}
        try:
            ids, token = _changes(state.get("token"))
        except OperationFailure as error:  # the place is too old, or none of this server's
            if error.timeout:
                raise
            log.warning("search_lost_its_place", code=error.code)
            return self._rebuild()
        self.put(ids)
        if token != state.get("token"):
            # Unless everything was put anew meanwhile, which is further on.
            _state().update_one({"_id": self._state_id, "token": state.get("token")}, {"$set": {"token": token}})
        return len(ids)


def init_app(app: Flask, settings: Settings) -> None:
    """Keep the search of ``app`` in step: at once with what it changes itself, after each flush with the rest.

    With an address of Elasticsearch, that is kept in step too, on its own, and asked first.
    """
    keepers = [Keeper(app, MongoEngine())]
    if settings.elasticsearch_url:
        engine = _elasticsearch(settings)
        keepers.append(Keeper(app, engine, f"{STATE}.{engine.name}"))
    app.extensions[EXTENSION], app.extensions[KEEPERS] = keepers[0], keepers
    app.extensions[f"{EXTENSION}_listeners"] = [_listen(keeper) for keeper in keepers]  # the signal does not keep them
    for keeper in keepers:
        metrics.flusher_of(app).afterwards.append(keeper.catch_up_quietly)


def keeper_of(app: Flask) -> Keeper:
    """Return what keeps the search of ``app`` in MongoDB in step."""
    keeper: Keeper = app.extensions[EXTENSION]
    return keeper


def keepers_of(app: Flask) -> list[Keeper]:
    """Return what keeps each engine of ``app`` in step."""
    keepers: list[Keeper] = app.extensions[KEEPERS]
    return keepers


def finder_of(app: Flask) -> Finder:
    """Return what answers searches of ``app``."""
    first, *others = keepers_of(app)
    return Preferring(others[0].engine, first.engine, others[0].is_built) if others else first.engine


def _elasticsearch(settings: Settings) -> SearchEngine:
    """Return the engine in Elasticsearch; found by its name, because its client is an extra and takes time to load.

    :raises ConfigError: the extra is not installed.
    """
    try:
        module = import_module(ELASTICSEARCH)
    except ModuleNotFoundError as error:
        raise ConfigError(["ELASTICSEARCH_URL needs an extra: pip install 'mixillo[elasticsearch]'."]) from error
    engine: SearchEngine = module.engine(settings, database_name(settings.mongodb_uri))
    return engine


def _listen(keeper: Keeper) -> Callable[..., None]:
    """Let ``keeper`` take over what this process changes, and return its ear."""

    def put(_sender: Any, product_ids: list[ObjectId]) -> None:
        try:
            keeper.put(product_ids)
        except Exception as error:  # the product is stored all the same, and the change stream brings it
            log.warning("product_not_put", engine=keeper.engine.name, error=type(error).__name__)

    selling.changed.connect(put)
    return put


def _changes(token: Any) -> tuple[list[ObjectId], Any]:
    """Return the products that were changed behind ``token``, and where to go on."""
    changed: dict[ObjectId, None] = {}
    products = Product.collection()
    with (
        pymongo.timeout(FOLLOWING_SECONDS),
        products.watch(resume_after=token, max_await_time_ms=WAIT_MS) as stream,
    ):
        while len(changed) < MOST_CHANGES_AT_ONCE and (change := stream.try_next()) is not None:
            if "documentKey" in change and not _is_quiet(change):
                changed[change["documentKey"]["_id"]] = None
        return list(changed), stream.resume_token


def _is_quiet(change: Any) -> bool:
    updated = change.get("updateDescription")
    return bool(updated) and not updated["removedFields"] and set(updated["updatedFields"]) <= set(QUIET)


def _batches(put: Callable[[int], Any]) -> Iterator[list[Entry]]:
    """Yield all products on sale; ``put`` is told of a batch when it was taken.

    Each page is a query of its own: what one cursor over a large shop takes adds up to more than an operation may.
    """
    where: dict[str, Any] = ON_SALE
    while page := list(Product.collection().find(where, READ, sort=[("_id", 1)], limit=BATCH, hint="_id_")):
        yield [entry(product) for product in page]
        put(len(page))
        where = ON_SALE | {"_id": {"$gt": page[-1]["_id"]}}


def _state() -> Any:
    return ops_database()[COLLECTION]
