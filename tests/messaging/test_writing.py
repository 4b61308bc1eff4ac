"""Writing to each other: once each, in one order, counted exactly, by those who may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.messaging.services import sending
from mixillo.core import realtime
from mixillo.core.realtime import room_log
from tests.factories.auth import client_of
from tests.factories.messaging import make_message, make_talk
from tests.factories.products import make_product
from tests.factories.users import make_follow, make_user
from tests.killing import Killed, kill_before_the_answer_is_kept, let_a_minute_pass

User = dict[str, Any]
PATH = "/api/messaging"
TALKS = f"{PATH}/conversations"
NOTHING = "64b7f3a2c9e77a0012ab34cd"


def write(client: FlaskClient, talk: dict[str, Any], **body: Any) -> Any:
    return client.post(f"{TALKS}/{talk['_id']}/messages", json={"text": "Hello"} | body)


def check_counters(db: Database, talk: dict[str, Any]) -> None:
    """Hold the counters of a conversation against its rows."""
    stored = db["conversations"].find_one({"_id": talk["_id"]})
    rows = list(db["messages"].find({"conversationId": talk["_id"]}))
    assert stored["messagesCount"] == len(rows)
    for each in stored["participantStatus"]:
        read = each.get("lastReadAt")
        unread = [
            row for row in rows
            if row["senderId"] != each["userId"] and not row["isDeleted"] and (read is None or row["createdAt"] > read)
        ]  # fmt: skip
        assert each["unreadCount"] == (0 if each.get("leftAt") else len(unread))


def test_a_message_is_stored_shown_and_told_in_one(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    answer = write(as_ada, talk, text="The kiln is open")
    assert answer.status_code == 201
    message = answer.json["data"]["message"]
    assert answer.headers["Location"] == f"{PATH}/messages/{message['_id']}"
    assert (message["text"], message["content"], message["type"]) == ("The kiln is open",) * 2 + ("text",)
    assert (message["sender"]["username"], message["isRead"], message["reactions"]) == ("ada", False, [])
    assert as_bob.get(f"{PATH}/messages/{message['_id']}").json["data"]["message"] == message
    assert as_bob.get(f"{TALKS}/{talk['_id']}/messages").json["data"]["messages"] == [message]
    (listed,) = as_bob.get(TALKS).json["data"]["conversations"]
    assert (listed["latestMessage"], listed["lastMessage"]) == (message, "The kiln is open")
    assert (listed["unreadCount"], listed["otherUser"]["username"]) == (1, "ada")
    assert as_ada.get(TALKS).json["data"]["conversations"][0]["unreadCount"] == 0
    rooms = [f"conversation_{talk['_id']}", f"user_{ada['_id']}", f"user_{bob['_id']}"]
    told = [room_log.behind(room, 0) for room in rooms]
    assert [[row.event for row in rows] for rows in told] == [["message:new"], ["newMessage"], ["newMessage"]]
    assert told[0][0].payload["_id"] == message["_id"]
    check_counters(db, talk)


def test_what_cannot_be_told_is_not_stored(
    as_ada: FlaskClient, db: Database, ops_db: Database, talk: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime, "told", lambda *_: 1 / 0)
    assert write(as_ada, talk).status_code == 500
    assert db["messages"].count_documents({}) == ops_db["roomevents"].count_documents({}) == 0
    assert db["conversations"].find_one({"_id": talk["_id"]}) == talk


def test_nobody_else_reads_or_writes(as_eve: FlaskClient, db: Database, ada: User, talk: dict[str, Any]) -> None:
    message = make_message(db, talk, ada)
    one, there = f"{PATH}/messages/{message['_id']}", f"{TALKS}/{talk['_id']}"
    asked = [
        as_eve.get(there), as_eve.get(f"{there}/messages"), write(as_eve, talk), as_eve.post(f"{there}/read", json={}),
        as_eve.patch(there, json={"isMuted": True}), as_eve.post(f"{there}/leave"), as_eve.get(one),
        as_eve.delete(one), as_eve.post(f"{one}/reactions", json={"emoji": "👍"}), as_eve.delete(f"{one}/reactions"),
    ]  # fmt: skip
    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert as_eve.get(TALKS).json["data"]["conversations"] == []
    assert db["messages"].find_one({"_id": message["_id"]}) == message


def test_administrators_do_not_read_what_others_write(app: Flask, db: Database, talk: dict[str, Any]) -> None:
    boss = client_of(app, make_user(db, role="superadmin"))
    assert boss.get(f"{TALKS}/{talk['_id']}/messages").status_code == 404
    assert write(boss, talk).status_code == 404


def test_the_same_client_id_again_is_the_same_message(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, talk: dict[str, Any]
) -> None:
    answers = [write(as_ada, talk, clientId="a1").json["data"]["message"] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["clientId"] == "a1"
    write(as_bob, talk, clientId="a1")  # another's is another one
    assert db["messages"].count_documents({}) == 2
    check_counters(db, talk)


def test_the_same_message_at_the_same_time_is_stored_once(
    app: Flask, db: Database, ada: User, talk: dict[str, Any]
) -> None:
    clients = [client_of(app, ada) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda client: write(client, talk, clientId="a1"), clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["data"]["message"]["_id"] for answer in answers}) == 1
    assert len(room_log.behind(f"conversation_{talk['_id']}", 0)) == db["messages"].count_documents({}) == 1
    check_counters(db, talk)


def test_a_request_that_is_repeated_after_a_crash_writes_once(
    as_ada: FlaskClient, db: Database, ops_db: Database, talk: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, body, key = f"{TALKS}/{talk['_id']}/messages", {"text": "Once"}, {"Idempotency-Key": "k"}
    kill_before_the_answer_is_kept(monkeypatch)
    with pytest.raises(Killed):
        as_ada.post(path, json=body, headers=key)
    let_a_minute_pass(ops_db)
    monkeypatch.undo()
    assert as_ada.post(path, json=body, headers=key).status_code == 201
    assert db["messages"].count_documents({}) == 1
    check_counters(db, talk)


def test_a_crowd_writes_in_one_order(app: Flask, db: Database, ada: User, bob: User, talk: dict[str, Any]) -> None:
    clients = [client_of(app, each) for each in (ada, bob, ada, bob)]
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda number: write(clients[number % 4], talk, text=str(number)), range(40))
    assert {answer.status_code for answer in answers} == {201}
    told = [row.payload["_id"] for row in room_log.behind(f"conversation_{talk['_id']}", 0)]
    stored = [str(row["_id"]) for row in db["messages"].find().sort("createdAt", 1)]
    assert told == stored
    assert len(set(db["messages"].distinct("createdAt"))) == 40
    check_counters(db, talk)


def test_a_message_is_later_than_all_before_it_whatever_clocks_say(
    as_ada: FlaskClient, db: Database, bob: User, talk: dict[str, Any]
) -> None:
    future = make_message(db, talk, bob)["createdAt"] + timedelta(hours=3)
    db["messages"].update_many({}, {"$set": {"createdAt": future}})
    db["conversations"].update_many({}, {"$set": {"updatedAt": future}})
    write(as_ada, talk, text="After")
    shown = as_ada.get(f"{TALKS}/{talk['_id']}/messages").json["data"]["messages"]
    assert [each["text"] for each in shown] == ["After", "Hello"]


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""}, {"text": "   "}, {"text": None}, {"text": "x" * 4_001}, {"text": {"$gt": ""}},
        {"type": "hologram"},
        {"type": "image"}, {"type": "image", "mediaUrl": "javascript:alert(1)"}, {"type": "product"}, {"type": "gift"},
        {"type": "gift", "giftTransactionId": NOTHING}, {"type": "product", "productId": NOTHING},
        {"type": "location", "location": {"latitude": 91, "longitude": 0}}, {"replyTo": NOTHING}, {"senderId": NOTHING},
        {"isRead": True}, {"metadata": {"anything": 1}}, {"createdAt": "2020-01-01"}, {"clientId": ""},
    ],
)  # fmt: skip
def test_nonsense_is_refused(as_ada: FlaskClient, db: Database, talk: dict[str, Any], body: dict[str, Any]) -> None:
    assert write(as_ada, talk, **body).status_code == 400
    assert db["messages"].count_documents({}) == 0


@pytest.mark.parametrize("kind", ["image", "video", "audio", "gif", "sticker"])
def test_files_are_sent_by_their_address(as_ada: FlaskClient, talk: dict[str, Any], kind: str) -> None:
    address = "https://cdn.example.com/kiln.bin"
    body = {"type": kind, "mediaUrl": address, "metadata": {"width": 3, "height": 4, "duration": 1.5}, "text": "Look"}
    message = write(as_ada, talk, **body).json["data"]["message"]
    assert (message["mediaUrl"], message["type"], message["text"]) == (address, kind, "Look")
    assert message["metadata"] == body["metadata"]


def test_a_place_is_sent(as_ada: FlaskClient, talk: dict[str, Any]) -> None:
    here = {"latitude": 52.5, "longitude": 13.4, "name": "Berlin"}
    message = write(as_ada, talk, type="location", location=here).json["data"]["message"]
    assert message["location"] == here


def test_a_product_on_sale_is_shown_with_its_price(as_ada: FlaskClient, db: Database, talk: dict[str, Any]) -> None:
    product = make_product(db, name="Teapot", price=30)
    body = {"type": "product", "productId": str(product["_id"])}
    message = write(as_ada, talk, **body).json["data"]["message"]
    assert (message["productId"], message["product"]["name"], message["product"]["price"]) == (
        str(product["_id"]), "Teapot", 30,
    )  # fmt: skip
    db["products"].update_one({"_id": product["_id"]}, {"$set": {"status": "archived"}})
    assert as_ada.get(f"{PATH}/messages/{message['_id']}").json["data"]["message"]["product"] is None


def given(db: Database, sender: User, recipient: User, **fields: Any) -> ObjectId:
    """Store a gift that was given in a conversation."""
    record = {
        "_id": ObjectId(), "giftId": ObjectId(), "senderId": sender["_id"], "recipientId": recipient["_id"],
        "context": "message", "status": "completed", "giftName": "Rose", "giftIcon": "🌹", "quantity": 2,
    }  # fmt: skip
    db["gifttransactions"].insert_one(record | fields)
    found: ObjectId = record["_id"]  # type: ignore[assignment]
    return found


def test_a_gift_is_announced_by_who_gave_it_and_once(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, eve: User, talk: dict[str, Any]
) -> None:
    mine = given(db, ada, bob)
    body = {"type": "gift", "giftTransactionId": str(mine)}
    assert write(as_bob, talk, **body).status_code == 400
    for other in (given(db, ada, eve), given(db, ada, bob, context="profile"), given(db, ada, bob, status="refunded")):
        assert write(as_ada, talk, type="gift", giftTransactionId=str(other)).status_code == 400
    message = write(as_ada, talk, **body).json["data"]["message"]
    assert (message["gift"]["name"], message["gift"]["quantity"], message["metadata"]) == ("Rose", 2, None)
    again = write(as_ada, talk, **body)
    assert (again.status_code, again.json["code"]) == (409, "gift_already_shown")
    assert str(db["gifttransactions"].find_one({"_id": mine})["messageId"]) == message["_id"]
    check_counters(db, talk)


def test_an_answer_has_what_it_answers_beside_it(
    as_ada: FlaskClient, db: Database, bob: User, eve: User, talk: dict[str, Any]
) -> None:
    asked = make_message(db, talk, bob, "Is it open?")
    message = write(as_ada, talk, replyTo=str(asked["_id"])).json["data"]["message"]
    assert message["replyToMessage"]["text"] == "Is it open?"
    elsewhere = make_message(db, make_talk(db, bob, eve), bob, "Secret")
    assert write(as_ada, talk, replyTo=str(elsewhere["_id"])).status_code == 400


@pytest.mark.parametrize("blocks", ["sender", "other"])
def test_nobody_writes_across_a_block(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, talk: dict[str, Any], blocks: str
) -> None:
    message = make_message(db, talk, bob)
    one, other = (ada, bob) if blocks == "sender" else (bob, ada)
    db["blockedusers"].insert_one({"userId": one["_id"], "blockedUserId": other["_id"]})
    status = 409 if blocks == "sender" else 404
    reacting = as_ada.post(f"{PATH}/messages/{message['_id']}/reactions", json={"emoji": "👍"})
    assert write(as_ada, talk).status_code == reacting.status_code == status
    assert as_ada.post(TALKS, json={"userId": str(bob["_id"])}).status_code == status
    assert as_ada.post(f"{PATH}/send", json={"recipientId": str(bob["_id"]), "text": "x"}).status_code == status
    assert write(as_bob, talk).status_code == (404 if blocks == "sender" else 409)
    assert db["messages"].count_documents({}) == 1


def test_nobody_writes_to_a_closed_account(as_ada: FlaskClient, db: Database, bob: User, talk: dict[str, Any]) -> None:
    db["users"].update_one({"_id": bob["_id"]}, {"$set": {"status": "banned"}})
    assert write(as_ada, talk).status_code == 404
    assert as_ada.get(f"{TALKS}/{talk['_id']}").json["data"]["conversation"]["otherUser"]["username"] == ""


@pytest.mark.parametrize(("audience", "follows", "status"), [
    ("everyone", False, 201), ("followers", False, 403), ("followers", True, 201), ("none", True, 403),
    (None, False, 201),
])  # fmt: skip
def test_strangers_write_as_far_as_one_wants(
    app: Flask, db: Database, as_ada: FlaskClient, ada: User, audience: str | None, follows: bool, status: int
) -> None:
    settings = {"privacySettings": {"allowMessages": audience}} if audience else {}
    shy = make_user(db, **settings)
    if follows:
        make_follow(db, ada, shy)
    answer = as_ada.post(f"{PATH}/send", json={"userId": str(shy["_id"]), "text": "Hello"})
    assert answer.status_code == status
    assert db["messages"].count_documents({}) == (status == 201)


def test_who_was_answered_is_no_stranger(app: Flask, db: Database, as_ada: FlaskClient, ada: User) -> None:
    shy = make_user(db, privacySettings={"allowMessages": "none"})
    assert as_ada.post(TALKS, json={"userId": str(shy["_id"])}).status_code == 403
    talk = client_of(app, shy).post(TALKS, json={"userId": str(ada["_id"])}).json["data"]["conversation"]
    assert write(as_ada, talk).status_code == 403
    assert write(client_of(app, shy), talk).status_code == 201
    assert write(as_ada, talk).status_code == 201


def test_what_is_sent_is_told_to_other_features(as_ada: FlaskClient, db: Database, talk: dict[str, Any]) -> None:
    heard = []

    def hear(_sender: Any, *, message: dict[str, Any], conversation: dict[str, Any]) -> None:
        heard.append((message["text"], conversation["messagesCount"]))

    with sending.sent.connected_to(hear):
        for _ in range(2):
            write(as_ada, talk, clientId="a")
    assert heard == [("Hello", 1)]
