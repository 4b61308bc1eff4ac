"""One's own notifications: lists, reading, deleting, and what other devices hear of it."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.notifications.models import Notification
from mixillo.core import clock
from tests.notifications.conftest import Emitted

User = dict[str, Any]
PATH = "/api/notifications"


def make(db: Database, owner: User, **fields: Any) -> dict[str, Any]:
    """Store a notification and return the document."""
    made = Notification(id=ObjectId(), userId=owner["_id"], type="system", title="News", body="Something")
    document = made.to_mongo().to_dict() | fields
    db["notifications"].insert_one(document)
    return document


@pytest.fixture
def some(db: Database, ada: User, bob: User) -> list[dict[str, Any]]:
    """Five of Ada's, the third and fourth read, the last a like of Bob's; one of Bob's."""
    make(db, bob)
    ago = clock.now() - timedelta(hours=1)
    return [
        make(
            db, ada, createdAt=ago + timedelta(minutes=number), isRead=number in (2, 3),
            **({"type": "like", "senderId": bob["_id"], "actors": [bob["_id"]]} if number == 4 else {}),
        )
        for number in range(5)
    ]  # fmt: skip


def listed(client: FlaskClient, query: str = "") -> list[str]:
    return [each["_id"] for each in client.get(f"{PATH}{query}").json["data"]["notifications"]]


def test_the_latest_come_first_with_who_did_it(as_ada: FlaskClient, some: list[dict[str, Any]], bob: User) -> None:
    data = as_ada.get(PATH).json["data"]
    assert [each["_id"] for each in data["notifications"]] == [str(each["_id"]) for each in reversed(some)]
    assert data["unreadCount"] == 3
    assert data["pagination"]["total"] == 5
    latest = data["notifications"][0]
    assert latest["senderId"] == str(bob["_id"])
    assert latest["fromUser"]["username"] == latest["actors"][0]["username"] == "bob"
    assert (latest["message"], latest["read"]) == (latest["body"], False)


def test_lists_are_narrowed_by_type_and_to_what_is_unread(as_ada: FlaskClient, some: list[dict[str, Any]]) -> None:
    assert listed(as_ada, "?type=like") == [str(some[4]["_id"])]
    assert listed(as_ada, "?unreadOnly=true") == [str(some[number]["_id"]) for number in (4, 1, 0)]
    assert as_ada.get(f"{PATH}?type=pigeon").status_code == 400


def test_a_cursor_goes_on_where_the_page_ended(as_ada: FlaskClient, some: list[dict[str, Any]], db: Database) -> None:
    first = as_ada.get(f"{PATH}?limit=2").json["data"]
    make(db, {"_id": some[0]["userId"]})  # arrives meanwhile
    cursor = first["pagination"]["nextCursor"]
    second = listed(as_ada, f"?limit=2&cursor={cursor}")
    assert second == [str(some[2]["_id"]), str(some[1]["_id"])]


def test_reading_one_is_told_to_the_other_devices_once(
    as_ada: FlaskClient, some: list[dict[str, Any]], ada: User, emitted: Emitted
) -> None:
    path = f"{PATH}/{some[0]['_id']}/read"
    for _ in range(2):
        shown = as_ada.put(path).json["data"]["notification"]
        assert shown["isRead"]
        assert shown["readAt"]
    told = {"notificationId": str(some[0]["_id"]), "unreadCount": 2}
    ((name, payload, room),) = emitted
    assert (name, room) == ("notification:read", f"user_{ada['_id']}")
    assert payload | told == payload
    assert as_ada.get(f"{PATH}/unread-count").json["data"] == {"unreadCount": 2, "count": 2}


def test_reading_all_leaves_the_others_alone(
    as_ada: FlaskClient, as_bob: FlaskClient, some: list[dict[str, Any]], emitted: Emitted
) -> None:
    assert as_ada.put(f"{PATH}/read-all").json["data"] == {"modifiedCount": 3}
    assert as_ada.put(f"{PATH}/read-all").json["data"] == {"modifiedCount": 0}
    assert [name for name, _, _ in emitted] == ["notification:all-read"]
    assert as_ada.get(f"{PATH}/unread-count").json["data"]["unreadCount"] == 0
    assert as_bob.get(f"{PATH}/unread-count").json["data"]["unreadCount"] == 1


def test_somebody_elses_are_not_there(as_bob: FlaskClient, some: list[dict[str, Any]], db: Database) -> None:
    path = f"{PATH}/{some[0]['_id']}"
    for answer in (as_bob.get(path), as_bob.put(f"{path}/read"), as_bob.delete(path)):
        assert (answer.status_code, answer.json["code"]) == (404, "notification_not_found")
    assert not db["notifications"].find_one({"_id": some[0]["_id"]})["isRead"]


def test_deleting_takes_it_out_of_the_count(as_ada: FlaskClient, some: list[dict[str, Any]], emitted: Emitted) -> None:
    assert as_ada.delete(f"{PATH}/{some[0]['_id']}").status_code == 200
    assert as_ada.delete(f"{PATH}/{some[0]['_id']}").status_code == 404
    assert as_ada.delete(f"{PATH}/{some[2]['_id']}").status_code == 200
    assert [payload["unreadCount"] for _, payload, _ in emitted] == [2]
    assert as_ada.get(f"{PATH}/unread-count").json["data"]["unreadCount"] == 2


def test_documents_of_the_existing_system_are_shown(as_ada: FlaskClient, db: Database, ada: User) -> None:
    db["notifications"].insert_one(
        {"userId": ada["_id"], "type": "follow", "title": "T", "body": "B", "isRead": False, "createdAt": clock.now()}
    )
    (only,) = as_ada.get(PATH).json["data"]["notifications"]
    assert (only["count"], only["actors"], only["sender"], only["data"]) == (1, [], None, None)


def test_nobody_reads_without_signing_in(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 401


def test_whoever_is_gone_is_left_out(app: Flask, as_ada: FlaskClient, db: Database, ada: User, bob: User) -> None:
    make(db, ada, senderId=bob["_id"], actors=[bob["_id"]], count=2)
    db["users"].delete_one({"_id": bob["_id"]})
    (only,) = as_ada.get(PATH).json["data"]["notifications"]
    assert (only["senderId"], only["sender"], only["actors"]) == (str(bob["_id"]), None, [])
