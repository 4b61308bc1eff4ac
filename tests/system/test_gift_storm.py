"""Gifts while everything is killed: none that was acknowledged is lost, none is half there, and it goes on at once."""

import json
import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.mongod import Mongod, find_program
from tests.system.conftest import Serve
from tests.system.served import Served, command
from tests.waiting import wait_until

log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow
PEOPLE, COINS = 8, 1_000_000
WORKER_KILLS, DATABASE_KILLS = 40, 20
READY_SECONDS = 5.0
Body = dict[str, Any]


@dataclass
class Storm:
    """Eight people who send each other gifts, each waiting for the answer; what became of every request."""

    url: str
    gift_id: str
    tokens: dict[str, str]
    acknowledged: dict[str, str] = field(default_factory=dict)  # the record's id by key
    unknown: dict[str, tuple[str, Body]] = field(default_factory=dict)  # sender and body by key
    refused: list[str] = field(default_factory=list)
    asked: float = 0.0  # when the latest of the acknowledged gifts was asked for …
    answered: float = 0.0  # … and when it was answered
    stopped: threading.Event = field(default_factory=threading.Event)

    def send(self, sender: str, key: str, body: Body) -> None:
        """Send a gift and note what came of it."""
        asked = time.monotonic()
        headers = {"Authorization": f"Bearer {self.tokens[sender]}", "Idempotency-Key": key}
        try:
            answer = requests.post(f"{self.url}/api/gifts/send", json=body, headers=headers, timeout=10)
        except requests.RequestException:
            self.unknown[key] = (sender, body)
            return
        if answer.status_code == 201:
            self.acknowledged[key] = answer.json()["data"]["transaction"]["_id"]
            self.unknown.pop(key, None)
            if asked > self.asked:
                self.asked, self.answered = asked, time.monotonic()
        elif answer.status_code in (500, 503):
            self.unknown[key] = (sender, body)
        else:
            self.refused.append(answer.text)

    def rain(self, sender: str, seed: int) -> None:
        """Send one gift after the other until it is over."""
        random = Random(seed)
        others = [person for person in self.tokens if person != sender]
        while not self.stopped.is_set():
            quantity = random.randint(1, 5)
            body = {"giftId": self.gift_id, "recipientId": random.choice(others), "quantity": quantity}
            self.send(sender, uuid.uuid4().hex, body)

    @contextmanager
    def raging(self) -> Iterator[None]:
        """Let all of them send at once inside the block."""
        clients = [
            threading.Thread(target=self.rain, args=pair) for pair in zip(self.tokens, range(PEOPLE), strict=True)
        ]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            self.stopped.set()
            for client in clients:
                client.join()

    def survive(self, kill: Callable[[], None]) -> float:
        """Kill something, and return after how many seconds somebody who asked since then had sent a gift."""
        killed = time.monotonic()
        kill()
        wait_until(lambda: self.asked > killed, 30)
        return self.answered - killed


@pytest.fixture
def brought(tmp_path: Path) -> Iterator[Mongod]:
    """A database that Mixillo did not start, so that it may be killed more often than Mixillo would put up with."""
    server = Mongod(tmp_path / "brought", find_program(os.environ.get("MIXILLO_MONGOD", "")))
    server.data_dir.mkdir()
    server.start()
    yield server
    server.stop()


def prepared(server: Served, database: Database) -> Storm:
    """Return a storm of people who have coins and a gift to send."""
    server.register("boss")
    database["users"].update_one({"username": "boss"}, {"$set": {"role": "superadmin"}})
    login = {"identifier": "boss", "password": "a-quiet-harbour-42"}
    admin = {"Authorization": f"Bearer {server.post('/api/auth/login', login).json()['data']['token']}"}
    form = {"name": "Rose", "price": 7, "icon": "🌹"}
    gift = server.post("/api/gifts", form, headers=admin)
    assert gift.status_code == 201, gift.text
    tokens = {}
    for number in range(PEOPLE):
        person = server.register(f"giver_{number}")
        user_id = person["user"]["_id"]
        tokens[user_id] = person["token"]
        given = {"amount": COINS, "description": "For the storm"}
        assert server.post(f"/api/wallets/{user_id}/add-funds", given, headers=admin).status_code == 200
    return Storm(server.url, gift.json()["data"]["gift"]["_id"], tokens)


def assert_whole(storm: Storm, database: Database, ops: Database) -> None:
    """Everything acknowledged is there once, everything there is whole, and the rest was never begun."""
    assert storm.refused == []
    records = {str(record["_id"]): record for record in database["gifttransactions"].find()}
    assert set(storm.acknowledged.values()) <= records.keys()
    assert len(set(storm.acknowledged.values())) == len(storm.acknowledged)
    assert len(records) <= len(storm.acknowledged) + len(storm.unknown)
    entries: dict[str, int] = {}
    for transfer in ops["transfers"].find({"entryId": {"$regex": "^gift:"}}):
        record_id = transfer["entryId"].removeprefix("gift:")
        entries[record_id] = entries.get(record_id, 0) + transfer["amount"]
    assert entries == {record_id: record["totalCost"] for record_id, record in records.items()}
    rows = database["transactions"].count_documents({"referenceType": "gift"})
    assert rows == 2 * len(records)


def assert_repeatable(storm: Storm, database: Database, ops: Database) -> None:
    """Whoever repeats what was never answered gets that gift, sent once, whether it had been sent or not."""
    an_hour_ago = clock.now().replace(year=2020)
    ops["idempotencykeys"].update_many({"state": "running"}, {"$set": {"startedAt": an_hour_ago}})

    def repeated() -> bool:
        for key, (sender, body) in list(storm.unknown.items()):
            storm.send(sender, key, body)
        return not storm.unknown

    wait_until(repeated, 30)
    assert storm.refused == []
    assert len(set(storm.acknowledged.values())) == len(storm.acknowledged)
    assert database["gifttransactions"].count_documents({}) == len(storm.acknowledged)


def crowd() -> float:
    """Return how many processes want each core of this machine: with two, everything takes twice as long."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def reconciled(data_dir: Path, **environment: str) -> dict[str, Any]:
    answer = command("money", "reconcile", "--json", data_dir=data_dir, **environment)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_a_killed_worker_loses_no_gift(serve: Serve) -> None:
    server = serve("--dataset", "none", MIXILLO_RATE_LIMIT="off").wait_until_ready()
    random = Random(4)
    with server.client() as client:
        database, ops = client["mixillo"], client["mixillo_ops"]
        storm = prepared(server, database)
        pauses, patience = [], READY_SECONDS
        with storm.raging():
            for _ in range(WORKER_KILLS):
                storm.stopped.wait(random.uniform(0.05, 1.0))
                pauses.append(storm.survive(lambda: os.kill(server.worker_pid, signal.SIGKILL)))
                patience = max(patience, READY_SECONDS * crowd())
        told = sorted(round(pause, 1) for pause in pauses)
        log.info("%d gifts, %d unanswered, pauses of %s s", len(storm.acknowledged), len(storm.unknown), told)
        assert len(storm.acknowledged) > WORKER_KILLS
        assert_whole(storm, database, ops)
        assert_repeatable(storm, database, ops)
        assert_whole(storm, database, ops)
    assert reconciled(server.data_dir)["faults"] == 0
    assert max(pauses) <= patience


def test_a_killed_database_loses_no_gift(serve: Serve, brought: Mongod) -> None:
    uri = brought.uri_of("mixillo")
    server = serve("--dataset", "none", MIXILLO_RATE_LIMIT="off", MONGODB_URI=uri).wait_until_ready()
    random = Random(5)

    def kill_and_start() -> None:
        os.kill(brought.pid, signal.SIGKILL)
        assert brought.has_ended_within(5)
        brought.start()

    client: MongoClient
    with MongoClient(uri, tz_aware=True, serverSelectionTimeoutMS=10_000) as client:
        database, ops = client["mixillo"], client["mixillo_ops"]
        storm = prepared(server, database)
        pauses, patience = [], READY_SECONDS
        with storm.raging():
            for _ in range(DATABASE_KILLS):
                storm.stopped.wait(random.uniform(0.05, 1.5))
                pauses.append(storm.survive(kill_and_start))
                patience = max(patience, READY_SECONDS * crowd())
        told = sorted(round(pause, 1) for pause in pauses)
        log.info("%d gifts, %d unanswered, pauses of %s s", len(storm.acknowledged), len(storm.unknown), told)
        assert len(storm.acknowledged) > DATABASE_KILLS
        assert_whole(storm, database, ops)
        assert_repeatable(storm, database, ops)
        assert_whole(storm, database, ops)
    assert reconciled(server.data_dir, MONGODB_URI=uri)["faults"] == 0
    assert max(pauses) <= patience
