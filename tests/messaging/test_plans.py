"""Every query about conversations is found by an index; what existing ones lack is completed once."""

from importlib import import_module
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.messaging.services import appearing
from mixillo.ops import migrations
from tests.factories.messaging import make_message, make_talk
from tests.factories.users import make_user
from tests.plans import faults, profiled

PATH = "/api/messaging"
User = dict[str, Any]
READS = [
    "/conversations", "/conversations?archived=true", "/conversations/{talk}", "/conversations/{talk}/messages",
    "/messages/{message}", "/unread-count",
]  # fmt: skip


@pytest.fixture
def world(db: Database, ada: User, bob: User) -> dict[str, Any]:
    """Conversations of many, with messages that are answered, in most of which Ada is."""
    people = [make_user(db) for _ in range(6)]
    talks = [make_talk(db, ada, bob), *(make_talk(db, ada, each) for each in people)]
    talks += [make_talk(db, bob, each) for each in people]
    for talk in talks:
        for number in range(4):
            make_message(db, talk, {"_id": talk["participants"][number % 2]})
    message = make_message(
        db, talks[0], bob, replyTo=db["messages"].find_one({"conversationId": talks[0]["_id"]})["_id"]
    )
    return {"talk": talks[0]["_id"], "message": message["_id"]}


def test_reads_use_indexes(as_ada: FlaskClient, db: Database, ops_db: Database, world: dict[str, Any]) -> None:
    for path in READS:
        asked = f"{PATH}{path.format(**world)}"
        asked += "&limit=2" if "?" in asked else "?limit=2"
        with profiled(db, ops_db) as entries:
            answer = as_ada.get(asked)
            if cursor := (answer.json["data"].get("pagination") or {}).get("nextCursor"):
                assert as_ada.get(f"{asked}&cursor={cursor}").status_code == 200
        assert answer.status_code == 200
        assert entries
        assert faults(entries) == [], path


def test_writes_use_indexes(
    as_ada: FlaskClient, db: Database, ops_db: Database, ada: User, bob: User, eve: User, world: dict[str, Any]
) -> None:
    talk, message = f"{PATH}/conversations/{world['talk']}", f"{PATH}/messages/{world['message']}"
    with profiled(db, ops_db) as entries:
        made = as_ada.post(f"{PATH}/send", json={"userId": str(bob["_id"]), "text": "Hello"}).json["data"]["message"]
        as_ada.post(f"{PATH}/send", json={"userId": str(eve["_id"]), "text": "Hello"})
        as_ada.post(f"{talk}/read", json={})
        as_ada.post(f"{message}/reactions", json={"emoji": "👍"})
        as_ada.delete(f"{PATH}/messages/{made['_id']}")
        as_ada.patch(talk, json={"isMuted": True})
        body = {"participants": [str(bob["_id"]), str(eve["_id"])], "groupName": "x"}
        group = as_ada.post(f"{PATH}/conversations", json=body).json["data"]["conversation"]
        as_ada.post(f"{PATH}/conversations/{group['_id']}/leave")
        appearing.hear(None, came={ada["_id"]}, went={bob["_id"]})
    assert len(entries) > 40
    assert faults(entries) == []


def test_what_existing_conversations_lack_is_completed_once(
    app: Flask, db: Database, ops_db: Database, ada: User, bob: User
) -> None:
    (name,) = [each.name for each in migrations.discover() if each.name.partition("_")[2] == "messaging"]
    migration: Any = import_module(f"migrations.{name}")
    talk = make_talk(db, ada, bob, participantStatus=[{"userId": ada["_id"], "unreadCount": 3, "isArchived": True}])
    empty = make_talk(db, ada, make_user(db), _id=ObjectId(), participantStatus=None)
    last = make_message(db, talk, bob)
    for _ in range(2):
        migration.upgrade(db, ops_db)
        of_ada, of_bob = db["conversations"].find_one({"_id": talk["_id"]})["participantStatus"]
        assert (of_ada["unreadCount"], of_ada["isArchived"], of_ada["isMuted"]) == (4, True, False)
        assert (of_bob["lastSentAt"], of_bob["isArchived"], "lastSentAt" in of_ada) == (last["createdAt"], False, False)
        assert len(db["conversations"].find_one({"_id": empty["_id"]})["participantStatus"]) == 2
