"""An export has everything of one's own, nothing of others', and is taken once."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.privacy.services import collecting, exporting
from mixillo.core import clock
from mixillo.ops import jobs
from tests.factories.content import make_post
from tests.factories.users import make_follow
from tests.waiting import wait_until

Document = dict[str, Any]
EXPORTS = "/api/privacy/exports"


def ready(client: FlaskClient) -> str:
    """Ask for an export, wait for it, and return its id."""
    answer = client.post(EXPORTS)
    assert answer.status_code == 202, answer.json
    export_id: str = answer.json["data"]["export"]["_id"]
    path = f"{EXPORTS}/{export_id}"
    wait_until(lambda: client.get(path).json["data"]["export"]["state"] not in ("waiting", "running"))
    assert client.get(path).json["data"]["export"]["state"] == "ready"
    return export_id


def downloaded(client: FlaskClient, export_id: str) -> dict[str, Any]:
    answer = client.post(f"{EXPORTS}/{export_id}/download")
    assert answer.status_code == 200, answer.json
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def test_an_export_has_all_of_one_s_own_and_no_secrets(
    as_ada: FlaskClient, db: Database, ada: Document, bob: Document
) -> None:
    hers, his = make_post(db, ada), make_post(db, bob)
    make_follow(db, ada, bob)
    db["addressbooks"].insert_one({"userId": ada["_id"], "city": "London"})
    db["messages"].insert_many([{"senderId": each["_id"], "text": each["username"]} for each in (ada, bob)])
    db["blockedusers"].insert_one({"userId": bob["_id"], "blockedUserId": ada["_id"]})
    db["notifications"].insert_one({"userId": bob["_id"], "senderId": ada["_id"]})
    db["orders"].insert_one({"userId": bob["_id"], "sellerId": ada["_id"], "shippingAddress": {"fullName": "Bob"}})
    gift = {"recipientId": ada["_id"], "senderId": bob["_id"], "walletTransactionId": ObjectId()}
    db["gifttransactions"].insert_many([gift | {"_id": 1, "isAnonymous": True}, gift | {"_id": 2}])
    found = downloaded(as_ada, ready(as_ada))
    (profile,) = found["profile.json"]
    assert profile["bio"] == "I count"
    assert "password" not in profile
    assert [post["_id"] for post in found["contents.json"]] == [str(hers["_id"])]
    assert [message["text"] for message in found["messages.json"]] == ["ada"]
    assert found["addressbooks.json"][0]["city"] == "London"
    assert len(found["follows.json"]) == 1
    told = {each["_id"]: ("senderId" in each, "walletTransactionId" in each) for each in found["gifttransactions.json"]}
    assert told == {1: (False, False), 2: (True, True)}
    assert "jti" not in found["sessions.json"][0]
    assert not {"orders.json", "blockedusers.json", "notifications.json"} & found.keys()
    assert str(his["_id"]) not in json.dumps(found)


def test_an_export_is_taken_once_and_leaves_nothing(as_ada: FlaskClient, ops_db: Database) -> None:
    export_id = ready(as_ada)
    assert ops_db["privacyexportfiles.chunks"].count_documents({}) == 1
    downloaded(as_ada, export_id)
    again = as_ada.post(f"{EXPORTS}/{export_id}/download")
    assert (again.status_code, again.json["code"]) == (409, "export_not_ready")
    assert ops_db["privacyexportfiles.chunks"].count_documents({}) == 0
    assert ops_db["privacyexportfiles.files"].count_documents({}) == 0
    assert ready(as_ada) != export_id


def test_one_export_at_a_time(as_ada: FlaskClient, ops_db: Database) -> None:
    export_id = ready(as_ada)
    assert as_ada.post(EXPORTS).json["data"]["export"]["_id"] == export_id
    assert [each["_id"] for each in as_ada.get(EXPORTS).json["data"]["exports"]] == [export_id]
    assert ops_db["privacyexports"].count_documents({}) == 1


def test_another_s_export_is_not_there(as_ada: FlaskClient, as_bob: FlaskClient, client: FlaskClient) -> None:
    export_id = ready(as_ada)
    assert as_bob.get(f"{EXPORTS}/{export_id}").status_code == 404
    assert as_bob.post(f"{EXPORTS}/{export_id}/download").status_code == 404
    assert as_bob.get(EXPORTS).json["data"]["exports"] == []
    assert client.post(f"{EXPORTS}/{export_id}/download").status_code == 401
    downloaded(as_ada, export_id)


def test_what_nobody_took_in_time_is_let_go(app: Flask, as_ada: FlaskClient, ops_db: Database) -> None:
    export_id = ready(as_ada)
    ops_db["privacyexports"].update_one({}, {"$set": {"expiresAt": clock.now() - timedelta(seconds=1)}})
    assert as_ada.post(f"{EXPORTS}/{export_id}/download").status_code == 409
    with app.app_context():
        exporting.look_after()
    assert as_ada.get(f"{EXPORTS}/{export_id}").json["data"]["export"]["state"] == "expired"
    assert ops_db["privacyexportfiles.files"].count_documents({}) == 0
    ready(as_ada)


def test_an_export_that_was_left_behind_is_gone_on_with(
    app: Flask, as_ada: FlaskClient, ops_db: Database, ada: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "start", lambda *_arguments, **_keywords: None)
        export_id = as_ada.post(EXPORTS).json["data"]["export"]["_id"]
    claimed = {"state": "running", "claimedAt": clock.now() - timedelta(hours=2)}
    ops_db["privacyexports"].update_one({}, {"$set": claimed})
    with app.app_context():
        exporting.look_after()
    wait_until(lambda: as_ada.get(f"{EXPORTS}/{export_id}").json["data"]["export"]["state"] == "ready")
    assert downloaded(as_ada, export_id)["profile.json"][0]["_id"] == str(ada["_id"])


def test_an_export_that_fails_says_so_and_another_may_be_asked_for(
    as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> int:
        raise RuntimeError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(collecting, "write", fail)
        export_id = as_ada.post(EXPORTS).json["data"]["export"]["_id"]
        wait_until(lambda: as_ada.get(f"{EXPORTS}/{export_id}").json["data"]["export"]["state"] == "failed")
    ready(as_ada)
