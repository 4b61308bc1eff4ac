"""Datasets go into an empty database, whole or not at all, and never touch what somebody else wrote."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops import locks, migrations
from mixillo.ops.datasets import (
    DATASETS,
    DatabaseNotEmpty,
    DatasetError,
    LoadFailed,
    MissingExtra,
    UnknownDataset,
    is_empty,
    load,
    remove_unfinished,
)
from mixillo.ops.datasets.documents import object_id
from mixillo.ops.mongod import Mongod, find_program
from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("datasets")
REPORT = (107, 1193)
# Loads a dataset in a process of its own and stops for ever when a collection is begun.
STALLS = """
import sys, threading
from pymongo import MongoClient
from mixillo.ops import locks
from mixillo.ops.datasets import load

def stall(collection, done, total):
    if collection == sys.argv[4]:
        threading.Event().wait()

locks.LEASE_SECONDS = 1.0
client = MongoClient(sys.argv[1], tz_aware=True)
name = sys.argv[2]
load(client[name], sys.argv[3], journal=client[f"{name}_ops"]["datasets"], progress=stall)
"""


@pytest.fixture
def ops(mongo_client: MongoClient, database: Database) -> Database:
    """The technical database beside the empty one."""
    return mongo_client[f"{database.name}_ops"]


@pytest.fixture
def journal(ops: Database) -> Collection:
    """Where loads are journaled."""
    return ops["datasets"]


def totals(database: Database) -> tuple[int, int]:
    names = database.list_collection_names()
    return len(names), sum(database[name].count_documents({}) for name in names)


def test_an_unknown_name_is_answered_with_the_known_ones(database: Database) -> None:
    with pytest.raises(UnknownDataset, match="There is no dataset named 'bench'; choose one of: report, demo."):
        load(database, "bench")
    assert DATASETS == ("report", "demo")
    assert database.list_collection_names() == []


def test_a_machine_without_faker_is_told_what_to_install(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)  # how Python itself marks a module that cannot be imported
    with pytest.raises(MissingExtra, match=r"^Install the extra: pip install mixillo\[demo\]$"):
        load(database, "demo")
    assert load(database, "report").documents == 1193


def test_a_database_that_holds_a_document_is_refused_and_left_as_it_is(database: Database, journal: Collection) -> None:
    database["carts"].insert_one({"_id": "mine"})
    with pytest.raises(DatabaseNotEmpty, match="already holds documents"):
        load(database, "report", journal=journal)
    assert database.list_collection_names() == ["carts"]
    assert list(database["carts"].find()) == [{"_id": "mine"}]
    assert list(journal.find()) == []


def test_collections_without_documents_and_views_do_not_make_a_database_full(database: Database) -> None:
    database.create_collection("users")
    assert is_empty(database)
    database["users"].insert_one({})
    assert not is_empty(database)


def test_the_journal_says_when_a_dataset_was_loaded(database: Database, journal: Collection) -> None:
    before = clock.now()
    result = load(database, "report", journal=journal)
    (marker,) = journal.find()
    assert (marker["_id"], marker["state"]) == ("report", "loaded")
    assert before <= marker["startedAt"] <= marker["finishedAt"] <= clock.now()
    assert (result.dataset, result.collections, result.documents) == ("report", *REPORT)
    assert result.seconds > 0
    assert totals(database) == REPORT


def test_progress_tells_the_collection_and_counts_up_to_its_documents(database: Database) -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    load(database, "report", progress=lambda name, done, total: told.setdefault(name, []).append((done, total)))
    assert told["eventtrackings"] == [(1000, 1001), (1001, 1001)]
    assert sum(steps[-1][0] for steps in told.values()) == 1193


def test_the_migrations_and_the_report_agree_on_the_collections(database: Database, ops: Database) -> None:
    migrations.upgrade(database, ops)
    assert database.list_collection_names() != []
    load(database, "report")
    assert totals(database) == REPORT


@pytest.mark.slow
def test_an_interrupted_load_leaves_nothing_and_can_be_repeated(database: Database, journal: Collection) -> None:
    def interrupt(collection: str, _done: int, _total: int) -> None:
        if collection == "useranalytics":
            raise KeyboardInterrupt

    for marker in (journal, None):
        with pytest.raises(KeyboardInterrupt):
            load(database, "report", progress=interrupt, journal=marker)
        assert database.list_collection_names() == []
        assert list(journal.find()) == []
    load(database, "report", journal=journal)
    assert totals(database) == REPORT


def test_a_refusal_of_the_server_is_one_sentence_and_leaves_nothing(database: Database, journal: Collection) -> None:
    database["eventtrackings"].create_index("eventType", unique=True)
    with pytest.raises(LoadFailed, match="The dataset 'report' could not be written: E11000") as failure:
        load(database, "report", journal=journal)
    assert isinstance(failure.value, DatasetError)
    assert is_empty(database)
    assert database.list_collection_names() == ["eventtrackings"], "a collection with an index of somebody's stays"


def killed_half_way(mongod: Mongod, database: Database, dataset: str = "report", at: str = "eventtrackings") -> None:
    """Load ``dataset`` in another process and kill it when a part of it is written."""
    with subprocess.Popen([sys.executable, "-c", STALLS, mongod.uri, database.name, dataset, at]) as process:
        try:
            wait_until(lambda: database[at].count_documents({}) >= 1000, seconds=30)
        finally:
            process.kill()


@pytest.mark.slow
def test_a_server_that_dies_half_way_is_one_sentence_and_the_next_load_clears_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LEASE_SECONDS", 1.0)
    server = Mongod(tmp_path, find_program(os.environ.get("MIXILLO_MONGOD", "")))
    server.start()

    def kill(collection: str, _done: int, _total: int) -> None:
        if collection == "eventtrackings":
            assert server.process
            server.process.kill()
            server.process.wait()

    try:
        hasty = MongoClient(server.uri, serverSelectionTimeoutMS=300)
        with hasty as client, pytest.raises(LoadFailed, match="could not be written"):
            load(client["shop"], "report", journal=client["shop_ops"]["datasets"], progress=kill)
        server.start()
        with MongoClient(server.uri, serverSelectionTimeoutMS=5_000) as client:
            assert [marker["state"] for marker in client["shop_ops"]["datasets"].find()] == ["loading"]
            load(client["shop"], "report", journal=client["shop_ops"]["datasets"])
            assert totals(client["shop"]) == REPORT
    finally:
        server.stop()


def test_a_second_load_waits_for_the_first_and_is_then_refused(database: Database, journal: Collection) -> None:
    second_ended = threading.Event()
    refused: list[Exception] = []

    def second() -> None:
        try:
            load(database, "report", journal=journal)
        except DatasetError as error:
            refused.append(error)
        second_ended.set()

    thread = threading.Thread(target=second)

    def let_the_second_try(collection: str, done: int, _total: int) -> None:
        if (collection, done) == ("eventtrackings", 1000):
            thread.start()
            assert not second_ended.wait(1)

    load(database, "report", progress=let_the_second_try, journal=journal)
    thread.join()
    assert [type(error) for error in refused] == [DatabaseNotEmpty]
    assert totals(database) == REPORT
    assert [marker["state"] for marker in journal.find()] == ["loaded"]


@pytest.mark.slow
def test_a_load_that_was_killed_is_cleared_away_by_the_next(
    mongod: Mongod, database: Database, journal: Collection
) -> None:
    killed_half_way(mongod, database)
    assert journal.find_one({"_id": "report"}, {"state": 1}) == {"_id": "report", "state": "loading"}
    load(database, "report", journal=journal)
    assert totals(database) == REPORT
    assert [marker["state"] for marker in journal.find()] == ["loaded"]


def test_what_a_killed_load_left_is_removed_by_whoever_finds_it(database: Database, journal: Collection) -> None:
    assert remove_unfinished(database, journal) == []
    database["users"].insert_many([{"_id": object_id("demo", "users", 1, clock.now())}, {"_id": "mine"}])
    journal.insert_one({"_id": "demo", "state": "loading", "startedAt": clock.now()})
    assert remove_unfinished(database, journal) == ["demo"]
    assert list(database["users"].find()) == [{"_id": "mine"}]
    assert list(journal.find()) == []


def test_a_load_that_ends_before_its_finish_is_none(database: Database, journal: Collection) -> None:
    def interrupted() -> None:
        assert [marker["state"] for marker in journal.find()] == ["loading"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(database, "report", journal=journal, finish=interrupted)
    assert is_empty(database)
    assert list(journal.find()) == []


@pytest.mark.slow
def test_another_dataset_clears_away_a_killed_load_as_well(
    mongod: Mongod, database: Database, journal: Collection
) -> None:
    killed_half_way(mongod, database, "demo", "follows")
    load(database, "report", journal=journal)
    assert totals(database) == REPORT
    assert [marker["_id"] for marker in journal.find()] == ["report"]


def test_what_others_wrote_after_a_killed_load_stays(mongod: Mongod, database: Database, journal: Collection) -> None:
    killed_half_way(mongod, database)
    mine = [{"_id": ObjectId()}, {"_id": "é" + "日本" * 10}, {"_id": 7}, {"_id": {"a": 1}}]
    database["users"].insert_many(mine)
    database["eventtrackings"].insert_many(mine)
    for _ in range(2):
        with pytest.raises(DatabaseNotEmpty):
            load(database, "report", journal=journal)
        assert list(database["users"].find()) == list(database["eventtrackings"].find()) == mine
        assert sum(database[name].count_documents({}) for name in database.list_collection_names()) == 8
