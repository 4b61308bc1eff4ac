"""What was taken back is neither told nor quoted any more."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.messaging import make_talk
from tests.factories.users import make_user
from tests.notifications.conftest import Emitted
from tests.notifications.news import of

User = dict[str, Any]
Told = Callable[[], int]


def test_what_is_taken_back_is_not_quoted_any_more(
    app: Flask, as_bob: FlaskClient, db: Database, ada: User, bob: User, told: Told, emitted: Emitted
) -> None:
    talk = make_talk(db, ada, bob)
    path = f"/api/conversations/{talk['_id']}/messages"
    first, second = (
        as_bob.post(path, json={"text": text}).json["data"]["message"]["_id"] for text in ("A secret", "Hello!")
    )
    told()
    assert as_bob.delete(f"/api/messaging/messages/{first}").status_code == 200
    assert of(db, ada) == [("message", "New messages", "bob wrote to you: Hello!")]
    emitted.clear()
    assert as_bob.delete(f"/api/messaging/messages/{second}").status_code == 200
    assert of(db, ada) == [("message", "New messages", "bob wrote to you")]
    (heard,) = [payload for event, payload, _to in emitted if event == "notification"]
    assert (heard["notification"]["body"], heard["silent"], heard["unreadCount"]) == ("bob wrote to you", True, 1)


def test_a_read_notification_and_one_of_somebody_who_has_left_do_not_quote_it_either(
    as_bob: FlaskClient, db: Database, ada: User, bob: User, told: Told, emitted: Emitted
) -> None:
    group = make_talk(db, bob, ada, make_user(db))
    sent = as_bob.post(f"/api/conversations/{group['_id']}/messages", json={"text": "A secret"})
    told()
    db["notifications"].update_many({}, {"$set": {"isRead": True}})
    db["conversations"].update_one({"_id": group["_id"]}, {"$pull": {"participants": ada["_id"]}})
    emitted.clear()
    assert as_bob.delete(f"/api/messaging/messages/{sent.json['data']['message']['_id']}").status_code == 200
    assert {each["body"] for each in db["notifications"].find()} == {"bob wrote in Potters"}
    assert [event for event, _payload, _to in emitted if event == "notification"] == []


def test_what_is_taken_back_before_it_was_told_is_never_told(
    as_bob: FlaskClient, db: Database, ada: User, bob: User, told: Told
) -> None:
    talk = make_talk(db, ada, bob)
    sent = as_bob.post(f"/api/conversations/{talk['_id']}/messages", json={"text": "A secret"})
    as_bob.delete(f"/api/messaging/messages/{sent.json['data']['message']['_id']}")
    assert told() == 0
    assert of(db, ada) == []


def test_what_an_administrator_takes_back_is_not_quoted_any_more(
    as_admin: FlaskClient, as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, told: Told
) -> None:
    talk = make_talk(db, ada, bob)
    sent = as_bob.post(f"/api/conversations/{talk['_id']}/messages", json={"text": "A secret"})
    message_id = sent.json["data"]["message"]["_id"]
    told()
    report = {"reportedType": "message", "reportedId": message_id, "reason": "harassment"}
    assert as_ada.post("/api/reports", json=report).status_code == 201
    case = db["moderationqueues"].find_one({"contentType": "message"})
    assert case
    answer = as_admin.put(f"/api/moderation/queue/{case['_id']}/reject", json={"reason": "spam"})
    assert answer.status_code == 200, answer.json
    assert "bob wrote to you" in [body for _type, _title, body in of(db, ada)]
    assert db["notifications"].count_documents({"body": {"$regex": "secret"}}) == 0
