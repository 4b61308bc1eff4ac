"""Live events: everything that happens, once, in bounded memory, with nothing of anybody's in it but ids."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.core import audit_log, clock, realtime
from mixillo.ops import alerts, jobs
from mixillo.ops.events import Event, LiveEvents, Ring, merged, recent
from mixillo.ops.events.recorded import who
from mixillo.ops.events.tally import MOST_NAMES, Tally
from mixillo.ops.mongod import Mongod
from tests.conftest import DATABASE
from tests.waiting import wait_until

CANARY = "canary-of-a-person"
OPERATOR = {"kind": "operator", "id": ObjectId(), "name": "amira"}
Hear = Callable[..., list[Event]]


@pytest.fixture
def live(app: Flask, mongod: Mongod, db: Database) -> Iterator[tuple[LiveEvents, list[Event]]]:
    """A stream with one listener, and what it told."""
    told: list[Event] = []
    stream = LiveEvents(mongod.uri_of(DATABASE), told.append)
    stream.join("page")
    number = 0

    def is_open() -> bool:
        nonlocal number
        number += 1
        db["warming"].insert_one({"_id": number})
        audit_log.record("warming", actor=audit_log.SYSTEM)
        return {"warming"} == {event.name for event in told} and len({event.kind for event in told}) == 2

    with app.app_context():
        wait_until(is_open, 20)
    db.drop_collection("warming")
    yield stream, told
    stream.leave("page")
    wait_until(lambda: not stream.running)


@pytest.fixture
def hear(live: tuple[LiveEvents, list[Event]]) -> Hear:
    """Wait for an event of this name, and return all of them."""

    def found(name: str, count: int = 1) -> list[Event]:
        wait_until(lambda: len([event for event in live[1] if event.name == name]) >= count, 8)
        return [event for event in live[1] if event.name == name]

    return found


def change(kind: str, collection: str = "orders", key: Any = None) -> dict[str, Any]:
    return {"operationType": kind, "ns": {"coll": collection}, "documentKey": {"_id": key}}


def test_changes_of_a_collection_are_counted_by_what_was_done() -> None:
    tally, key = Tally(), ObjectId()
    tally.note_change(change("insert", key=key))
    (event,) = tally.take()
    assert (event.kind, event.name, event.summary) == ("database", "orders", f"1 inserted: {key}")
    for _ in range(3):
        tally.note_change(change("insert", key=ObjectId()))
    tally.note_change(change("delete", key=key))
    (event,) = tally.take()
    assert event.summary == "3 inserted, 1 deleted"
    assert tally.take() == []


def test_a_key_that_is_no_object_id_may_be_anything_and_is_not_shown() -> None:
    tally = Tally()
    tally.note_change(change("insert", key=f"{CANARY}@example.com"))
    assert tally.take()[0].summary == "1 inserted"


def test_emits_are_counted_by_event() -> None:
    tally = Tally()
    tally.note_emit("live:like", "live_1")
    assert tally.take()[0].summary == "1 sent: live_1"
    for number in range(1_000):
        tally.note_emit("live:like", f"user_{number}")
    assert tally.take()[0].summary == "1,000 sent"


def test_names_without_end_do_not_fill_the_memory() -> None:
    tally = Tally()
    for number in range(10_000):
        tally.note_change(change("insert", f"c{number}"))
    found = tally.take()
    assert len(found) <= MOST_NAMES + 1
    others = next(event for event in found if event.name == "others")
    assert others.summary == f"{10_000 - MOST_NAMES:,} inserted"


def event_at(number: int) -> Event:
    return Event(str(number), clock.now() + timedelta(seconds=number), "audit", "x", "")


def test_the_ring_keeps_the_last_and_each_once() -> None:
    ring = Ring(200)
    assert all(ring.add(event_at(number)) for number in range(1_000))
    assert not ring.add(event_at(999))
    assert [event.id for event in ring.events()] == [str(number) for number in range(800, 1_000)]


def test_sources_are_merged_newest_first_without_doubles() -> None:
    found = merged([event_at(1), event_at(3)], [event_at(3), event_at(2)], limit=2)
    assert [event.id for event in found] == ["3", "2"]


@pytest.mark.parametrize(
    ("actor", "shown"),
    [
        (OPERATOR, "amira"),
        ({"kind": "command", "name": "mixillo backup"}, "mixillo backup"),
        ({"kind": "operator", "name": f"{CANARY} typed a password here"}, "operator"),
        ({"kind": "user", "id": ObjectId("6" * 24), "name": CANARY}, f"user {'6' * 24}"),
        ({"kind": "user", "id": f"{CANARY}@example.com", "name": CANARY}, "user"),
    ],
)
def test_people_are_ids_and_operators_are_names(actor: dict[str, Any], shown: str) -> None:
    assert who(actor) == shown


def test_what_is_on_record_is_told_without_what_was_changed(app: Flask, ops_db: Database) -> None:
    with app.app_context():
        audit_log.record("user.renamed", actor={"kind": "user", "id": ObjectId(), "name": CANARY}, target="users",
                         target_id=f"{CANARY}@example.com", changes={"before": CANARY, "after": CANARY})  # fmt: skip
    alerts.silence(ops_db, "errors-fast", length=timedelta(hours=1), actor=OPERATOR, reason=CANARY)
    jobs.run_inline(ops_db, "probes", lambda report: {"secret": CANARY}, actor=OPERATOR, parameters={"x": CANARY})
    ops_db["revisions"].insert_one({"_id": "r1", "firstSeenAt": clock.now(), "source": "running", "changes": CANARY})
    found = recent(ops_db)
    assert sorted(event.kind for event in found) == ["alert", "audit", "job", "job", "revision"]
    assert CANARY not in str(found)
    by_name = {(event.kind, event.name): event.summary for event in found}
    assert by_name["alert", "errors-fast"] == "silenced by amira"
    assert by_name["revision", "r1"] == "started"


def test_every_source_is_heard_once_as_it_happens(
    app: Flask, live: tuple[LiveEvents, list[Event]], hear: Hear, db: Database, ops_db: Database
) -> None:
    stream, told = live
    key = db["orders"].insert_one({"address": CANARY}).inserted_id
    assert hear("orders")[0].summary == f"1 inserted: {key}"
    with app.app_context():
        audit_log.record("order.cancelled", actor=OPERATOR, target="orders", target_id=key, changes={"x": CANARY})
    assert hear("order.cancelled")[0].summary == f"amira on orders {key}: ok"
    alerts.silence(ops_db, "errors-fast", length=timedelta(hours=1), actor=OPERATOR, reason=CANARY)
    assert hear("errors-fast")[0].kind == "alert"
    jobs.run_inline(ops_db, "probes", lambda report: {"secret": CANARY}, actor=OPERATOR)
    assert [event.summary.split()[0] for event in hear("probes", 2)] == ["started", "done"]
    ops_db["revisions"].insert_one({"_id": "r2", "firstSeenAt": clock.now(), "source": "running"})
    assert hear("r2")[0].kind == "revision"
    realtime.emit_to_user(key, realtime.SESSION_ENDED, {"code": CANARY})
    assert hear("session:ended")[0].summary == f"1 sent: user_{key}"
    assert CANARY not in str(told)
    assert len({event.id for event in told}) == len(told)
    assert stream.ring.events() == told[-200:]
    stored = [event for event in recent(ops_db) if event.name != "warming"]  # the first of those came too early
    assert stored
    assert {event.id for event in stored} <= {event.id for event in told}
    db["orders"].delete_many({})


def test_progress_and_heartbeats_are_no_events(
    live: tuple[LiveEvents, list[Event]], hear: Hear, ops_db: Database
) -> None:
    ops_db["heartbeats"].insert_one({"_id": "h"})

    def work(report: jobs.Report) -> dict[str, Any]:
        for number in range(3):
            report(number, 3, "on")
        return {}

    jobs.run_inline(ops_db, "integrity", work, actor=OPERATOR)
    assert len(hear("integrity", 2)) == 2
    assert "heartbeats" not in {event.name for event in live[1]}


def test_a_flood_is_counted_exactly_and_told_sparingly(live: tuple[LiveEvents, list[Event]], db: Database) -> None:
    before = len(live[1])
    for _ in range(10):
        db["things"].insert_many([{} for _ in range(500)])

    def counted() -> int:
        found = [event.summary for event in live[1] if event.name == "things"]
        return sum(int(summary.split(" inserted")[0].replace(",", "")) for summary in found)

    wait_until(lambda: counted() == 5_000, 20)
    assert len(live[1]) - before <= 15
    db.drop_collection("things")


def test_too_many_at_once_are_admitted_not_told(
    app: Flask, live: tuple[LiveEvents, list[Event]], hear: Hear, ops_db: Database
) -> None:
    entry = {"action": "much", "actor": OPERATOR, "target": None, "result": "ok", "createdAt": clock.now()}
    ops_db[audit_log.COLLECTION].insert_many([{**entry, "targetId": None} for _ in range(400)])
    hear("too many")

    def all_told() -> int:
        admitted = [int(event.summary.split()[0]) for event in live[1] if event.name == "too many"]
        return len([event for event in live[1] if event.name == "much"]) + sum(admitted)

    wait_until(lambda: all_told() == 400, 8)
    assert len(live[0].ring.events()) <= 200


def test_nobody_listening_means_nothing_is_read(mongod: Mongod, mongo_client: MongoClient) -> None:
    stream = LiveEvents(mongod.uri_of(DATABASE), lambda event: None)
    assert not stream.running
    stream.join("one")
    stream.join("two")
    stream.leave("one")
    assert stream.running
    stream.leave("two")
    wait_until(lambda: not stream.running)


def test_whoever_polls_keeps_it_going_for_a_while(mongod: Mongod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixillo.ops.events.live.SECONDS_FOR_POLLING", 1.5)
    stream = LiveEvents(mongod.uri_of(DATABASE), lambda event: None)
    stream.keep()
    assert stream.running
    wait_until(lambda: not stream.running, 6)
