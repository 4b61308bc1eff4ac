"""What sockets do is counted in memory, stored once per instance and minute, and told of by alerts and Prometheus."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from mixillo.core import clock, realtime
from mixillo.core.realtime import room_log, user_room
from mixillo.core.realtime.figures import figures
from mixillo.core.realtime.pacing import AT_ONCE, MOST_REFUSED
from mixillo.ops.alerts.rules import BY_ID
from mixillo.ops.metrics.exposition import exposition
from mixillo.ops.metrics.sockets import CAPS, Sampler, reading, sampling
from mixillo.ops.metrics.storing import Instance
from tests.connecting import Connect
from tests.factories.content import make_post
from tests.people import User
from tests.sockets import Socket
from tests.waiting import wait_until

ONE, TWO = (Instance(name, "r1", clock.now()) for name in ("one", "two"))
Document = dict[str, Any]


@pytest.fixture(autouse=True)
def nothing_counted(app: Flask) -> Iterator[None]:
    """What other tests have done is forgotten."""
    figures.take()
    yield
    figures.take()


@pytest.fixture
def sampler() -> Sampler:
    return Sampler(ONE, CAPS["gthread"])


def told(ops: Database, instance: Instance, *lags: float, **counts: int) -> None:
    """Store what an instance has done in this minute."""
    figures.take()
    for what, number in counts.items():
        figures.count(what, number)
    for lag in lags:
        figures.told_after(lag)
    Sampler(instance, 100).store(ops)


def test_events_are_told_apart_by_what_came_of_them(
    app: Flask, db: Database, url: str, connect: Connect, ada: User, sampler: Sampler
) -> None:
    socket = connect(ada)
    wait_until(lambda: socket.told("socket:ready"))
    sampler.sample()
    Socket(url, {"token": "x"}).close()
    assert socket.ask("video:join", {"contentId": str(make_post(db, ada)["_id"])})["ok"]
    assert not socket.ask("video:join", {"contentId": "x"})["ok"]
    assert not socket.ask("nonsense")["ok"]
    before = dict(sampler.sample()["counts"])
    assert {name: before.get(name, 0) for name in ("asked", "refused", "turnedAway", "limited", "cut")} == {
        "asked": 3, "refused": 2, "turnedAway": 1, "limited": 0, "cut": 0,
    }  # fmt: skip
    for _ in range(int(AT_ONCE) + MOST_REFUSED + 5):
        socket.client.emit("nonsense")
    wait_until(lambda: sampler.sample()["counts"].get("cut") == 1)
    assert sampler.totals.counts["limited"] > MOST_REFUSED


def test_what_is_sent_to_sockets_counts_for_each_and_so_does_what_is_sent_again(
    connect: Connect, ada: User, sampler: Sampler
) -> None:
    room = user_room(ada["_id"])
    sockets = [connect(ada), connect(ada)]
    wait_until(lambda: all(socket.told("socket:ready") for socket in sockets))
    sampler.sample()
    before = sampler.totals.counts["delivered"]
    for _ in range(3):
        realtime.emit_to_user(ada["_id"], realtime.SESSION_ENDED, {"code": "x"})
    wait_until(lambda: all(len(socket.told("session:ended")) == 3 for socket in sockets))
    now = sampler.sample()
    assert sampler.totals.counts["delivered"] - before == 6
    assert sum(now["lags"].values()) == 3
    assert now["deliveredPerSecond"] >= 6 / sampling.SECONDS_OF_RATE
    late = connect(ada, {room: sockets[0].numbers(room)[0]})
    wait_until(lambda: len(late.told("session:ended")) == 2)
    assert sampler.sample()["counts"]["replayed"] == 2
    assert all("_at" not in payload for socket in (*sockets, late) for _, payload in socket.heard)


@pytest.mark.slow
def test_what_waited_in_the_log_shows_as_lag(ops_db: Database, connect: Connect, ada: User, sampler: Sampler) -> None:
    socket = connect(ada)
    (row,) = realtime.told([(user_room(ada["_id"]), realtime.SESSION_ENDED, {"code": "x"})])
    room_log.rows().update_one({"_id.seq": row.seq}, {"$set": {"at": clock.now() - timedelta(seconds=4)}})
    sampler.sample()
    wait_until(lambda: socket.told("session:ended"))  # by the look that comes every two seconds
    figures_of = reading.Sum()
    figures_of.add(sampler.sample() | {"mostSockets": 1})
    assert (figures_of.lag(0.95) or 0) > 3_000


def test_a_minute_is_one_document_of_an_instance_however_often_it_is_stored(
    ops_db: Database, sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.now().replace(second=1)
    monkeypatch.setattr(clock, "now", lambda: start)
    figures.count("asked", 3)
    sampler.store(ops_db)
    sampler.store(ops_db)
    figures.count("asked", 2)
    sampler.store(ops_db)
    (stored,) = ops_db[sampling.COLLECTION].find()
    assert stored["counts"] == {"asked": 5}
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=1))
    figures.count("asked", 1)
    sampler.store(ops_db)
    assert [each["counts"]["asked"] for each in ops_db[sampling.COLLECTION].find(sort=[("at", 1)])] == [5, 1]
    assert reading.over(ops_db, timedelta(minutes=15), clock.now()).counts["asked"] == 6


def test_what_the_database_does_not_take_is_stored_later(
    ops_db: Database, sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        def __getitem__(self, _name: str) -> Any:
            raise AutoReconnect("gone")

    start = clock.now().replace(second=1)
    for minutes in range(3):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: start + timedelta(minutes=minutes))
        figures.count("asked", minutes + 1)
        sampler.store(Gone())  # type: ignore[arg-type]
    sampler.store(ops_db)
    assert [each["counts"]["asked"] for each in ops_db[sampling.COLLECTION].find(sort=[("at", 1)])] == [1, 2, 3]


def test_instances_add_up_and_those_that_are_gone_are_not_shown(
    ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(ops_db, ONE, asked=3)
    told(ops_db, TWO, asked=4)
    assert [each["instance"] for each in reading.instances(ops_db)] == ["one", "two"]
    assert reading.over(ops_db, timedelta(minutes=15), clock.now()).counts == Counter(asked=7)
    points = reading.timeline(ops_db, "1h")
    assert len(points) <= 62
    assert [point.counts["asked"] for _, point in points if point] == [7]
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert reading.instances(ops_db) == []


def test_alerts_look_at_lag_fullness_and_cuts(ops_db: Database) -> None:
    def value(rule: str) -> Any:
        return BY_ID[rule].measure(ops_db, clock.now())

    assert [value(rule).value for rule in ("sockets-late", "sockets-full", "sockets-cut")] == [None, None, None]
    told(ops_db, ONE, *[1_500.0] * 10, *[5.0] * 40, cut=30, asked=100)
    assert 1_000 < value("sockets-late").value <= 2_000
    assert value("sockets-late").sample == 50
    assert value("sockets-cut").value == 30 > BY_ID["sockets-cut"].threshold
    ops_db[sampling.COLLECTION].update_many({}, {"$set": {"sockets": 90}})
    assert value("sockets-full").value == 0.9 > BY_ID["sockets-full"].threshold
    assert value("sockets-full").detail == "90 of 100 on one"


def test_prometheus_is_told_of_sockets(sampler: Sampler) -> None:
    figures.count("asked", 3)
    figures.told_after(120)
    text = exposition({}, "r1", sampler)
    assert "mixillo_socket_events_total 3\n" in text
    assert 'mixillo_socket_delivery_lag_seconds_bucket{le="0.125"} 1\n' in text
    assert 'mixillo_socket_delivery_lag_seconds_bucket{le="0.1"} 0\n' in text
    assert "mixillo_socket_delivery_lag_seconds_sum 0.120000\n" in text
    assert (
        exposition({}, "r1", sampler).count("mixillo_socket_events_total 3\n") == 1
    )  # since the start, not since then


def test_an_instance_takes_as_many_sockets_as_its_server_does() -> None:
    server = (Path(__file__).parents[2] / "gunicorn.conf.py").read_text("utf-8")
    assert f"worker_connections = {CAPS['eventlet']}\n" in server
    assert f'threads = {CAPS["gthread"]} if _worker == "gthread"' in server
