"""Real servers to probe: one that speaks the contract and can be told to break it, raw sockets, and Mixillo."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database
from werkzeug.serving import WSGIRequestHandler, make_server

from mixillo import create_app
from mixillo.blueprints.notifications.services import desk
from mixillo.config import Settings
from mixillo.ops.probes import ProbeRun, run
from mixillo.ops.probes.accounts import InDatabase
from tests.ops.probes.speaker import ADMIN_TOKEN, Speaker, speaking

Serve = Callable[[Any], str]


class Quiet(WSGIRequestHandler):
    """Answers without a line on the terminal."""

    def log_request(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve ``application`` on a free port of the loopback and yield its base URL."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]  # a hanging view must not hold up the test
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.socket.close()


def whole(settings: Settings) -> Flask:
    """Return an application of its own, since sockets belong to the one made last, that tells news by itself."""
    application = create_app(settings)
    application.extensions[desk.EXTENSION] = desk.Desk(application, works_alone=True)
    return application


@pytest.fixture
def mixillo(app: Flask, db: Database, settings: Settings) -> Iterator[str]:
    """The real application, which has counted no requests yet; yields its base URL."""
    with serving(whole(settings)) as url:
        yield url


@pytest.fixture
def accounts(db: Database, ops_db: Database) -> InDatabase:
    """Accounts in the application's database."""
    return InDatabase(db, ops_db)


@pytest.fixture
def speaker() -> Speaker:
    """A server that keeps the contract until it is told otherwise."""
    return Speaker()


@pytest.fixture
def probe(speaker: Speaker) -> Iterator[Callable[..., ProbeRun]]:
    """Run the probes against ``speaker``."""
    with serving(speaking(speaker)) as url:

        def run_probes(**keywords: Any) -> ProbeRun:
            return run(url, **{"tokens": {"admin": ADMIN_TOKEN}} | keywords)

        yield run_probes
