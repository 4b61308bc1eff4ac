"""Decisions: the thing, its case and reports, strikes, standing and the audit log change together, once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.moderation.services import deciding, striking
from mixillo.core import audit_log
from mixillo.core.realtime import room_log
from tests.factories.auth import client_of
from tests.factories.comments import counters_equal_rows
from tests.factories.content import make_post
from tests.factories.messaging import make_message, make_talk
from tests.factories.products import make_product
from tests.factories.users import make_user, unknown_id
from tests.moderation.test_reporting import report

User = dict[str, Any]
QUEUE = "/api/moderation/queue"


@contextmanager
def hearing() -> Iterator[list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []

    def hear(_sender: Any, **told: Any) -> None:
        heard.append(told)

    deciding.decided.connect(hear)
    yield heard


def case_of(as_admin: FlaskClient, status: str = "pending") -> dict[str, Any]:
    (case,) = as_admin.get(f"{QUEUE}?status={status}").json["data"]["queue"]
    return case


def test_what_is_rejected_goes_with_a_strike_and_an_answer_to_all_who_reported_it(
    as_ada: FlaskClient,
    as_bob: FlaskClient,
    as_cleo: FlaskClient,
    as_admin: FlaskClient,
    client: FlaskClient,
    db: Database,
    ops_db: Database,
    post: Any,
    ada: User,
    bob: User,
    cleo: User,
) -> None:
    for reporter in (as_bob, as_cleo):
        report(reporter, "content", post, "nudity")
    path = f"{QUEUE}/{case_of(as_admin)['_id']}/reject"
    with hearing() as heard:
        for _ in range(2):
            answer = as_admin.put(path, json={"reason": "nudity", "reviewNotes": "Clear"})
            case = answer.json["data"]["case"]
            assert (case["status"], case["actionTaken"], case["reviewNotes"]) == ("removed", "content_removed", "Clear")
    assert client.get(f"/api/content/{post['_id']}").status_code == 404
    assert as_ada.get(f"/api/content/{post['_id']}").json["data"]["content"]["status"] == "removed"
    stored = db["contents"].find_one({})
    assert (stored["moderationFlags"], db["users"].find_one({"_id": ada["_id"]})["videosCount"]) == (["nudity"], 0)
    (strike,) = db["strikes"].find()
    assert (strike["userId"], strike["reason"], strike["severity"]) == (ada["_id"], "inappropriate_content", "moderate")
    assert strike["relatedContentId"] == post["_id"]
    for reporter in (as_bob, as_cleo):
        assert reporter.get("/api/reports/my").json["data"]["reports"][0]["status"] == "resolved"
    assert heard == [{
        "kind": "content", "thing_id": post["_id"], "owner_id": ada["_id"], "action": "content_removed",
        "reason": "nudity", "reporter_ids": [bob["_id"], cleo["_id"]],
    }]  # fmt: skip
    log = [entry["action"] for entry in ops_db["auditlog"].find(sort=[("_id", 1)])]
    assert log == ["moderation.decided", "content.removed", "strike.given"]
    assert as_admin.put(path.replace("reject", "approve")).json["code"] == "already_decided"


def test_what_is_approved_stays_or_comes_back_and_its_reports_are_dismissed(
    as_bob: FlaskClient, as_admin: FlaskClient, client: FlaskClient, db: Database, post: Any, ada: User
) -> None:
    at = f"/api/moderation/content/{post['_id']}"
    assert as_admin.post(f"{at}/reject", json={"reason": "spam"}).json["data"]["content"]["status"] == "removed"
    as_admin.post(f"{at}/reject", json={"reason": "spam"})
    assert client.get(f"/api/content/{post['_id']}").status_code == 404
    assert as_admin.post(f"{at}/approve").json["data"]["content"]["status"] == "active"
    assert client.get(f"/api/content/{post['_id']}").status_code == 200
    assert db["users"].find_one({"_id": ada["_id"]})["videosCount"] == 1
    report(as_bob, "content", post)
    as_admin.put(f"{QUEUE}/{case_of(as_admin)['_id']}/approve", json={"reviewNotes": "Fine"})
    assert as_bob.get("/api/reports/my").json["data"]["reports"][0]["status"] == "dismissed"
    assert (client.get(f"/api/content/{post['_id']}").status_code, db["strikes"].count_documents({})) == (200, 2)
    assert report(as_bob, "content", post).status_code == 201  # what happens later is another report


def test_drafts_and_archived_posts_come_back_as_what_they_were(as_admin: FlaskClient, db: Database, ada: User) -> None:
    for status, published in (("draft", None), ("archived", "same"), ("reported", "same")):
        fields = {"status": status} | ({"publishedAt": None} if published is None else {})
        post = make_post(db, ada, **fields)
        for action, body in (("reject", {"reason": "spam"}), ("approve", {})):
            as_admin.post(f"/api/moderation/content/{post['_id']}/{action}", json=body)
        stored = db["contents"].find_one({"_id": post["_id"]})["status"]
        assert stored == ("active" if status == "reported" else status)


def test_a_report_that_is_resolved_decides_about_its_thing(
    as_bob: FlaskClient, as_cleo: FlaskClient, as_admin: FlaskClient, db: Database, post: Any, comment: Any
) -> None:
    for reporter in (as_bob, as_cleo):
        report(reporter, "comment", comment, "hate_speech")
    first, second = as_admin.get("/api/moderation/reports?status=pending&type=comment").json["data"]["reports"]
    assert (first["reporter"]["username"], first["subject"]["text"]) == ("cleo", comment["text"])
    for each in (first, second):
        body = {"actionTaken": "content_removed", "reviewNotes": "Gone"}
        answer = as_admin.put(f"/api/moderation/reports/{each['_id']}/resolve", json=body).json["data"]["report"]
        assert (answer["status"], answer["actionTaken"]) == ("resolved", "content_removed")
    other = {"actionTaken": "none"}
    assert as_admin.put(f"/api/moderation/reports/{first['_id']}/resolve", json=other).json["code"] == "already_decided"
    stored = db["comments"].find_one({"_id": comment["_id"]})
    assert (stored["status"], stored["isReported"]) == ("blocked", False)
    assert db["strikes"].find_one({})["reason"] == "harassment"
    assert case_of(as_admin, "removed")["reportCount"] == 2
    counters_equal_rows(db)


def test_a_warning_takes_nothing_away(
    as_bob: FlaskClient, as_admin: FlaskClient, db: Database, post: Any, client: FlaskClient
) -> None:
    report(as_bob, "content", post)
    case = case_of(as_admin)
    body = {"reason": "spam", "actionTaken": "warning"}
    assert as_admin.put(f"{QUEUE}/{case['_id']}/reject", json=body).json["data"]["case"]["status"] == "rejected"
    assert client.get(f"/api/content/{post['_id']}").status_code == 200
    assert db["strikes"].find_one({})["severity"] == "minor"


def test_products_are_rejected_and_people_are_not_taken_away(
    as_bob: FlaskClient, as_admin: FlaskClient, client: FlaskClient, db: Database, ada: User
) -> None:
    product = make_product(db, sellerId=ada["_id"])
    report(as_bob, "product", product, "scam")
    as_admin.put(f"{QUEUE}/{case_of(as_admin)['_id']}/reject", json={"reason": "scam"})
    stored = db["products"].find_one({})
    assert (stored["status"], stored["rejectionReason"]) == ("rejected", "scam")
    report(as_bob, "user", ada)
    body = {"reason": "spam", "actionTaken": "content_removed"}
    answer = as_admin.put(f"{QUEUE}/{case_of(as_admin)['_id']}/reject", json=body)
    assert (answer.status_code, answer.json["code"]) == (409, "not_removable")


def test_a_message_is_taken_back_for_all_with_its_counter(
    app: Flask, as_bob: FlaskClient, as_admin: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    talk = make_talk(db, ada, bob)
    message = make_message(db, talk, ada, "Psst")
    report(as_bob, "message", message)
    assert case_of(as_admin)["subject"]["text"] == "Psst"
    as_admin.put(f"{QUEUE}/{case_of(as_admin)['_id']}/reject", json={"reason": "spam"})
    shown = as_bob.get(f"/api/messaging/messages/{message['_id']}").json["data"]["message"]
    assert (shown["isDeleted"], shown["text"]) == (True, None)
    assert as_bob.get("/api/messaging/unread-count").json["data"]["unreadCount"] == 0
    assert [row.event for row in room_log.behind(f"conversation_{talk['_id']}", 0)] == ["message:deleted"]


def test_what_is_gone_can_still_be_closed(
    as_bob: FlaskClient, as_admin: FlaskClient, db: Database, comment: Any, post: Any
) -> None:
    report(as_bob, "comment", comment)
    report(as_bob, "content", post)
    as_admin.delete(f"/api/comments/admin/{comment['_id']}")
    db["contents"].delete_many({})
    cases = {case["contentType"]: case["_id"] for case in as_admin.get(QUEUE).json["data"]["queue"]}
    body = {"reason": "spam", "actionTaken": "warning"}
    assert as_admin.put(f"{QUEUE}/{cases['comment']}/reject", json=body).status_code == 200
    assert as_admin.put(f"{QUEUE}/{cases['content']}/reject", json=body).json["code"] == "nobodys_thing"
    assert as_admin.put(f"{QUEUE}/{cases['content']}/approve").status_code == 200
    assert db["strikes"].count_documents({}) == 1


def test_many_cases_are_decided_at_once_and_each_for_itself(
    as_bob: FlaskClient, as_admin: FlaskClient, db: Database, ada: User
) -> None:
    for _ in range(3):
        report(as_bob, "content", make_post(db, ada))
    report(as_bob, "user", ada)
    cases = as_admin.get(QUEUE).json["data"]["queue"]
    ids = [case["_id"] for case in cases]
    body = {"caseIds": [*ids, str(unknown_id())], "actionTaken": "content_removed", "reason": "spam"}
    told = as_admin.post(f"{QUEUE}/bulk", json=body).json["data"]
    assert told["count"] == 3
    assert sorted(each["code"] for each in told["failed"]) == ["case_not_found", "not_removable"]
    assert db["contents"].count_documents({"status": "removed"}) == 3


def test_a_decision_that_breaks_in_the_middle_is_none(
    as_bob: FlaskClient,
    as_admin: FlaskClient,
    db: Database,
    ops_db: Database,
    post: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report(as_bob, "content", post)
    case = case_of(as_admin)

    def fail(*_arguments: Any, **_more: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(striking, "insert", fail)
    with hearing() as heard:
        assert as_admin.put(f"{QUEUE}/{case['_id']}/reject", json={"reason": "spam"}).status_code == 500
    assert heard == []
    assert (case_of(as_admin)["_id"], db["contents"].find_one({})["status"]) == (case["_id"], "active")
    assert db["reports"].find_one({})["status"] == "pending"
    assert ops_db[audit_log.COLLECTION].count_documents({}) == 0


@pytest.mark.usefixtures("on_other_instances")
def test_of_two_who_decide_otherwise_at_once_one_does(app: Flask, as_bob: FlaskClient, db: Database, ada: User) -> None:
    admins = [client_of(app, make_user(db, role="admin")) for _ in range(2)]
    for _ in range(5):
        post = make_post(db, ada)
        report(as_bob, "content", post)
        case = case_of(admins[0])

        def decide(number: int, at: str = f"{QUEUE}/{case['_id']}") -> int:
            if number:
                return admins[1].put(f"{at}/approve").status_code
            return admins[0].put(f"{at}/reject", json={"reason": "spam"}).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(decide, range(2))) == [200, 409]
        is_removed = db["contents"].find_one({"_id": post["_id"]})["status"] == "removed"
        assert db["strikes"].count_documents({"relatedContentId": post["_id"]}) == int(is_removed)
        db["strikes"].delete_many({})


def test_who_takes_a_case_is_seen(as_bob: FlaskClient, as_admin: FlaskClient, post: Any, admin: User) -> None:
    report(as_bob, "content", post)
    case = case_of(as_admin)
    taken = as_admin.put(f"{QUEUE}/{case['_id']}/take").json["data"]["case"]
    assert (taken["status"], taken["assignedTo"]) == ("in_review", str(admin["_id"]))
    assert as_bob.get("/api/reports/my").json["data"]["reports"][0]["status"] == "under_review"
    assert report(as_bob, "content", post).status_code == 409
    as_admin.put(f"{QUEUE}/{case['_id']}/approve")
    assert as_admin.put(f"{QUEUE}/{case['_id']}/take").status_code == 409
    assert as_admin.put(f"{QUEUE}/{unknown_id()}/take").status_code == 404


def test_the_queue_is_in_the_order_of_urgency(
    as_bob: FlaskClient, as_admin: FlaskClient, db: Database, ada: User
) -> None:
    for reason in ("spam", "scam", "violence", "spam", "violence"):
        report(as_bob, "content", make_post(db, ada), reason)
    found = as_admin.get(f"{QUEUE}?limit=3").json["data"]
    more = as_admin.get(f"{QUEUE}?limit=3&cursor={found['pagination']['nextCursor']}").json["data"]["queue"]
    assert [case["priority"] for case in found["queue"] + more] == ["high", "high", "medium", "low", "low"]
    times = [case["createdAt"] for case in found["queue"][:2]]
    assert times == sorted(times)
    assert len(as_admin.get(f"{QUEUE}?priority=high&contentType=content").json["data"]["queue"]) == 2
    stats = as_admin.get("/api/moderation/stats").json["data"]
    assert (stats["pending"], stats["flagged"], stats["totalReports"], stats["pendingReports"]) == (5, 2, 5, 5)


def test_administrators_only(as_bob: FlaskClient, client: FlaskClient, db: Database, post: Any, ada: User) -> None:
    report(as_bob, "content", post)
    case = db["moderationqueues"].find_one({})["_id"]
    for method, path, body in (
        ("get", QUEUE, None), ("get", "/api/moderation/stats", None), ("get", "/api/moderation/reports", None),
        ("get", "/api/moderation/strikes", None), ("put", f"{QUEUE}/{case}/approve", {}),
        ("put", f"{QUEUE}/{case}/reject", {"reason": "spam"}), ("put", f"{QUEUE}/{case}/take", None),
        ("post", f"/api/moderation/content/{post['_id']}/reject", {"reason": "spam"}),
        ("post", f"/api/moderation/users/{ada['_id']}/strikes", {"reason": "spam"}),
        ("put", f"/api/admin/users/{ada['_id']}/status", {"status": "banned", "reason": "spam"}),
    ):  # fmt: skip
        assert getattr(as_bob, method)(path, json=body).status_code == 403, path
        assert getattr(client, method)(path, json=body).status_code == 401, path
    assert (case_of(client_of(as_bob.application, make_user(db, role="admin")))["status"]) == "pending"
