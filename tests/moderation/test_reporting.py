"""Reports: one open one per person and thing, in both dialects, counted into one case that knows how urgent it is."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.moderation.services import reporting
from mixillo.core.ratelimits import Rate
from tests.factories.auth import client_of
from tests.factories.comments import make_comment
from tests.factories.content import make_post
from tests.factories.users import make_user, unknown_id
from tests.killing import Killed, kill_before_the_answer_is_kept, let_a_minute_pass

User = dict[str, Any]


def report(client: FlaskClient, kind: str, thing: dict[str, Any], reason: str = "spam", **more: Any) -> Any:
    body = {"reportedType": kind, "reportedId": str(thing["_id"]), "reason": reason} | more
    return client.post("/api/reports", json=body)


def test_a_report_is_answered_and_opens_a_case(
    as_bob: FlaskClient, as_admin: FlaskClient, db: Database, post: dict[str, Any], ada: User, bob: User
) -> None:
    made = report(as_bob, "content", post, description="Look", reportedUserId=str(bob["_id"])).json["data"]["report"]
    assert (made["status"], made["reason"], made["description"]) == ("pending", "spam", "Look")
    assert "reportedUserId" not in made
    assert db["reports"].find_one({})["reportedUserId"] == ada["_id"]
    assert as_bob.get("/api/reports/my").json["data"]["reports"] == [made]
    assert as_bob.get("/api/reports/my-reports").headers["Deprecation"]
    (case,) = as_admin.get("/api/moderation/queue").json["data"]["queue"]
    assert (case["contentType"], case["reportCount"], case["priority"], case["reasons"]) == (
        "content",
        1,
        "low",
        ["spam"],
    )
    assert (case["subject"]["text"], case["owner"]["username"]) == (post["caption"], "ada")
    assert db["contents"].find_one({})["reportCount"] == 1


def test_the_mobile_app_says_it_in_its_own_words(
    as_bob: FlaskClient, as_cleo: FlaskClient, db: Database, post: Any
) -> None:
    body = {"targetType": "content", "targetId": str(post["_id"]), "type": "harassment", "reason": "He insults me",
            "evidence": ["https://cdn.example.com/a.png"]}  # fmt: skip
    made = as_bob.post("/api/reports", json=body).json["data"]["report"]
    assert (made["reason"], made["description"], made["screenshots"]) == (
        "harassment",
        "He insults me",
        body["evidence"],
    )
    path = f"/api/posts/{post['_id']}/report"
    assert as_cleo.post(path, json={"reason": "spam", "description": "x"}).json["data"]["report"]["reason"] == "spam"


@pytest.mark.parametrize("change", [
    {"reason": "boring"}, {"reportedType": "planet"}, {"reportedId": "5"}, {"reportedId": {"$gt": ""}},
    {"status": "resolved"}, {"screenshots": ["javascript:alert(1)"]}, {"reason": None},
    {"targetId": "64b7f3a2c9e77a0012ab34cd"},
])  # fmt: skip
def test_what_is_no_report_is_refused(as_bob: FlaskClient, db: Database, post: Any, change: dict[str, Any]) -> None:
    body = {"reportedType": "content", "reportedId": str(post["_id"]), "reason": "spam"} | change
    assert as_bob.post("/api/reports", json=body).status_code == 400
    assert db["moderationqueues"].count_documents({}) == 0


def test_nobody_reports_twice_nor_themselves_nor_what_they_may_not_see(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, post: Any, comment: Any
) -> None:
    hidden = make_post(db, ada, visibility="private")
    talk = {"_id": unknown_id(), "participants": [ada["_id"], unknown_id()]}
    db["conversations"].insert_one(talk)
    message = {"_id": unknown_id(), "conversationId": talk["_id"], "senderId": ada["_id"], "text": "Psst"}
    stream = {"_id": unknown_id(), "hostId": ada["_id"], "title": "Live", "isPrivate": True}
    db["messages"].insert_one(message)
    db["livestreams"].insert_one(stream)
    gone = [(kind, {"_id": unknown_id()}) for kind in ("user", "product", "store")]
    unseen = [("content", hidden), ("comment", make_comment(db, ada, hidden)), ("message", message)]
    for kind, thing in [*unseen, ("livestream", stream), *gone]:
        assert report(as_bob, kind, thing).status_code == 404, kind
    for kind, thing in (("content", post), ("user", ada), ("comment", comment)):
        answer = report(as_ada, kind, thing)
        assert (answer.status_code, answer.json["code"]) in ((409, "own_thing"),), kind
        assert report(as_bob, kind, thing).status_code == 201
        assert report(as_bob, kind, thing).json["code"] == "already_reported"
    assert db["reports"].count_documents({}) == db["moderationqueues"].count_documents({}) == 3


def test_a_repeated_key_reports_once_even_after_a_crash(
    as_bob: FlaskClient, db: Database, ops_db: Database, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, key = f"/api/content/{post['_id']}/report", {"Idempotency-Key": "k"}
    kill_before_the_answer_is_kept(monkeypatch)
    with pytest.raises(Killed):
        as_bob.post(path, json={"reason": "spam"}, headers=key)
    let_a_minute_pass(ops_db)
    answers = [as_bob.post(path, json={"reason": "spam"}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert (db["reports"].count_documents({}), db["contents"].find_one({})["reportCount"]) == (1, 1)


def test_a_report_that_cannot_be_counted_is_none(
    as_bob: FlaskClient, db: Database, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "COUNTED", {"content": None})
    assert report(as_bob, "content", post).status_code == 500
    assert db["reports"].count_documents({}) == db["moderationqueues"].count_documents({}) == 0


@pytest.mark.usefixtures("on_other_instances")
def test_many_who_report_at_once_make_one_case(app: Flask, db: Database, comment: Any) -> None:
    clients = [client_of(app, make_user(db)) for _ in range(10)]
    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(lambda n: report(clients[n % 10], "comment", comment, "other").status_code, range(20)))
    assert (statuses.count(201), statuses.count(409)) == (10, 10)
    (case,) = db["moderationqueues"].find()
    assert (case["reportCount"], len(set(case["reportedBy"])), case["priority"]) == (10, 10, "high")
    stored = db["comments"].find_one({"_id": comment["_id"]})
    assert (stored["reportCount"], stored["isReported"], stored["isHidden"]) == (10, True, False)


@pytest.mark.parametrize(("reasons", "count", "expected"), [
    (["spam"], 1, "low"), (["spam"], 3, "medium"), (["spam"], 10, "high"), (["harassment"], 1, "medium"),
    (["spam", "violence"], 2, "high"), (["nudity"], 3, "urgent"), (["hate_speech"], 50, "urgent"), ([], 1, "low"),
])  # fmt: skip
def test_the_worst_reason_and_many_reports_make_it_urgent(reasons: list[str], count: int, expected: str) -> None:
    assert reporting.PRIORITIES[reporting.priority(reasons, count)] == expected


def test_reports_are_rationed(app: Flask, as_bob: FlaskClient, db: Database, bob: User, post: Any) -> None:
    app.extensions["ratelimits"].hit(Rate.parse("reports", "30/hour"), f"user:{bob['_id']}", cost=30)
    assert report(as_bob, "content", post).status_code == 429
    assert db["reports"].count_documents({}) == 0
