"""The real thing for every test: a mongod per worker, one database, emptied between tests."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pymongo.uri_parser import parse_uri

from mixillo import create_app
from mixillo.config import TEST, Settings
from mixillo.core import db as core_db
from mixillo.core.kept import Keeper
from mixillo.ops import migrations
from mixillo.ops.database import COLLECTION_GONE
from mixillo.ops.mongod import Mongod, find_program
from tests import rounds

pytest_plugins = ("tests.people", "tests.connecting")
DATABASE = "mixillo_test"
SECRETS = {"jwt_secret": "test-access-" + "k" * 32, "jwt_refresh_secret": "test-refresh-" + "k" * 32}
# Two cores that many share stall for seconds: how long an example took says nothing about what it found.
hypothesis.settings.register_profile("mixillo", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("mixillo")


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A real mongod of this test worker."""
    server = Mongod(tmp_path_factory.mktemp("mongod"), find_program(os.environ.get("MIXILLO_MONGOD", "")))
    server.start()
    yield server
    # What still asks this database when it is gone prints a page of tracebacks after the tests' own figures.
    rounds.hold()
    server.stop()


@pytest.fixture(scope="session")
def mongo_client(mongod: Mongod) -> Iterator[MongoClient]:
    """A client of the worker's mongod that belongs to the test, not to the application."""
    with MongoClient(mongod.uri, tz_aware=True, serverSelectionTimeoutMS=5_000) as client:
        yield client


@pytest.fixture
def database(mongo_client: MongoClient) -> Iterator[Database]:
    """An empty database without the application or its indexes."""
    name = f"{DATABASE}_bare"
    mongo_client.drop_database(name)
    mongo_client.drop_database(f"{name}_ops")
    yield mongo_client[name]
    mongo_client.drop_database(name)
    mongo_client.drop_database(f"{name}_ops")


@pytest.fixture(scope="session")
def settings(mongod: Mongod) -> Settings:
    """The settings of the application under test."""
    return Settings(
        environment=TEST,
        mongodb_uri=mongod.uri_of(DATABASE),
        worker="gthread",
        access_log=False,
        rate_limit="100000/minute",
        **SECRETS,
    )


@pytest.fixture(scope="session")
def migrated_app(settings: Settings, mongo_client: MongoClient) -> Flask:
    """The application over a migrated database; use ``app``."""
    application = create_app(settings)
    migrations.upgrade(mongo_client[DATABASE], mongo_client[f"{DATABASE}_ops"])
    return application


@pytest.fixture
def app(migrated_app: Flask, db: Database) -> Flask:
    """The application over an empty, migrated database, of which it remembers nothing."""
    migrated_app.extensions["kept"] = Keeper()
    return migrated_app


@pytest.fixture
def on_other_instances(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for anybody's turn, as if each request were on an instance of its own."""
    monkeypatch.setattr(core_db, "_turns", lambda _keys: nullcontext())


@pytest.fixture
def db(mongo_client: MongoClient, migrated_app: Flask, settings: Settings) -> Database:
    """The application's database, emptied (indexes and migration records stay)."""
    if not is_bound(settings):
        core_db.connect(settings.mongodb_uri)
    for name in (DATABASE, f"{DATABASE}_ops"):
        for collection in holding(mongo_client[name]):
            if collection != migrations.COLLECTION:
                mongo_client[name][collection].delete_many({})
    return mongo_client[DATABASE]


def is_bound(settings: Settings) -> bool:
    """Return whether documents are bound as the application binds them: a command run in this process binds its own."""
    client = core_db.client()
    here = set(parse_uri(settings.mongodb_uri)["nodelist"]) & set(client.topology_description.server_descriptions())
    return bool(here and client.options.timeout and core_db.database().name == DATABASE)


def holding(database: Database) -> list[str]:
    """Return the collections of ``database`` that hold something, in one question: asking eighty takes 70 ms a test."""
    # A test that failed while it was profiled has left `system.profile`.
    names = database.list_collection_names(filter={"name": {"$not": {"$regex": r"^system\."}}})
    if not names:
        return []

    def one_of(name: str) -> list[dict[str, Any]]:
        return [{"$limit": 1}, {"$project": {"_id": name}}]

    others = [{"$unionWith": {"coll": name, "pipeline": one_of(name)}} for name in names[1:]]
    try:
        return [found["_id"] for found in database[names[0]].aggregate([*one_of(names[0]), *others])]
    except OperationFailure as error:
        if error.code not in COLLECTION_GONE:  # the search of the test before took another for it just now
            raise
        return names


@pytest.fixture
def ops_db(mongo_client: MongoClient, db: Database) -> Database:
    """The application's technical database, emptied."""
    return mongo_client[f"{DATABASE}_ops"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that is not signed in."""
    return app.test_client()
