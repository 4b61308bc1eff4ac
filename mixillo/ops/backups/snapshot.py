"""One moment of both databases: the collections there are, and reads that all show that moment."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from mixillo.ops.backups.errors import BackupError
from mixillo.ops.backups.layout import BUCKETS, is_ours
from mixillo.ops.backups.manifest import COLLECTION, TIMESERIES, VIEW
from mixillo.ops.backups.streams import DOCUMENTS_PER_BATCH

PARAMETER = "minSnapshotHistoryWindowInSeconds"
DEFAULT_WINDOW = 300
# How long the server keeps the moment while it is being read. An unusual number, so that a process that was
# killed before it could put the parameter back is recognised by the next one.
RAISED_WINDOW = 14_399
UNAVAILABLE = 246
ATTEMPTS = 20
SECONDS_BETWEEN_ATTEMPTS = 0.05


@dataclass(frozen=True)
class Source:
    """A collection, view or time series as the server lists it; ``uuid`` tells it from a later one of its name."""

    role: str
    database: Database = field(compare=False)
    name: str
    type: str
    uuid: str | None
    options: Mapping[str, Any] = field(compare=False)

    @property
    def stored(self) -> Collection:
        """The collection whose documents are backed up: a time series' buckets, else its own."""
        return self.database[f"{BUCKETS}{self.name}" if self.type == TIMESERIES else self.name]

    @property
    def consistent(self) -> bool:
        """Whether the server can read it as of a moment; capped collections it cannot."""
        return not self.options.get("capped")

    def indexes(self) -> list[dict[str, Any]]:
        """Return the indexes as the server lists them; a view has none."""
        return [] if self.type == VIEW else [dict(index) for index in self.database[self.name].list_indexes()]


class Snapshot:
    """The collections at one moment and the session that reads them as they were then."""

    def __init__(self, session: ClientSession, sources: list[Source], moment: datetime) -> None:
        self.sources = sources
        self.moment = moment
        self._session = session

    def batches(self, source: Source) -> Iterator[bytes]:
        """Yield the documents of ``source`` as whole BSON documents, several at a time."""
        if source.consistent:
            yield from source.stored.find_raw_batches(session=self._session, batch_size=DOCUMENTS_PER_BATCH)
        else:
            capped = source.stored.with_options(read_concern=ReadConcern("majority"))
            yield from capped.find_raw_batches(batch_size=DOCUMENTS_PER_BATCH)

    def check(self, source: Source) -> None:
        """Make sure that what was read is all there was.

        :raises BackupError: the collection was dropped or renamed meanwhile, when a snapshot shows it empty.
        """
        if source.type != VIEW and source not in listing({source.role: source.database}, source.name):
            raise BackupError(
                f"The collection {source.name} was dropped or renamed while it was being backed up; run it again."
            )


@contextmanager
def snapshot(databases: Mapping[str, Database], anchor: Collection) -> Iterator[Snapshot]:
    """Hold a moment at which the list of collections is known for certain.

    ``anchor`` is a collection that exists; reading it sets the moment. The list cannot be read as of a moment, so
    it is read before and after, until both agree.

    :raises BackupError: collections are being made and dropped all the time.
    """
    with held_history(anchor.database.client):
        for _attempt in range(ATTEMPTS):
            with anchor.database.client.start_session(snapshot=True, causal_consistency=False) as session:
                if found := _taken(session, databases, anchor):
                    yield found
                    return
            time.sleep(SECONDS_BETWEEN_ATTEMPTS)
    raise BackupError("Collections are being made or dropped all the time; run the backup when that is over.")


def listing(databases: Mapping[str, Database], name: str | None = None) -> list[Source]:
    """Return what the databases hold, or what has the ``name``, sorted."""
    found = [
        Source(
            role=role,
            database=database,
            name=entry["name"],
            type=_kind(entry["type"]),
            uuid=uuid.hex() if (uuid := entry["info"].get("uuid")) else None,
            options=entry.get("options", {}),
        )
        for role, database in databases.items()
        for entry in database.list_collections(filter={"name": name} if name else None)
        if is_ours(entry["name"])
    ]
    return sorted(found, key=lambda source: (source.role, source.name))


@contextmanager
def held_history(client: MongoClient) -> Iterator[None]:
    """Let the server keep its history for longer than the default five minutes, if it may be told so."""
    before = None
    with suppress(PyMongoError):
        before = int(client.admin.command({"getParameter": 1, PARAMETER: 1})[PARAMETER])
    raised = before is not None and before <= RAISED_WINDOW and _set_window(client, RAISED_WINDOW)
    try:
        yield
    finally:
        if raised:
            _set_window(client, DEFAULT_WINDOW if before == RAISED_WINDOW else before)


def _taken(session: ClientSession, databases: Mapping[str, Database], anchor: Collection) -> Snapshot | None:
    before = listing(databases)
    first_read = {"find": anchor.name, "limit": 1, "projection": {"_id": 1}, "singleBatch": True}
    try:
        answer = anchor.database.command(first_read, session=session)
    except OperationFailure as error:
        if error.code == UNAVAILABLE:  # the anchor itself has just been made
            return None
        raise
    if listing(databases) != before:
        return None
    return Snapshot(session, before, answer["cursor"]["atClusterTime"].as_datetime())


def _set_window(client: MongoClient, seconds: int | None) -> bool:
    """Set how long history is kept; hosted servers do not let everyone."""
    try:
        client.admin.command({"setParameter": 1, PARAMETER: seconds})
    except PyMongoError:
        return False
    return True


def _kind(listed: str) -> str:
    return listed if listed in (VIEW, TIMESERIES) else COLLECTION
