"""Changing indexes: hide first, drop later, create what is missing; each change is in the audit log."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pymongo
from pymongo.database import Database
from pymongo.errors import OperationFailure

from mixillo.core import audit_log, clock
from mixillo.errors import Conflict, NotFound
from mixillo.ops.indexes.definition import ID, Index, indexes

COLLECTION = "hiddenindexes"
# Long enough for a query that misses the index to be noticed on a working day.
HIDDEN_FOR = timedelta(hours=24)
# Building an index takes as long as it takes; it runs as a job.
PATIENCE_SECONDS = 6 * 3600.0


class IndexNotFound(NotFound):
    """There is no index of this name."""

    code, title = "index_not_found", "There is no such index"


class IndexGuarded(Conflict):
    """The index enforces a rule or was not hidden long enough, so it stays."""

    code, title = "index_guarded", "This index must stay"


class IndexRefused(Conflict):
    """The database did not create the index."""

    code, title = "index_refused", "The index cannot be created"


def hide(database: Database, ops: Database, collection: str, name: str, *, actor: dict[str, Any]) -> None:
    """Keep the planner from using an index; it is kept up to date, so that :func:`unhide` is instant.

    :raises IndexNotFound: there is none of this name.
    :raises IndexGuarded: it enforces a rule.
    """
    index = _find(database, collection, name)
    _refuse_guarded(index)
    database.command({"collMod": collection, "index": {"name": name, "hidden": True}})
    hidden = {"collection": collection, "name": name, "hiddenAt": clock.now()}
    ops[COLLECTION].replace_one({"_id": f"{collection}/{name}"}, hidden, upsert=True)
    _record("index.hidden", index, actor)


def unhide(database: Database, ops: Database, collection: str, name: str, *, actor: dict[str, Any]) -> None:
    """Let the planner use an index again.

    :raises IndexNotFound: there is none of this name.
    """
    index = _find(database, collection, name)
    database.command({"collMod": collection, "index": {"name": name, "hidden": False}})
    ops[COLLECTION].delete_one({"_id": f"{collection}/{name}"})
    _record("index.unhidden", index, actor)


def drop(database: Database, ops: Database, collection: str, name: str, *, actor: dict[str, Any]) -> None:
    """Drop an index that has been hidden for a day; the audit log keeps how to make it again.

    :raises IndexNotFound: there is none of this name.
    :raises IndexGuarded: it enforces a rule, is not hidden, or was hidden less than a day ago.
    """
    index = _find(database, collection, name)
    _refuse_guarded(index)
    since = hidden_since(ops, collection, name)
    if not index.hidden or since is None:
        raise IndexGuarded(f"Hide {name} first and see for a day whether anything becomes slow.")
    if clock.now() - since < HIDDEN_FOR:
        raise IndexGuarded(f"{name} was hidden at {clock.timestamp(since)}; it may be dropped a day after that.")
    database[collection].drop_index(name)
    ops[COLLECTION].delete_one({"_id": f"{collection}/{name}"})
    _record("index.dropped", index, actor)


def create(
    database: Database, collection: str, keys: Iterable[tuple[str, Any]], *, actor: dict[str, Any], **options: Any
) -> str:
    """Build an index while the collection stays usable, and return its name; run it as a job.

    :raises IndexRefused: the database says why not.
    """
    try:
        with pymongo.timeout(PATIENCE_SECONDS):
            name = database[collection].create_index(list(keys), **options)
    except OperationFailure as error:
        raise IndexRefused(f"The database refused it: {(error.details or {}).get('errmsg', error)}") from None
    created = _find(database, collection, name)
    audit_log.record(
        "index.created", actor=actor, target=collection, target_id=name, changes={"after": _stored(created)}
    )
    return name


def hidden_since(ops: Database, collection: str, name: str) -> datetime | None:
    """Return when an index was hidden by us; ``None`` if it was not."""
    found = ops[COLLECTION].find_one({"_id": f"{collection}/{name}"})
    return found["hiddenAt"] if found else None


def _find(database: Database, collection: str, name: str) -> Index:
    for index in indexes(database, collection):
        if index.name == name:
            return index
    raise IndexNotFound(f"{collection} has no index called {name}.")


def _refuse_guarded(index: Index) -> None:
    if index.name == ID or index.unique or index.expires:
        raise IndexGuarded(
            f"{index.name} does more than help queries: it keeps values unique or deletes old documents."
        )


def _record(action: str, index: Index, actor: dict[str, Any]) -> None:
    changes = {"before": _stored(index)}
    audit_log.record(action, actor=actor, target=index.collection, target_id=index.name, changes=changes)


def _stored(index: Index) -> dict[str, Any]:
    """Return an index's description with its keys as a list: the names of fields may hold dots."""
    return {**index.spec, "key": [list(key) for key in index.keys]}
