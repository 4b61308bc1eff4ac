"""In groups people across a block read each other; the one who blocks is told whom they block, the other nothing."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.notifications.services import desk
from tests.factories.messaging import make_talk
from tests.messaging.conftest import User


def card(client: FlaskClient, talk: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"/api/conversations/{talk['_id']}").json["data"]["conversation"]
    return shown


def blocked(shown: dict[str, Any]) -> list[str]:
    return [member["username"] for member in shown["members"] if member["isBlocked"]]


def test_across_a_block_people_in_a_group_read_each_other_and_nothing_rings(
    app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, eve: User
) -> None:
    desk.desk_of(app).forget()
    group = make_talk(db, ada, bob, eve)
    db["blockedusers"].insert_one({"userId": ada["_id"], "blockedUserId": bob["_id"]})
    assert as_bob.post(f"/api/conversations/{group['_id']}/messages", json={"text": "Hello!"}).status_code == 201
    (message,) = as_ada.get(f"/api/conversations/{group['_id']}/messages").json["data"]["messages"]
    assert (message["text"], card(as_ada, group)["unreadCount"]) == ("Hello!", 1)
    desk.desk_of(app).write()
    assert [each["userId"] for each in db["notifications"].find()] == [eve["_id"]]


def test_who_blocks_is_told_whom_and_nobody_else_is(
    as_ada: FlaskClient, as_bob: FlaskClient, as_eve: FlaskClient, db: Database, ada: User, bob: User, eve: User
) -> None:
    group, pair = make_talk(db, ada, bob, eve), make_talk(db, ada, bob)
    db["blockedusers"].insert_one({"userId": ada["_id"], "blockedUserId": bob["_id"]})
    assert blocked(card(as_ada, group)) == blocked(card(as_ada, pair)) == ["bob"]
    assert card(as_ada, pair)["otherUser"]["isBlocked"] is True
    assert blocked(card(as_bob, group)) == blocked(card(as_eve, group)) == []
    listed = as_ada.get("/api/conversations").json["data"]["conversations"]
    assert [blocked(each) for each in listed] == [["bob"], ["bob"]]


def test_nobody_starts_a_group_across_a_block(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, eve: User
) -> None:
    db["blockedusers"].insert_one({"userId": ada["_id"], "blockedUserId": bob["_id"]})
    for client, other in ((as_ada, bob), (as_bob, ada)):
        body = {"type": "group", "groupName": "Potters", "participants": [str(other["_id"]), str(eve["_id"])]}
        answer = client.post("/api/conversations", json=body)
        assert answer.status_code >= 400, answer.json
