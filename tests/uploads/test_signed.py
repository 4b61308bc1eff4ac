"""Addresses that say themselves who may write where."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.uploads.services import signing
from mixillo.core import clock
from tests.factories.uploads import fetched, photograph

ASKED = {"filename": "a.jpg", "contentType": "image/jpeg"}
Document = dict[str, Any]


def ask(client: FlaskClient, **more: Any) -> Document:
    answer = client.post("/api/uploads/presigned-url", json=ASKED | more)
    assert answer.status_code == 201, answer.json
    data: Document = answer.json["data"]
    return data


def path_of(asked: Document) -> str:
    url = str(asked["uploadUrl"])
    return url[url.index("/api/") :]


def test_a_file_goes_to_its_address_without_a_token_and_is_finished_when_said_so(
    client: FlaskClient, as_ada: FlaskClient
) -> None:
    sent = photograph()
    asked = ask(as_ada, fileSize=len(sent))
    assert client.put(path_of(asked), data=sent, headers=asked["headers"]).json["data"] == {"received": len(sent)}
    for _ in range(2):
        answer = as_ada.post("/api/uploads/complete", json={"sessionId": asked["sessionId"], "width": 1, "height": 1})
        upload = answer.json["data"]["upload"]
        assert (upload["status"], upload["width"]) == ("completed", 400)
    assert fetched(client, upload["url"]).status_code == 200


def test_the_administrations_way_works_too(client: FlaskClient, as_ada: FlaskClient) -> None:
    body = {"fileName": "b.png", "fileType": "image/png", "contentType": "image/png", "metadata": {"a": 1}}
    asked = as_ada.post("/api/uploads/presigned-url", json=body).json["data"]
    client.put(path_of({"uploadUrl": asked["presignedUrl"]}), data=photograph(), content_type="image/png")
    answer = as_ada.post(f"/api/uploads/{asked['uploadId']}/confirm", json={"metadata": {}})
    assert answer.json["data"]["upload"]["status"] == "completed"


def test_sending_again_replaces_until_it_has_arrived(client: FlaskClient, as_ada: FlaskClient) -> None:
    sent = photograph()
    asked = ask(as_ada, fileSize=len(sent))
    assert client.put(path_of(asked), data=b"\xff\xd8\xff" + b"x" * 100).json["data"] == {"received": 103}
    answer = as_ada.post("/api/uploads/complete", json={"sessionId": asked["sessionId"]})
    assert (answer.status_code, answer.json["code"]) == (409, "upload_incomplete")
    assert client.put(path_of(asked), data=sent).status_code == 200
    assert client.put(path_of(asked), data=sent).status_code == 409
    assert as_ada.post("/api/uploads/complete", json={"sessionId": asked["sessionId"]}).status_code == 200
    assert client.put(path_of(asked), data=sent).status_code == 409


def test_an_address_is_for_one_file_and_an_hour(
    app: Flask, client: FlaskClient, as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ask(as_ada), ask(as_ada)
    path = path_of(first)
    for other in (
        path.replace(first["sessionId"], second["sessionId"]), path[:-1] + ("0" if path[-1] != "0" else "1"),
        path.replace("expires=", "expires=9"), path.partition("?")[0], path.partition("&")[0],
        path.replace("expires=", "expires=x"), path.replace("signature=", "signature=\u00e9"),
    ):  # fmt: skip
        assert client.put(other, data=photograph()).status_code == 403
    later = clock.now() + signing.VALID + timedelta(seconds=1)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: later)
        assert client.put(path, data=photograph()).status_code == 403


def test_no_more_is_taken_than_was_announced(client: FlaskClient, as_ada: FlaskClient) -> None:
    asked = ask(as_ada, fileSize=100)
    assert client.put(path_of(asked), data=photograph()).status_code == 413


def test_what_is_not_taken_is_not_announced(app: Flask, as_ada: FlaskClient) -> None:
    for more, status in (
        ({"contentType": "image/svg+xml"}, 415), ({"contentType": "text/html"}, 415),
        ({"contentType": {"$ne": 1}}, 400),
        ({"fileSize": 2**45}, 413), ({"fileSize": -1}, 400), ({"fileSize": "1"}, 400), ({"filename": ""}, 400),
        ({"filename": "a\0b"}, 400), ({"publicId": "x"}, 400),
    ):  # fmt: skip
        assert as_ada.post("/api/uploads/presigned-url", json=ASKED | more).status_code == status, more


def test_only_its_owner_says_that_it_has_arrived(as_ada: FlaskClient, as_bob: FlaskClient, db: Database) -> None:
    asked = ask(as_ada)
    assert as_bob.post("/api/uploads/complete", json={"sessionId": asked["sessionId"]}).status_code == 404
    assert as_bob.get(f"/api/uploads/{asked['sessionId']}").status_code == 404
    assert as_bob.post("/api/uploads/complete", json={"sessionId": str(ObjectId())}).status_code == 404
