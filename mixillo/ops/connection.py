"""Finding the database: ``MONGODB_URI``, the embedded one that runs, or one started for as long as it is needed."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from pymongo import MongoClient
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError

from mixillo.config import Settings
from mixillo.core.db import DEFAULT_NAME
from mixillo.ops.datadir import DataDir, DataDirInUse
from mixillo.ops.mongod import START_SECONDS, Mongod, MongodError, find_program, running

PATIENCE_MS = 3_000
# A mongod that failed may still be writing its last words when the driver reports the failure.
SECONDS_TO_DIE = 2.0
# Greedy: a password may hold an @ or a / that should have been escaped.
USER_IN_URI = re.compile(r"(?<=://)\S*@")


class DatabaseUnusable(Exception):
    """The database at ``MONGODB_URI`` cannot be used; the message is one sentence and holds no password."""


@contextmanager
def found(settings: Settings) -> Iterator[Settings]:
    """Yield ``settings`` for a command: a ``mongodb_uri`` that answers, secrets, and the port of a running server.

    :raises DatabaseUnusable: the server at ``MONGODB_URI`` cannot be used.
    :raises MongodError: the embedded one cannot be started.
    """
    data = DataDir(settings.data_dir)
    settings = data.served(settings)
    if settings.mongodb_uri:
        check(settings.mongodb_uri)
        yield data.complete(settings)
    else:
        with ExitStack() as stack:
            uri = _running(data) or _started(data, settings.mongod, stack)
            yield data.complete(replace(settings, mongodb_uri=uri))


@contextmanager
def embedded(data: DataDir, program: str, *, is_shared: bool = True) -> Iterator[Mongod]:
    """Run the embedded database for the length of the block; the caller holds the lock on ``data``.

    Other commands use it too when it ``is_shared``.

    :raises MongodError: it cannot be started, or ended by itself and failed the block thereby.
    """
    mongod = Mongod(data.path, find_program(program))
    try:
        mongod.start(is_shared=is_shared)
        yield mongod
    except MongodError:
        raise
    except Exception as error:
        if mongod.has_ended_within(SECONDS_TO_DIE if _is_of_the_database(error) else 0):
            raise MongodError(mongod.reason()) from error
        raise
    finally:
        mongod.stop()


def check(uri: str) -> None:
    """Make sure that the server at ``uri`` answers, lets us in and has what Mixillo needs.

    :raises DatabaseUnusable: it does not.
    """
    at = place(uri)
    try:
        client: MongoClient = MongoClient(uri, serverSelectionTimeoutMS=PATIENCE_MS, connectTimeoutMS=PATIENCE_MS)
        with client:
            hello = client.admin.command("hello")
            client.get_default_database(DEFAULT_NAME).list_collection_names()
    except (ConfigurationError, ValueError) as error:
        raise DatabaseUnusable(f"MONGODB_URI ({at}) cannot be used: {_brief(error)}.") from error
    except OperationFailure as error:
        raise DatabaseUnusable(f"The database at {at} does not let us in: {_brief(error)}.") from error
    except PyMongoError as error:
        raise DatabaseUnusable(f"The database at {at} does not answer: {_brief(error)}.") from error
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise DatabaseUnusable(
            f"The database at {at} is a single server, and transactions need a replica set; "
            "start it with --replSet, or leave MONGODB_URI unset to use the embedded one."
        )


def place(uri: str) -> str:
    """Return ``uri`` without what is secret in it."""
    return USER_IN_URI.sub("", uri.partition("?")[0])


def _running(data: DataDir) -> str | None:
    """Return where the embedded database of a server answers, if one runs."""
    server = running(data.path)
    return server.uri_of(DEFAULT_NAME) if server and server.is_shared else None


def _started(data: DataDir, program: str, stack: ExitStack) -> str:
    """Start the embedded database until ``stack`` is closed, and return where it answers.

    While a server is starting, or another command has it for itself, wait for that.

    :raises DataDirInUse: it took longer than starting may.
    """
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            stack.enter_context(data.locked())
        except DataDirInUse:
            if server := _running(data):
                return server
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            mongod = stack.enter_context(embedded(data, program, is_shared=False))
            return mongod.uri_of(DEFAULT_NAME)


def _is_of_the_database(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, PyMongoError):
            return True
        error = error.__cause__
    return False


def _brief(error: Exception) -> str:
    """Return the beginning of the driver's message, which goes on with the whole topology."""
    return USER_IN_URI.sub("", re.split(r" \(configured timeouts|, Timeout:|, full error", str(error))[0]).rstrip(".")
