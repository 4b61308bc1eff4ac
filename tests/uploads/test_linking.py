"""Files become posts and pictures of people, by their ids."""

from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.uploads.queries import figures
from mixillo.blueprints.uploads.services import films
from tests.factories.uploads import begin, photograph, send, video


def upload(client: FlaskClient, data: bytes) -> dict[str, Any]:
    answer = send(client, data)
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json["data"]["upload"]
    return made


def post(client: FlaskClient, *upload_ids: Any, **more: Any) -> Any:
    return client.post("/api/content", json={"uploadIds": [str(each) for each in upload_ids]} | more)


def test_pictures_become_a_post(as_ada: FlaskClient) -> None:
    first, second = upload(as_ada, photograph()), upload(as_ada, photograph((300, 400)))
    answer = post(as_ada, first["_id"], second["_id"], type="image")
    assert answer.status_code == 201, answer.json
    shown = answer.json["data"]["content"]
    assert shown["imageUrls"] == [first["url"], second["url"]]
    assert (shown["thumbnailUrl"], shown["width"], shown["height"]) == (first["thumbnailUrl"], 400, 300)


@pytest.mark.skipif(not films.is_installed(), reason="ffmpeg is not installed: it makes the video")
def test_a_video_becomes_a_post_with_its_length_and_a_picture_before_it(as_ada: FlaskClient, tmp_path: Path) -> None:
    film, cover = upload(as_ada, video(tmp_path)), upload(as_ada, photograph())
    shown = post(as_ada, film["_id"]).json["data"]["content"]
    assert (shown["videoUrl"], shown["thumbnailUrl"]) == (film["url"], film["thumbnailUrl"])
    assert (shown["duration"], shown["width"], shown["height"]) == (film["duration"], 320, 180)
    shown = post(as_ada, film["_id"], cover["_id"]).json["data"]["content"]
    assert (shown["videoUrl"], shown["thumbnailUrl"]) == (film["url"], cover["url"])
    changed = as_ada.put(f"/api/content/{shown['_id']}", json={"uploadIds": [film["_id"]]}).json["data"]["content"]
    assert changed["thumbnailUrl"] == film["thumbnailUrl"]
    assert post(as_ada, film["_id"], film["_id"], cover["_id"]).status_code == 201
    assert post(as_ada, cover["_id"]).status_code == 400
    assert post(as_ada, film["_id"], type="image").status_code == 400


def test_what_is_not_ones_own_or_not_finished_is_refused(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database
) -> None:
    mine = upload(as_ada, photograph())["_id"]
    announced = {"filename": "a.jpg", "contentType": "image/jpeg"}
    pending = as_ada.post("/api/uploads/presigned-url", json=announced).json["data"]["sessionId"]
    assert post(as_bob, mine, type="image").status_code == 400
    for upload_id in (pending, ObjectId()):
        answer = post(as_ada, upload_id, type="image")
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "uploadIds")
    assert post(as_ada, mine, type="text", caption="x").status_code == 400
    assert db["contents"].count_documents({}) == 0
    assert as_bob.put("/api/users/avatar", json={"uploadId": mine}).status_code == 400


def test_an_upload_becomes_ones_picture(as_ada: FlaskClient, db: Database, ada: dict[str, Any]) -> None:
    made = upload(as_ada, photograph())
    answer = as_ada.put("/api/users/avatar", json={"uploadId": made["_id"]})
    assert (answer.status_code, answer.json["data"]["avatarUrl"]) == (200, made["url"])
    assert db["users"].find_one({"_id": ada["_id"]})["avatar"] == made["url"]


def test_what_is_named_is_not_swept_within_a_day(as_ada: FlaskClient, db: Database) -> None:
    made = upload(as_ada, photograph())
    soon = db["uploadsessions"].find_one({})["completedAt"]
    db["uploadsessions"].update_one({}, {"$set": {"expiresAt": soon}})
    post(as_ada, made["_id"], type="image")
    assert (db["uploadsessions"].find_one({})["expiresAt"] - soon).total_seconds() >= 86_400


def test_a_picture_must_be_one(as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch, db: Database) -> None:
    monkeypatch.setattr(films, "is_installed", lambda: False)
    sound = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"x" * 100
    assert send(as_ada, sound, path="/api/users/upload-avatar").status_code == 400
    made = upload(as_ada, sound)
    assert as_ada.put("/api/users/avatar", json={"uploadId": made["_id"]}).status_code == 400
    assert db["users"].find_one({"username": "ada"}).get("avatar") is None


def test_clients_are_told_what_may_be_sent(client: FlaskClient, app: Flask) -> None:
    told = client.get("/api/config/upload").json["data"]
    assert told["maxFileSize"] == app.config["SETTINGS"].upload_max_mb * 1024 * 1024
    assert "video/mp4" in told["contentTypes"]


@pytest.mark.parametrize("path", ["/api/upload", "/api/upload/story", "/api/upload/thumbnail"])
def test_older_paths_say_where_to_go(as_ada: FlaskClient, path: str) -> None:
    answer = send(as_ada, photograph(), path=path)
    assert (answer.status_code, "/api/uploads/direct" in answer.headers["Link"]) == (201, True)
    assert answer.json["data"]["url"]


def test_figures_count_what_is_kept(app: Flask, as_ada: FlaskClient) -> None:
    made = upload(as_ada, photograph())
    begin(as_ada, 100)
    with app.app_context():
        found = figures.kept()
    assert (found["totalFiles"], found["imageCount"], found["videoCount"]) == (1, 1, 0)
    assert found["totalSize"] == found["imageSize"] > made["fileSize"]
