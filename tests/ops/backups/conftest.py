"""Databases worth backing up, a second server to restore into, and what two databases have in common."""

import hashlib
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import bson
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.backups import Backup, create, open_storage, records
from mixillo.ops.backups.creating import WITHOUT_DOCUMENTS
from mixillo.ops.backups.storage import Storage
from mixillo.ops.mongod import Mongod, find_program

FILLED = "mixillo_test_backups"


@pytest.fixture
def ops(database: Database) -> Database:
    """The technical database that goes with ``database``."""
    return database.client[f"{database.name}_ops"]


@pytest.fixture(scope="session")
def filled(mongo_client: MongoClient) -> Iterator[Database]:
    """A database with every kind of index, option and collection that has to survive; only to be read."""
    for name in (FILLED, f"{FILLED}_ops"):
        mongo_client.drop_database(name)
    _fill(mongo_client[FILLED], mongo_client[f"{FILLED}_ops"])
    yield mongo_client[FILLED]
    for name in (FILLED, f"{FILLED}_ops"):
        mongo_client.drop_database(name)


@pytest.fixture
def filled_ops(filled: Database) -> Database:
    """The technical database that goes with ``filled``, without records of earlier tests."""
    ops = filled.client[f"{FILLED}_ops"]
    ops["backups"].delete_many({})
    return ops


def _fill(database: Database, ops: Database) -> None:
    now = clock.now()
    database["users"].insert_many(
        [{"_id": n, "email": f"u{n}@x.test", "bio": f"Grüße {n}", "at": now - timedelta(days=n)} for n in range(2_500)]
    )
    database["users"].create_index("email", unique=True)
    database["users"].create_index("at", expireAfterSeconds=86_400 * 3_650)
    database["users"].create_index("bio", partialFilterExpression={"_id": {"$gt": 5}}, name="some")
    database["users"].create_index([("bio", "text")], default_language="german", weights={"bio": 7})
    database.create_collection("names", collation={"locale": "de", "strength": 2})
    database["names"].create_index("name", collation={"locale": "simple"})
    database["names"].create_index([("name", 1), ("age", -1)], sparse=True, hidden=True)
    database["names"].insert_many([{"name": "Äpfel", "raw": bson.Binary(b"\x00\x01")}, {"name": None}, {}])
    database.create_collection("strict", validator={"n": {"$gt": 0}}, validationAction="error")
    database["strict"].insert_one({"n": 1})
    database["strict"].insert_one({"n": -1}, bypass_document_validation=True)
    database.create_collection("recent", capped=True, size=4_096)
    database["recent"].insert_one({"n": 1})
    database.create_collection("clustered", clusteredIndex={"key": {"_id": 1}, "unique": True})
    database["clustered"].insert_one({"_id": "a"})
    database.create_collection("measures", timeseries={"timeField": "t", "metaField": "m"})
    database["measures"].insert_many([{"t": now, "m": "a", "v": n} for n in range(20)])
    database["measures"].create_index([("m", 1), ("t", -1)])
    database.create_collection("empty")
    database.create_collection("100% a/b")
    database["100% a/b"].insert_one({"odd": "name"})
    database.create_collection("adults", viewOn="users", pipeline=[{"$match": {"_id": {"$gt": 18}}}])
    ops["auditlog"].insert_one({"action": "tested"})
    ops["sessions"].insert_one({"_id": "alive", "expiresAt": now})
    ops["sessions"].create_index("expiresAt", expireAfterSeconds=86_400)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """An empty directory to keep backups in."""
    return open_storage(str(tmp_path / "backups"))


@pytest.fixture(scope="session")
def pristine(filled: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a backup of ``filled``; only to be copied."""
    place = open_storage(str(tmp_path_factory.mktemp("pristine")))
    return Path(place.location) / create(filled, filled.client[f"{FILLED}_ops"], place).name


@pytest.fixture
def backup(filled_ops: Database, pristine: Path, storage: Storage) -> Backup:
    """A backup of ``filled``, as if it had just been made."""
    shutil.copytree(pristine, Path(storage.location) / pristine.name)
    found = Backup(storage, pristine.name)
    records.succeed(filled_ops, records.begin(filled_ops, found.name, found.location), found.manifest())
    return found


@pytest.fixture(scope="session")
def other_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoClient]:
    """A client of another, new server."""
    server = Mongod(tmp_path_factory.mktemp("other"), find_program())
    server.start()
    with MongoClient(server.uri, tz_aware=True, serverSelectionTimeoutMS=5_000) as client:
        yield client
    server.stop()


@pytest.fixture
def target(other_client: MongoClient) -> Iterator[Database]:
    """An empty database on the other server."""
    for name in ("restored", "restored_ops"):
        other_client.drop_database(name)
    yield other_client["restored"]
    for name in ("restored", "restored_ops"):
        other_client.drop_database(name)


@pytest.fixture
def target_ops(target: Database) -> Database:
    """The technical database that goes with ``target``."""
    return target.client["restored_ops"]


def contents(database: Database) -> dict[str, Any]:
    """Return everything about ``database`` that a backup keeps, with each collection's documents as a hash."""
    found = {}
    for entry in database.list_collections():
        name, kind = entry["name"], entry["type"]
        if name.startswith("system."):
            continue
        emptied = database.name.endswith("_ops") and name in WITHOUT_DOCUMENTS
        documents = [] if emptied else sorted(bson.encode(document) for document in database[name].find())
        indexes = [] if kind == "view" else sorted(str(dict(index)) for index in database[name].list_indexes())
        digest = hashlib.sha256(b"".join(documents)).hexdigest()
        found[name] = (kind, str(dict(entry["options"])), len(documents), digest, indexes)
    return found
