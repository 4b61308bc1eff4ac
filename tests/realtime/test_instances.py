"""Two instances with Redis between them: nobody misses anything or hears it twice, whatever dies.

Slow: real servers are started, killed, frozen.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import redis
import requests
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.orders.models import CARD
from mixillo.config import Settings
from mixillo.core import clock, realtime
from tests.factories import orders, payments
from tests.factories.auth import client_of, make_session
from tests.factories.products import make_product
from tests.factories.users import make_user
from tests.instances import ROOT, Instances, serving_many
from tests.people import User
from tests.sockets import Socket
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
Give = Callable[..., None]


@pytest.fixture(scope="module")
def servers(settings: Settings, migrated_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instances]:
    with serving_many(settings, tmp_path_factory.mktemp("instances")) as started:
        yield started


@pytest.fixture
def give(app: Flask, db: Database, ada: User, servers: Instances) -> Give:
    """Give ada a coin through an instance, as an administrator; she is told of each."""
    headers = {"Authorization": f"Bearer {make_session(app, make_user(db, role='admin'))[1]['token']}"}

    def once(url: str) -> None:
        path = f"{url}/api/wallets/{ada['_id']}/add-funds"
        answer = requests.post(path, headers=headers, json={"amount": 1, "description": "One more"}, timeout=10)
        assert answer.ok, answer.text

    return once


class Listener:
    """A client that comes back to the next of ``urls`` whenever its connection ends, and says what it has seen."""

    def __init__(self, urls: list[str], token: str, room: str) -> None:
        self.urls, self.token, self.room = urls, token, room
        self.numbers: list[int] = []
        self.balances: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.socket: Socket | None = None
        self._thread.start()
        wait_until(lambda: self.socket and self.socket.is_open)

    def _run(self) -> None:
        turn = 0
        while not self._over.is_set():
            offsets = {self.room: self.numbers[-1]} if self.numbers else {}
            try:
                self.socket = Socket(self.urls[turn % len(self.urls)], {"token": self.token, "offsets": offsets})
            except Exception:  # nobody is there
                turn += 1
                time.sleep(0.1)
                continue
            read = 0
            while self.socket.is_open and not self._over.is_set():
                read = self._read(read)
                time.sleep(0.02)
            self._read(read)
            self.socket.close()
            turn += 1

    def _read(self, done: int) -> int:
        assert self.socket
        heard = list(self.socket.heard)
        for name, payload in heard[done:]:
            if name == "wallet:updated":
                self.numbers.append(payload["seq"])
                self.balances.append(payload["balance"])
        return len(heard)

    def cut(self) -> None:
        assert self.socket
        self.socket.close()

    def end(self) -> None:
        self._over.set()
        self._thread.join()


@pytest.fixture
def listeners(app: Flask, ada: User, servers: Instances) -> Iterator[list[Listener]]:
    """One of ada's devices on each instance."""
    room = realtime.user_room(ada["_id"])
    tokens = [make_session(app, ada)[1]["token"] for _ in servers.urls]
    made = [Listener([url], token, room) for url, token in zip(servers.urls, tokens, strict=True)]
    yield made
    for listener in made:
        listener.end()


def heard_all(listener: Listener, count: int, seconds: float = 10) -> None:
    wait_until(lambda: len(listener.balances) >= count, seconds)
    assert listener.balances == list(range(1, count + 1))
    assert listener.numbers == list(range(listener.numbers[0], listener.numbers[0] + count))


def test_what_one_instance_tells_is_heard_on_both_in_one_order(
    servers: Instances, give: Give, listeners: list[Listener]
) -> None:
    for n in range(20):
        give(servers.urls[n % 2])
    for listener in listeners:
        heard_all(listener, 20)


def test_while_redis_is_dead_everything_is_still_heard(
    servers: Instances, give: Give, listeners: list[Listener]
) -> None:
    give(servers.urls[0])
    for listener in listeners:
        heard_all(listener, 1)
    servers.redis.stop(signal.SIGKILL)
    started = time.monotonic()
    for n in range(6):
        give(servers.urls[n % 2])
    assert time.monotonic() - started < 6
    for listener in listeners:
        heard_all(listener, 7, seconds=6)
    servers.redis.start()
    time_back = time.monotonic()
    wait_until(lambda: is_rung(give, servers, listeners), seconds=8)
    assert time.monotonic() - time_back < 8


def is_rung(give: Give, servers: Instances, listeners: list[Listener]) -> bool:
    """Tell something on the first instance and return whether the second hears it at once."""
    had = len(listeners[1].balances)
    give(servers.urls[0])
    try:
        wait_until(lambda: len(listeners[1].balances) > had, seconds=0.4)
    except AssertionError:
        return False
    return True


def test_while_redis_is_frozen_nobody_waits_for_it(servers: Instances, give: Give, listeners: list[Listener]) -> None:
    give(servers.urls[0])
    for listener in listeners:
        heard_all(listener, 1)
    servers.redis.send(signal.SIGSTOP)
    try:
        slowest = 0.0
        for n in range(8):
            started = time.monotonic()
            give(servers.urls[n % 2])
            slowest = max(slowest, time.monotonic() - started)
        assert slowest < 3
        for listener in listeners:
            heard_all(listener, 9, seconds=6)
    finally:
        servers.redis.send(signal.SIGCONT)
    wait_until(lambda: is_rung(give, servers, listeners), seconds=8)


def test_when_an_instance_is_killed_its_clients_miss_nothing_on_the_other(
    app: Flask, servers: Instances, give: Give, ada: User
) -> None:
    listener = Listener(servers.urls, make_session(app, ada)[1]["token"], realtime.user_room(ada["_id"]))
    try:
        for _ in range(5):
            give(servers.urls[1])
        heard_all(listener, 5)
        servers.servers[0].stop(signal.SIGKILL)
        for _ in range(15):
            give(servers.urls[1])
        heard_all(listener, 20, seconds=15)
    finally:
        listener.end()
        servers.servers[0].start()
        wait_until(lambda: answered(servers.urls[0]), seconds=60)


def answered(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=2).ok
    except requests.RequestException:
        return False


def test_a_session_that_ends_while_redis_is_dead_is_cut_on_the_other_instance_all_the_same(
    app: Flask, servers: Instances, ada: User
) -> None:
    token = make_session(app, ada)[1]["token"]
    socket = Socket(servers.urls[1], {"token": token})
    assert socket.is_open
    servers.redis.stop(signal.SIGKILL)
    try:
        headers: dict[str, Any] = {"Authorization": f"Bearer {token}"}
        assert requests.post(f"{servers.urls[0]}/api/auth/logout", headers=headers, timeout=5).ok
        wait_until(lambda: not socket.is_open, seconds=6)
        assert socket.told("session:ended") == [{"code": "logged_out"}]
    finally:
        servers.redis.start()
        socket.close()


@contextmanager
def rung(servers: Instances) -> Iterator[Callable[[], set[str]]]:
    """Listen to the queue itself: what is yielded returns the names of the events it carried so far."""
    with redis.Redis.from_url(servers.servers[0].environment["REDIS_URL"]) as client, client.pubsub() as queue:
        queue.subscribe(realtime.CHANNEL)
        wait_until(lambda: queue.get_message(timeout=1))
        names: set[str] = set()

        def so_far() -> set[str]:
            while message := queue.get_message(ignore_subscribe_messages=True, timeout=0.1):
                names.add(json.loads(message["data"]).get("event"))
            return names

        yield so_far


def test_what_a_command_does_reaches_the_sockets_of_every_instance(
    app: Flask, db: Database, servers: Instances, ada: User
) -> None:
    token = make_session(app, ada)[1]["token"]
    sockets = [Socket(url, {"token": token}) for url in servers.urls]
    command = [sys.executable, "-m", "mixillo.cli", "orders", "expire", "--json"]
    with rung(servers) as carried:
        for _ in range(3):  # the instances look once a minute, and may have been first
            orders.fill(db, ada, (make_product(db), 1))
            orders.place(client_of(app, ada), CARD)
            db["orders"].update_many({}, {"$set": {"expiresAt": clock.now() - timedelta(hours=1)}})
            environment = os.environ | servers.servers[0].environment
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
            if json.loads(done.stdout)["expired"] == 1:
                break
        for socket in sockets:
            wait_until(lambda socket=socket: "cancelled" in [each["status"] for each in socket.told("order:updated")])
        assert "order:updated" in carried()
    for socket in sockets:
        assert [each["status"] for each in socket.told("order:updated")].count("cancelled") == 1
        socket.close()


def test_what_a_web_hook_brings_to_one_instance_reaches_the_sockets_of_the_other(
    app: Flask, db: Database, servers: Instances, ada: User
) -> None:
    payment = payments.buy(client_of(app, ada), payments.make_package(db))["payment"]
    raw, signature = payments.sandbox(app).write(payments.event(payment))
    socket = Socket(servers.urls[1], {"token": make_session(app, ada)[1]["token"]})
    with rung(servers) as carried:
        headers = {"Mixillo-Signature": signature, "Content-Type": "application/json"}
        for _ in range(2):  # providers repeat themselves
            answer = requests.post(f"{servers.urls[0]}{payments.SANDBOX_HOOK}", raw, headers=headers, timeout=10)
            assert answer.ok, answer.text
        wait_until(lambda: socket.told("payment:updated") and socket.told("wallet:updated"))
        assert {"payment:updated", "wallet:updated"} <= carried()
    assert [told["status"] for told in socket.told("payment:updated")] == ["completed"]
    assert [told["balance"] for told in socket.told("wallet:updated")] == [525]
    socket.close()
