"""Who is where, on all instances together, and right again after a crash."""

from datetime import timedelta

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from mixillo.core import clock
from mixillo.core.realtime import presence
from mixillo.core.realtime.presence import Presence
from tests.connecting import Connect
from tests.factories.users import make_user
from tests.people import User
from tests.plans import faults, profiled
from tests.waiting import wait_until

ROOM = "live_" + "a" * 24
Rooms = dict[str, list[str]]


class Instance:
    """An instance, the rooms its sockets are in, and what it has counted."""

    def __init__(self, name: str) -> None:
        self.rooms: Rooms = {}
        self.counted: dict[str, set[ObjectId]] = {}
        self.presence = Presence(name, lambda room: self.rooms.get(room, []), self.counted.__setitem__)

    def come(self, user_id: ObjectId, socket_id: str) -> None:
        self.presence.came(socket_id, user_id)
        self.rooms.setdefault(ROOM, []).append(socket_id)

    def beat(self) -> set[ObjectId]:
        self.presence.beat(list(self.rooms))
        return self.counted.get(ROOM, set())


@pytest.fixture
def instances(app: Flask, db: Database) -> tuple[Instance, Instance]:
    return Instance("one"), Instance("two")


def test_somebody_with_many_sockets_is_one_person(instances: tuple[Instance, Instance]) -> None:
    one, two = instances
    ada, bob = ObjectId(), ObjectId()
    one.come(ada, "a1")
    one.come(ada, "a2")
    two.come(ada, "a3")
    two.come(bob, "b1")
    one.beat()
    assert two.beat() == {ada, bob}
    assert one.beat() == {ada, bob}
    assert presence.online([ada, bob, ObjectId()]) == {ada, bob}


def test_who_has_left_counts_no_longer(instances: tuple[Instance, Instance]) -> None:
    one, two = instances
    ada, bob = ObjectId(), ObjectId()
    one.come(ada, "a")
    two.come(bob, "b")
    two.beat()
    assert one.beat() == {ada, bob}
    two.rooms.clear()
    two.presence.went("b")
    two.beat()
    assert one.beat() == {ada}
    assert presence.online([ada, bob]) == {ada}
    assert not two.presence.is_anybody_here


def test_an_instance_that_died_counts_no_longer_after_seconds(
    instances: tuple[Instance, Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = instances
    ada, bob = ObjectId(), ObjectId()
    one.come(ada, "a")
    two.come(bob, "b")
    two.beat()
    later = clock.now() + presence.FRESH + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert one.beat() == {ada}
    assert presence.online([bob]) == set()


def test_what_has_not_changed_is_not_written_at_every_beat(
    instances: tuple[Instance, Instance], ops_db: Database
) -> None:
    one, _ = instances
    one.come(ObjectId(), "a")
    one.beat()
    with profiled(ops_db) as entries:
        for _ in range(5):
            one.beat()
    assert [entry for entry in entries if entry["op"] == "update"] == []
    assert faults(entries) == []


def test_a_socket_makes_its_user_be_online(app: Flask, db: Database, connect: Connect, ada: User) -> None:
    first, second = connect(ada), connect(ada)
    wait_until(lambda: presence.online([ada["_id"], make_user(db)["_id"]]) == {ada["_id"]})
    first.close()
    wait_until(lambda: presence.online([ada["_id"]]))
    second.close()
    wait_until(lambda: not presence.online([ada["_id"]]))
