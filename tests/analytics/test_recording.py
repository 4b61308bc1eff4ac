"""What was acknowledged is in the database, once, and what could not be stored is said."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from pymongo.errors import AutoReconnect, BulkWriteError

from mixillo.blueprints.analytics.services import recording
from mixillo.blueprints.analytics.services.recording import NotStored, Overloaded, Recorder
from mixillo.core import clock
from tests.analytics.sending import Document, event, moment, numbered, send
from tests.factories.auth import client_of
from tests.waiting import wait_until


class Writes:
    """A database that waits until it may write, and knows what it wrote."""

    def __init__(self) -> None:
        self.may, self.written = threading.Event(), [[]]
        self.written.clear()
        self.error: Exception | None = None

    def __call__(self, documents: list[Document]) -> list[int]:
        self.written.append(documents)
        assert self.may.wait(10)
        if self.error:
            raise self.error
        return [place for place, document in enumerate(documents) if document.get("old")]


def test_requests_that_come_while_one_writes_are_written_together_and_told_apart() -> None:
    writes = Writes()
    recorder = Recorder(writes)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(recorder.record, [{"n": 0}])
        wait_until(lambda: writes.written)
        rest = [pool.submit(recorder.record, [{"n": n}, {"n": n, "old": n % 2}]) for n in range(1, 9)]
        wait_until(lambda: recorder._held == 17)
        assert not any(each.done() for each in (first, *rest)), "nothing is acknowledged before it is written"
        writes.may.set()
        assert first.result() == 0
        assert [each.result() for each in rest] == [1, 0] * 4
    assert [len(each) for each in writes.written] == [1, 16]
    assert recorder._held == 0


def test_no_more_wait_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "PATIENCE_SECONDS", 30)
    writes = Writes()
    recorder = Recorder(writes, most_waiting=10)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(recorder.record, [{}] * 8)
        wait_until(lambda: writes.written)
        refused = pool.submit(recorder.record, [{}] * 3)
        try:
            assert isinstance(refused.exception(5), Overloaded), "at once, without waiting for its turn"
        finally:
            writes.may.set()
        first.result()
    assert recorder.record([{}] * 10) == 0
    assert [len(each) for each in writes.written] == [8, 10]


def test_who_waited_too_long_is_told_to_come_back_and_is_not_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "PATIENCE_SECONDS", 0.05)
    writes = Writes()
    recorder = Recorder(writes)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(recorder.record, [{"n": 1}])
        wait_until(lambda: writes.written)
        with pytest.raises(Overloaded):
            recorder.record([{"n": 2}])
        writes.may.set()
        first.result()
    assert recorder.record([{"n": 3}]) == 0
    assert writes.written == [[{"n": 1}], [{"n": 3}]]
    assert recorder._held == 0


def test_a_write_that_fails_acknowledges_nothing_and_the_next_goes_through() -> None:
    writes = Writes()
    writes.may.set()
    recorder = Recorder(writes)
    writes.error = AutoReconnect("gone")
    with pytest.raises(NotStored):
        recorder.record([{}])
    writes.error = None
    assert recorder.record([{}]) == 0
    assert recorder._held == 0


def test_only_an_event_that_is_there_already_counts_as_stored(app: Flask, db: Database) -> None:
    with app.app_context():
        assert recording.insert([{"_id": 1}, {"_id": 1}, {"_id": 2}]) == [1]
        with pytest.raises(BulkWriteError):
            recording.insert([{"_id": 3}, {"_id": [4]}])
    assert db["eventtrackings"].count_documents({}) == 3


def test_when_the_database_fails_the_answer_says_when_to_come_back(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_documents: list[Document]) -> list[int]:
        raise AutoReconnect("gone")

    monkeypatch.setitem(app.extensions, recording.EXTENSION, Recorder(fail))
    answer = send(client, event())
    assert (answer.status_code, answer.json["code"]) == (503, "events_not_stored")
    assert int(answer.headers["Retry-After"]) > 0


def test_events_of_earlier_days_mark_them_to_be_reckoned_again(client: FlaskClient, ops_db: Database) -> None:
    send(client, event(), event(timestamp=moment(days=2)))
    (marked,) = ops_db["rollups"].find()
    day = clock.now() - timedelta(days=2)
    assert marked["_id"] == datetime(day.year, day.month, day.day, tzinfo=day.tzinfo)
    assert marked["changedAt"] <= clock.now()


def test_a_crowd_that_sends_the_same_events_stores_each_once(app: Flask, ada: Document, db: Database) -> None:
    clients = [client_of(app, ada) for _ in range(8)]

    def tell(client: FlaskClient) -> tuple[int, int]:
        found = [send(client, *(numbered(n + part) for n in range(40))).json["data"] for part in range(0, 200, 40)]
        return sum(each["accepted"] for each in found), sum(each["duplicates"] for each in found)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(tell, clients))
    assert [sum(each) for each in zip(*told, strict=True)] == [200, 1400]
    assert db["eventtrackings"].count_documents({}) == 200
