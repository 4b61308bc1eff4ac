"""Start everything in order, keep it running, stop it in the reverse order."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import FrameType
from typing import NoReturn

from mixillo.config import Settings
from mixillo.core.db import DEFAULT_NAME
from mixillo.ops import connection
from mixillo.ops.datadir import DataDir
from mixillo.ops.mongod import Mongod, MongodError
from mixillo.ops.serve.webserver import ServerError, WebServer, check_port, stop_orphan

SECONDS_BETWEEN_LOOKS = 0.1
RESTARTS, WITHIN_SECONDS = 5, 60.0
FIRST_PAUSE_SECONDS = 0.5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Told = Callable[[str], None]


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Turn the signals that mean "stop" into one ``KeyboardInterrupt``; later ones do not disturb the stopping."""

    def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
        for signum in SIGNALS:
            signal.signal(signum, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {signum: signal.signal(signum, interrupt) for signum in SIGNALS}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[Settings, Mongod | None]]:
    """Hold the port, the data directory and the database ready for a web server.

    Yields the settings completed with the database and secrets, and the embedded database if it is used.

    :raises ServerError: the port is taken.
    :raises DataDirError: the data directory cannot be used.
    :raises MongodError, DatabaseUnusable: the database cannot be used.
    """
    data = DataDir(settings.data_dir)
    with ExitStack() as stack:
        if settings.mongodb_uri:
            check_port(settings)
            connection.check(settings.mongodb_uri)
            data.create()
            yield data.complete(settings), None
            return
        stack.enter_context(data.locked())
        stop_orphan(data)
        check_port(settings)
        completed = data.complete(settings)
        mongod = stack.enter_context(connection.embedded(data, settings.mongod))
        yield replace(completed, mongodb_uri=mongod.uri_of(DEFAULT_NAME)), mongod


def watch(server: WebServer, mongod: Mongod | None, say: Told) -> NoReturn:
    """Keep an eye on both until a signal or a failure ends it.

    An embedded database that ends is started again, ``RESTARTS`` times within ``WITHIN_SECONDS``.

    :raises ServerError: the web server ended.
    :raises MongodError: the database ends again and again, its disk is full, or it cannot be started again.
    """
    restarts: deque[float] = deque(maxlen=RESTARTS)
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        if server.exited:
            raise ServerError(f"The web server ended by itself; see {server.data.server_log}.")
        if mongod and mongod.exited:
            _restart(mongod, restarts, say)


def _restart(mongod: Mongod, restarts: deque[float], say: Told) -> None:
    if mongod.is_starved:
        raise MongodError(mongod.reason())
    recent = [moment for moment in restarts if time.monotonic() - moment < WITHIN_SECONDS]
    if len(recent) == RESTARTS:
        raise MongodError(f"{mongod.reason()} It was started again {RESTARTS} times within {WITHIN_SECONDS:.0f} s.")
    say("The embedded database ended unexpectedly; starting it again.")
    time.sleep(FIRST_PAUSE_SECONDS * (2 ** len(recent) - 1))  # the first time at once
    restarts.append(time.monotonic())
    port = mongod.port
    mongod.start()
    if mongod.port != port:
        raise MongodError(f"Port {port} of the embedded database was taken meanwhile; start again.")
    say("The embedded database is back.")
