"""Real servers for the system tests: `mixillo serve` as people start it, on a free port and a scratch directory."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from mixillo.ops.mongod import Mongod
from tests.system.served import Served

Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server with ``serve(*arguments, **environment)``; the data directory stays the same in a test."""
    started: list[Served] = []

    def start(*arguments: str, **environment: str) -> Served:
        started.append(Served(tmp_path / "data", *arguments, **environment))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server of the test process for all tests that share one: eventlet, dataset `report`, and what they made.

    ``url``, ``data_dir``, ``mongo_uri``, ``setup_link``; ``get`` and ``post`` speak JSON.
    """
    server = Served(tmp_path_factory.mktemp("live"), MIXILLO_RATE_LIMIT="off").wait_until_ready()
    yield server
    server.stop()


@pytest.fixture
def mongod_of_this_test(mongo_client: MongoClient, mongod: Mongod) -> Iterator[str]:
    """The URI of an empty database on a server that Mixillo did not start."""
    yield mongod.uri_of("brought")
    for name in ("brought", "brought_ops"):
        mongo_client.drop_database(name)
