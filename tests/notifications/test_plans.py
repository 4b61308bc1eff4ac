"""Every query about notifications is found by an index, in the order that it is answered in."""

from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.notifications.services import broadcasting, telling
from tests.factories.users import make_user
from tests.notifications.news import comment_of, like_of
from tests.notifications.test_inbox import make
from tests.plans import faults, profiled

PATH = "/api/notifications"
User = dict[str, Any]
READS = ["", "?unreadOnly=true", "?type=system", "?type=system&unreadOnly=true", "/unread-count", "/preferences"]
OF_ADMINS = ["/admin/history?limit=3", "/admin/history?limit=3&type=system", "/admin/stats"]


@pytest.fixture
def many(db: Database, ada: User, bob: User) -> list[dict[str, Any]]:
    for number in range(40):
        make(db, bob, type="system" if number % 2 else "like")
    return [make(db, ada, type="system" if number % 2 else "like", isRead=number % 3 == 0) for number in range(60)]


@pytest.mark.parametrize("path", READS)
def test_reads_use_indexes(
    as_ada: FlaskClient, db: Database, ops_db: Database, many: list[dict[str, Any]], path: str
) -> None:
    with profiled(db, ops_db) as entries:
        answer = as_ada.get(f"{PATH}{path}{'&' if '?' in path else '?'}limit=3")
        if cursor := (answer.json["data"].get("pagination") or {}).get("nextCursor"):
            assert as_ada.get(f"{PATH}{path}{'&' if '?' in path else '?'}limit=3&cursor={cursor}").status_code == 200
    assert answer.status_code == 200
    assert entries
    assert faults(entries) == []


def test_writes_use_indexes(
    app: Flask, as_ada: FlaskClient, db: Database, ops_db: Database, many: list[dict[str, Any]], ada: User, bob: User
) -> None:
    as_ada.put(f"{PATH}/preferences", json={"types": {"like": {"push": True}}})
    with profiled(db, ops_db) as entries:
        as_ada.put(f"{PATH}/{many[1]['_id']}/read")
        as_ada.delete(f"{PATH}/{many[2]['_id']}")
        as_ada.put(f"{PATH}/preferences", json={"types": {"like": {"push": False}}})
        with app.app_context():
            telling.tell(like_of(bob, ada), comment_of(bob, ada, "One"))
            telling.tell(comment_of(bob, ada, "Two"))
        as_ada.put(f"{PATH}/read-all")
    assert len(entries) > 15
    assert faults(entries) == []


@pytest.mark.parametrize("path", OF_ADMINS)
def test_reads_of_administrators_use_indexes(as_admin: FlaskClient, db: Database, ops_db: Database, path: str) -> None:
    ops_db["broadcasts"].insert_many([_broadcast(number) for number in range(20)])
    with profiled(db, ops_db) as entries:
        assert as_admin.get(f"{PATH}{path}").status_code == 200
    assert faults(entries) == []


def test_sending_to_many_uses_indexes(
    as_admin: FlaskClient, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "start", lambda: None)
    monkeypatch.setattr(broadcasting, "BATCH", 10)
    for _ in range(30):
        make_user(db)
    body = {"title": "Hello", "message": "All", "recipientType": "all"}
    with profiled(db, ops_db) as entries:
        made = as_admin.post(f"{PATH}/admin/send", json=body).json["data"]["broadcast"]["_id"]
        broadcasting.work_off(lambda *_: None)
        as_admin.delete(f"{PATH}/admin/{made}")
        broadcasting.work_off(lambda *_: None)
    assert len(entries) > 20
    assert faults(entries) == []


def _broadcast(number: int) -> dict[str, Any]:
    return {
        "_id": ObjectId(), "type": "system" if number % 2 else "promotion", "title": "T", "body": "B", "state": "done",
        "recipientType": "all", "total": 1, "done": 1, "sent": 1, "skipped": 0, "failed": 0, "readCount": 0,
        "actor": {"name": "boss"}, "createdAt": broadcasting.clock.now(), "targets": [],
    }  # fmt: skip
