"""The change stream: told of changes at once, never too often, and through the database's restarts."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.extensions import socketio
from mixillo.ops.changes import DATABASE, PROCESS, ChangeWatch, Ticks
from mixillo.ops.mongod import Mongod, find_program
from tests.waiting import wait_until

Start = Callable[[str], tuple[ChangeWatch, list[str]]]


@pytest.fixture
def start(app: Flask) -> Iterator[Start]:
    """Watch the database at a URI as one listener; returns the watch and what it told."""
    watches: list[ChangeWatch] = []

    def begin(uri: str) -> tuple[ChangeWatch, list[str]]:
        told: list[str] = []
        watch = ChangeWatch(uri, told.append)
        watches.append(watch)
        watch.join("page")
        wait_until(lambda: DATABASE in told)  # the stream is open
        return watch, told

    yield begin
    for watch in watches:
        watch.leave("page")
        wait_until(lambda: not watch.running)  # noqa: B023  waited for at once


@pytest.fixture
def uri(mongod: Mongod, database: Database) -> str:
    return mongod.uri_of(database.name)


def later(told: list[str]) -> Callable[[], bool]:
    """Return whether the database has been told of again since now."""
    before = told.count(DATABASE)
    return lambda: told.count(DATABASE) > before


def test_a_topic_is_told_at_once_and_then_at_most_every_two_seconds() -> None:
    now = [100.0]
    ticks = Ticks(lambda: now[0])
    assert ticks.due() == [PROCESS]
    ticks.mark(DATABASE)
    assert ticks.due() == [DATABASE]
    for _ in range(50):
        ticks.mark(DATABASE)
        assert ticks.due() == []
    now[0] = 101.99
    assert ticks.due() == []
    now[0] = 102.0
    assert ticks.due() == [DATABASE]
    now[0] = 104.0
    assert ticks.due() == []
    now[0] = 110.0
    assert ticks.due() == [PROCESS]


@pytest.mark.parametrize("change", ["insert", "update", "delete", "drop"])
def test_every_kind_of_change_is_told(start: Start, uri: str, database: Database, change: str) -> None:
    database["things"].insert_one({"_id": 1})
    _, told = start(uri)
    heard = later(told)
    {
        "insert": lambda: database["things"].insert_one({}),
        "update": lambda: database["things"].update_one({"_id": 1}, {"$set": {"x": 1}}),
        "delete": lambda: database["things"].delete_one({"_id": 1}),
        "drop": lambda: database.drop_collection("things"),
    }[change]()
    wait_until(heard, 4)


def test_a_flood_of_changes_is_told_sparingly(start: Start, uri: str, database: Database) -> None:
    _, told = start(uri)
    heard = later(told)
    for _ in range(20):
        database["things"].insert_many([{} for _ in range(100)])
    wait_until(heard, 4)
    assert told.count(DATABASE) <= 4


def test_changes_elsewhere_are_not_ours(start: Start, uri: str, mongo_client: MongoClient, database: Database) -> None:
    _, told = start(uri)
    heard = later(told)
    mongo_client["somebody_else"]["things"].insert_one({})
    database["things"].insert_one({})
    wait_until(heard, 4)
    assert set(told) <= {DATABASE, PROCESS}
    mongo_client.drop_database("somebody_else")


@pytest.mark.slow
def test_dropping_the_whole_database_ends_nothing(start: Start, uri: str, database: Database) -> None:
    database["things"].insert_one({})
    _, told = start(uri)
    heard = later(told)
    database.client.drop_database(database.name)
    wait_until(heard, 6)
    heard = later(told)
    database["things"].insert_one({})
    wait_until(heard, 6)


def test_it_runs_only_while_somebody_listens(start: Start, uri: str) -> None:
    others = set(threading.enumerate())
    watch, _ = start(uri)
    watch.join("another")
    watch.leave("another")
    assert watch.running
    watch.leave("page")
    wait_until(lambda: not watch.running)
    # It is through with the stream, and has its client to close.
    wait_until(lambda: not [thread for thread in set(threading.enumerate()) - others if "_run" in thread.name])


def test_one_stream_serves_all_listeners(start: Start, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    real = socketio.start_background_task
    monkeypatch.setattr(socketio, "start_background_task", lambda task: (started.append(task), real(task)))
    watch, _ = start(uri)
    for number in range(20):
        watch.join(f"page {number}")
    for number in range(20):
        watch.leave(f"page {number}")
    assert len(started) == 1


@pytest.mark.slow
def test_it_survives_a_database_that_is_killed_and_comes_back(start: Start, tmp_path: Path) -> None:
    server = Mongod(tmp_path, find_program(os.environ.get("MIXILLO_MONGOD", "")))
    server.start()
    try:
        with MongoClient(server.uri) as client:
            client["shop"]["things"].insert_one({})
            _, told = start(server.uri_of("shop"))
            lost = later(told)
            os.kill(server.pid, signal.SIGKILL)
            wait_until(lost)  # pages are told, so that they can say so
            server.process.wait()  # type: ignore[union-attr]
            server.start()
            heard = later(told)
            client["shop"]["things"].insert_one({})
            wait_until(heard, 15)
    finally:
        server.stop()
