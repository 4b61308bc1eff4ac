"""The database: connection, documents, references, transactions.

Two databases on one server: ``database()`` holds the owner's data in the existing collections and shapes;
``ops_database()`` (``<name>_ops``) holds Mixillo's own technical collections.
"""

import logging
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import mongoengine
import pymongo
from pymongo import IndexModel, MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConfigurationError, ConnectionFailure, OperationFailure
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from mixillo.core import clock, turns

DEFAULT_NAME = "mixillo"
REQUEST_TIMEOUT_MS = 2_500
POOL_SIZE = 50
# For the turn of a document, where operations have no limit of their own.
LONGEST_WAIT_SECONDS = 10.0
# The comment of our own searches in the owner's database, which must not be taken for the product's.
OURS = "mixillo looks around"
Result = TypeVar("Result")
BAD_VALUE = 2
log = logging.getLogger(__name__)
# Ours beside MongoEngine's registry, which other threads find half empty while it is bound anew.
_binding: dict[str, Any] = {}
_ensured: set[str] = set()


def connect(
    uri: str, *, timeout_ms: int | None = REQUEST_TIMEOUT_MS, listeners: Sequence[CommandListener] = ()
) -> MongoClient:
    """Bind the documents to the server at ``uri`` and return the client; nothing is sent yet.

    ``timeout_ms`` bounds every operation, so that a dead or frozen server is noticed within a request;
    ``None`` is for commands, which may take their time. ``listeners`` are told of every command.
    """
    mongoengine.disconnect_all()
    options: dict[str, Any] = {"timeoutMS": timeout_ms} if timeout_ms else {}
    bound: MongoClient = mongoengine.connect(
        db=database_name(uri),
        host=uri,
        connect=False,
        tz_aware=True,
        appname="mixillo",
        uuidRepresentation="standard",
        maxPoolSize=POOL_SIZE,
        serverSelectionTimeoutMS=min(timeout_ms or 3_000, 3_000),
        heartbeatFrequencyMS=3_000,
        connectTimeoutMS=3_000,
        retryWrites=True,
        event_listeners=list(listeners),
        **options,
    )
    _binding["client"], _binding["name"] = bound, database_name(uri)
    _ensured.clear()
    return bound


def database_name(uri: str) -> str:
    """Return the name of the database that ``uri`` names, or the default one."""
    try:
        return parse_uri(uri, validate=False)["database"] or DEFAULT_NAME
    except ConfigurationError:  # an SRV record that cannot be resolved now says nothing about the name
        return uri.rpartition("/")[2].partition("?")[0] or DEFAULT_NAME


def client() -> MongoClient:
    """Return the bound client.

    :raises ConnectionFailure: :func:`connect` was not called yet.
    """
    try:
        return _binding["client"]
    except KeyError:
        raise ConnectionFailure("No database is bound yet.") from None


def seems_connected() -> bool:
    """Return whether the driver's monitor sees a writable server; asks nobody, and may lag some seconds."""
    return client().topology_description.has_writable_server()


def database() -> Database:
    """Return the owner's database."""
    return client()[_binding["name"]]


def ops_database() -> Database:
    """Return the database of Mixillo's own technical collections."""
    return client()[f"{database().name}_ops"]


def _turns(keys: Iterable[Hashable]) -> AbstractContextManager[None]:
    """Return the context that holds the turns of ``keys``; nobody waits for them longer than for an operation."""
    return turns.taken(keys, client().options.timeout or LONGEST_WAIT_SECONDS)


def transact(work: Callable[[ClientSession], Result], *, turns_of: Iterable[Hashable] = ()) -> Result:
    """Run ``work(session)`` in a transaction (snapshot, majority), again as often as conflicts demand.

    ``work`` may run more than once: it must not have effects outside the session. All of it together may take as
    long as one operation, so that a frozen server is noticed within a request. ``turns_of`` are the ids of documents
    that it changes and many others may want to change, such as wallets: see :mod:`mixillo.core.turns`.
    """
    with _turns(turns_of), pymongo.timeout(client().options.timeout), client().start_session() as session:
        return session.with_transaction(
            work,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )


def hinted(read: Callable[[str | None], Result], hint: str | None) -> Result:
    """Return ``read(hint)``, or ``read(None)`` while there is no index of that name.

    Somebody may have dropped it, or its migration has not run yet: a slower answer is better than none.
    """
    try:
        return read(hint)
    except OperationFailure as error:
        if hint is None or error.code != BAD_VALUE or "hint provided" not in str(error):
            raise
        log.warning("The index %s is missing: lists that need it are slow.", hint)
        return read(None)


class Ref(mongoengine.ObjectIdField):
    """The id of a document in another collection.

    ``target`` names the collection; ``policy`` says what the integrity audit offers when the target is
    gone: ``delete``, ``reassign`` (to the system user), ``nullify`` or ``report``.
    """

    POLICIES = ("delete", "reassign", "nullify", "report")

    def __init__(self, target: str, *, policy: str = "report", **keywords: Any) -> None:
        if policy not in self.POLICIES:
            raise ValueError(f"policy must be one of {self.POLICIES}")
        super().__init__(**keywords)
        self.target = target
        self.policy = policy


@dataclass(frozen=True)
class Reference:
    """One declared reference: ``collection.path`` holds ids of documents in ``target``."""

    collection: str
    path: str
    target: str
    policy: str


class BaseDocument(mongoengine.Document):
    """A document in an existing collection.

    Fields carry the stored names (camelCase). Unknown stored fields are left alone. Indexes are made by
    migrations only, so that a start never builds one behind the operator's back.
    """

    meta: dict[str, Any] = {"abstract": True, "strict": False, "auto_create_index": False, "allow_inheritance": False}

    createdAt = mongoengine.DateTimeField(default=clock.now)

    # Of collections that the existing system does not have: made with the collection, by the first write.
    INDEXES: ClassVar[Sequence[IndexModel]] = ()

    @classmethod
    def collection(cls) -> Collection:
        """Return the PyMongo collection, for guarded updates, transactions and projected reads."""
        return database()[cls._meta["collection"]]

    @classmethod
    def ensure_collection(cls) -> None:
        """Make the ``INDEXES``, and the collection, if there is nothing in it yet; call it before a transaction writes.

        A collection appears with its first document, so that a new feature leaves databases that do not use it as
        they are; one that holds documents already gets its indexes from migrations only.
        """
        collection = cls.collection()
        if collection.full_name in _ensured:
            return
        if cls.INDEXES and collection.find_one({}, ["_id"]) is None:
            collection.create_indexes(list(cls.INDEXES))
        _ensured.add(collection.full_name)


def index_loaded(loaded: Database) -> None:
    """Make the ``INDEXES`` of what a dataset has just brought: migrations came before it, and first writes will not."""
    filled = set(loaded.list_collection_names())
    for model in BaseDocument.__subclasses__():
        if model.INDEXES and model._meta["collection"] in filled:
            loaded[model._meta["collection"]].create_indexes(list(model.INDEXES))


def references() -> list[Reference]:
    """Return every declared reference of every document, sorted."""
    found = []
    for model in BaseDocument.__subclasses__():
        for path, ref in _refs(model):
            found.append(Reference(model._meta["collection"], path, ref.target, ref.policy))
    return sorted(found, key=lambda reference: (reference.collection, reference.path))


def _refs(model: type) -> list[tuple[str, Ref]]:
    """Return the references of ``model`` with their stored paths, those in lists and embedded ones included."""
    found: list[tuple[str, Ref]] = []
    for field in model._fields.values():  # type: ignore[attr-defined]
        inner = field.field if isinstance(field, mongoengine.ListField) else field
        if isinstance(inner, Ref):
            found.append((field.db_field, inner))
        elif isinstance(inner, mongoengine.EmbeddedDocumentField):
            nested = _refs(inner.document_type)
            found += [(f"{field.db_field}.{path}", ref) for path, ref in nested]
    return found
