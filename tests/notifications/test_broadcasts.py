"""Messages of administrators to many: to whom, in batches, resumed, withdrawn, counted."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.notifications.services import broadcasting
from mixillo.blueprints.notifications.services.broadcasting import work_off
from mixillo.core import clock
from mixillo.ops import jobs
from tests.factories.auth import client_of
from tests.factories.users import make_user
from tests.notifications.conftest import Emitted
from tests.waiting import wait_until

User = dict[str, Any]
PATH = "/api/notifications/admin"
MESSAGE = {"title": "Hello", "message": "Something new", "recipientType": "all"}


START = broadcasting.start


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are not started by themselves; a test works off what there is."""
    monkeypatch.setattr(broadcasting, "start", lambda: None)


@pytest.fixture
def crowd(db: Database) -> list[User]:
    return [make_user(db, isVerified=number % 2 == 0, isCreator=number % 3 == 0) for number in range(12)]


def report(*_progress: Any) -> None:
    """Nobody watches."""


def send(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"{PATH}/send", json=MESSAGE | fields)
    assert answer.status_code == 201, answer.json
    data: dict[str, Any] = answer.json["data"]
    return data


def test_everybody_is_told_in_batches(
    as_admin: FlaskClient, db: Database, crowd: list[User], monkeypatch: pytest.MonkeyPatch, emitted: Emitted
) -> None:
    monkeypatch.setattr(broadcasting, "BATCH", 5)
    make_user(db, status="banned")
    sent = send(as_admin)
    assert (sent["sent"], sent["broadcast"]["state"], sent["broadcast"]["progress"]) == (13, "waiting", 0)
    assert work_off(report) == {"messages": 1, "notifications": 13}
    shown = as_admin.get(f"{PATH}/{sent['broadcast']['_id']}").json["data"]["broadcast"]
    assert (shown["state"], shown["sent"], shown["done"], shown["progress"]) == ("done", 13, 13, 1)
    assert shown["sentBy"] == "root"
    told = list(db["notifications"].find())
    assert len({each["userId"] for each in told}) == len(told) == 13
    assert {name for name, _, _ in emitted} == {"notification", "notification:new"}
    assert len(emitted) == 26


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ({"recipientType": "segment", "targetSegment": "verified"}, 6),
        ({"recipientType": "segment", "targetSegment": "creators"}, 4),
        ({"recipientType": "segment", "targetSegment": "sellers"}, 0),
    ],
)
def test_a_segment_is_told(
    as_admin: FlaskClient, db: Database, crowd: list[User], to: dict[str, Any], expected: int
) -> None:
    assert send(as_admin, **to)["sent"] == expected
    work_off(report)
    assert db["notifications"].count_documents({}) == expected


def test_some_people_are_told_who_may_be_named_in_one_text(
    as_admin: FlaskClient, db: Database, crowd: list[User]
) -> None:
    ids = [str(crowd[0]["_id"]), str(crowd[1]["_id"]), str(ObjectId())]
    sent = send(as_admin, recipientType="specific", targetUsers=", ".join(ids))
    assert (sent["sent"], sent["broadcast"]["failed"]) == (2, 1)
    work_off(report)
    assert {each["userId"] for each in db["notifications"].find()} == {crowd[0]["_id"], crowd[1]["_id"]}


@pytest.mark.parametrize(
    "fields",
    [
        {"recipientType": "specific"}, {"recipientType": "segment"}, {"recipientType": "everybody"}, {"title": ""},
        {"link": "javascript:alert(1)"}, {"link": "//evil.example"}, {"userIds": ["x"]}, {"type": "pigeon"},
    ],
)  # fmt: skip
def test_nonsense_is_refused(as_admin: FlaskClient, ops_db: Database, fields: dict[str, Any]) -> None:
    assert as_admin.post(f"{PATH}/send", json=MESSAGE | fields).status_code == 400
    assert ops_db["broadcasts"].count_documents({}) == 0


def test_a_killed_job_goes_on_where_it_stopped_and_tells_nobody_twice(
    as_admin: FlaskClient, db: Database, ops_db: Database, crowd: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "BATCH", 5)
    send(as_admin)
    steps = []

    def die_at_the_second(done: int, total: int, label: str) -> None:
        steps.append((done, total, label))
        if len(steps) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_off(die_at_the_second)
    assert db["notifications"].count_documents({}) == 5
    assert ops_db["broadcasts"].find_one({})["done"] == 5
    work_off(report)
    assert len(db["notifications"].distinct("userId")) == db["notifications"].count_documents({}) == 13
    assert steps[1] == (5, 13, "Hello")


def test_a_batch_that_cannot_be_stored_is_not_counted(
    as_admin: FlaskClient, db: Database, ops_db: Database, crowd: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(as_admin)
    with monkeypatch.context() as patch:
        patch.setattr(broadcasting, "_notification", lambda *_: {"_id": crowd[0]["_id"], "userId": crowd[0]["_id"]})
        with pytest.raises(Exception, match="E11000"):
            work_off(report)
    assert (db["notifications"].count_documents({}), ops_db["broadcasts"].find_one({})["done"]) == (0, 0)
    work_off(report)
    assert db["notifications"].count_documents({}) == 13


def test_two_that_work_at_once_tell_everybody_once(
    as_admin: FlaskClient, db: Database, ops_db: Database, crowd: list[User]
) -> None:
    send(as_admin)
    stored = ops_db["broadcasts"].find_one({})
    assert broadcasting._send_some(stored) == (13, True)
    assert broadcasting._send_some(stored) == (0, True)
    assert db["notifications"].count_documents({}) == 13


def test_whoever_does_not_want_it_is_skipped(
    app: Flask, as_admin: FlaskClient, db: Database, crowd: list[User]
) -> None:
    wish = {"types": {"promotion": {"inApp": False}}}
    client_of(app, crowd[0]).put("/api/notifications/preferences", json=wish)
    sent = send(as_admin, type="promotion")
    work_off(report)
    shown = as_admin.get(f"{PATH}/{sent['broadcast']['_id']}").json["data"]["broadcast"]
    assert (shown["sent"], shown["skipped"], shown["done"]) == (12, 1, 13)


def test_the_same_request_sends_once(as_admin: FlaskClient, ops_db: Database, crowd: list[User]) -> None:
    answers = [
        as_admin.post(f"{PATH}/send", json=MESSAGE, headers={"Idempotency-Key": "k"}).get_data() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert ops_db["broadcasts"].count_documents({}) == 1


def test_a_withdrawn_message_disappears_and_stays_in_the_history(
    app: Flask, as_admin: FlaskClient, db: Database, ops_db: Database, crowd: list[User],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(broadcasting, "BATCH", 5)
    first, other = send(as_admin)["broadcast"]["_id"], send(as_admin, title="Other")["broadcast"]["_id"]
    work_off(report)
    assert as_admin.delete(f"{PATH}/{first}").json["data"]["broadcast"]["state"] == "withdrawing"
    assert as_admin.delete(f"{PATH}/{first}").status_code == 200
    work_off(report)
    assert db["notifications"].distinct("title") == ["Other"]
    states = {each["_id"]: each["state"] for each in as_admin.get(f"{PATH}/history").json["data"]["notifications"]}
    assert states == {first: "withdrawn", other: "done"}
    assert as_admin.delete(f"{PATH}/{ObjectId()}").status_code == 404
    actions = [entry["action"] for entry in ops_db["auditlog"].find({"target": "broadcasts"}, sort=[("_id", 1)])]
    assert actions == ["notification.broadcast_sent"] * 2 + ["notification.broadcast_withdrawn"]


def test_figures_follow_sending_and_reading(app: Flask, as_admin: FlaskClient, crowd: list[User]) -> None:
    assert as_admin.get(f"{PATH}/stats").json["data"]["readRate"] == 0
    send(as_admin)
    work_off(report)
    reader, hasty = client_of(app, crowd[0]), client_of(app, crowd[1])
    (mine,) = reader.get("/api/notifications").json["data"]["notifications"]
    for _ in range(2):
        reader.put(f"/api/notifications/{mine['_id']}/read")
    assert hasty.put("/api/notifications/read-all").json["data"] == {"modifiedCount": 1}
    assert as_admin.get(f"{PATH}/stats").json["data"] == {
        "totalSent": 13, "sentToday": 13, "delivered": 13, "failed": 0, "skipped": 0, "readCount": 2,
        "readRate": 0.1538,
    }  # fmt: skip


def test_the_job_says_how_far_it_is_and_leaves_nothing_undone(
    as_admin: FlaskClient, ops_db: Database, crowd: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(as_admin)
    actor = {"kind": "command", "name": "tests"}
    seen: list[tuple[int, int, str]] = []
    jobs.run_inline(ops_db, broadcasting.JOB, work_off, actor=actor, on_progress=lambda *step: seen.append(step))
    assert seen == [(0, 13, "Hello")]
    assert jobs.latest(ops_db, broadcasting.JOB)["result"] == {"messages": 1, "notifications": 13}
    assert broadcasting._next() is None


@pytest.mark.parametrize("path", ["history", "stats"])
def test_only_administrators_look(app: Flask, db: Database, path: str) -> None:
    assert client_of(app, make_user(db)).get(f"{PATH}/{path}").status_code == 403
    assert client_of(app, make_user(db, role="seller")).post(f"{PATH}/send", json=MESSAGE).status_code == 403


def test_what_a_killed_process_left_is_gone_on_with_by_another(
    as_admin: FlaskClient, db: Database, ops_db: Database, crowd: list[User]
) -> None:
    long_ago = clock.now() - timedelta(minutes=1)
    running = {"kind": broadcasting.JOB, "state": jobs.RUNNING, "actor": {"name": "gone"}}
    assert START() is None
    send(as_admin)
    ops_db["jobs"].insert_one(running | {"startedAt": clock.now(), "heartbeatAt": clock.now()})
    assert START() is None
    ops_db["jobs"].update_one({}, {"$set": {"startedAt": long_ago, "heartbeatAt": long_ago}})
    job_id = START()
    wait_until(lambda: ops_db["jobs"].find_one({"_id": job_id})["state"] == jobs.DONE)
    assert db["notifications"].count_documents({}) == 13
    assert ops_db["broadcasts"].find_one({})["state"] == "done"
