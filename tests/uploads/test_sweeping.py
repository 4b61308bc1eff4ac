"""Files that nobody needs go, in two looks; what something shows never does."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.uploads.queries.places import PLACES, used
from mixillo.blueprints.uploads.services import removing, sweeping
from mixillo.blueprints.uploads.services.storage import storage
from mixillo.core import clock
from tests.factories.uploads import append, begin, fetched, photograph, picture, send

LONG = timedelta(days=30)


@pytest.fixture
def url(app: Flask, as_ada: FlaskClient) -> str:
    return str(send(as_ada, picture()).json["data"]["url"])


def look(app: Flask, after: timedelta) -> dict[str, int]:
    with app.app_context():
        return sweeping.sweep(clock.now() + after)


def test_what_nothing_shows_goes_after_a_second_look(
    app: Flask, client: FlaskClient, as_ada: FlaskClient, ops_db: Database, url: str
) -> None:
    assert look(app, timedelta(days=1)) == {"kept": 0, "expired": 0, "removed": 0}
    assert look(app, LONG) == {"kept": 0, "expired": 1, "removed": 0}
    assert fetched(client, url).status_code == 200
    assert look(app, LONG + timedelta(hours=1)) == {"kept": 0, "expired": 0, "removed": 0}
    assert look(app, LONG + timedelta(days=2)) == {"kept": 0, "expired": 0, "removed": 1}
    assert fetched(client, url).status_code == 404
    assert [ops_db[name].count_documents({}) for name in ("media.files", "media.chunks")] == [0, 0]
    assert as_ada.get("/api/uploads").json["data"]["uploads"] == []


def test_what_something_shows_stays(app: Flask, db: Database, url: str) -> None:
    db["contents"].insert_one({"videoUrl": url.replace("http://localhost", "https://the.old.example")})
    assert look(app, LONG) == {"kept": 1, "expired": 0, "removed": 0}
    assert look(app, LONG) == {"kept": 0, "expired": 0, "removed": 0}


def test_every_place_is_looked_at(app: Flask, db: Database) -> None:
    keys = (f"{number:022}" for number in count())
    stored = set()
    for collection, fields in PLACES.items():
        document: dict[str, Any] = {"_id": ObjectId()}
        for field, key in zip(fields, keys, strict=False):
            stored.add(key)
            root, _, inner = field.partition(".")
            shown = f"https://the.old.example/api/media/{key}-small.jpg"
            document[root] = [*document.get(root, ()), {inner: shown}] if inner else shown
        db[collection].insert_one(document)
    with app.app_context():
        assert used([*stored, "f" * 22]) == stored


def test_any_size_of_a_picture_and_any_of_several_is_a_use(
    app: Flask, db: Database, as_ada: FlaskClient, url: str
) -> None:
    small = send(as_ada, photograph()).json["data"]["thumbnailUrl"]
    send(as_ada, picture())
    db["contents"].insert_one({"imageUrls": ["https://x.example/a.jpg", small, url]})
    assert look(app, LONG) == {"kept": 2, "expired": 1, "removed": 0}


def test_who_shows_it_between_the_looks_keeps_it(
    app: Flask, client: FlaskClient, as_ada: FlaskClient, db: Database, url: str
) -> None:
    look(app, LONG)
    db["contents"].insert_one({"videoUrl": url})
    assert look(app, LONG + timedelta(days=2)) == {"kept": 1, "expired": 0, "removed": 0}
    assert as_ada.get("/api/uploads").json["data"]["uploads"][0]["status"] == "completed"
    assert fetched(client, url).status_code == 200


def test_who_gives_up_in_the_middle_leaves_nothing(app: Flask, as_ada: FlaskClient, ops_db: Database) -> None:
    path = begin(as_ada, 1_000).headers["Location"]
    append(as_ada, path, 0, b"ID3" + b"x" * 500)
    look(app, timedelta(hours=23))
    assert as_ada.head(path).status_code == 200
    look(app, timedelta(hours=25))
    assert (as_ada.head(path).status_code, append(as_ada, path, 503, b"x").status_code) == (410, 409)
    look(app, timedelta(hours=50))
    assert ops_db["media.chunks"].count_documents({}) == 0


def test_what_the_existing_system_knows_of_is_not_ours_to_remove(
    app: Flask, as_ada: FlaskClient, db: Database, ada: Any
) -> None:
    old = {
        "_id": ObjectId(), "userId": ada["_id"], "fileKey": "old/1.mp4", "filename": "1.mp4",
        "contentType": "video/mp4", "status": "completed", "expiresAt": clock.now() - LONG,
    }  # fmt: skip
    db["uploadsessions"].insert_one(old)
    assert look(app, LONG) == {"kept": 0, "expired": 0, "removed": 0}
    shown = as_ada.get(f"/api/uploads/{old['_id']}").json["data"]["upload"]
    assert (shown["status"], shown["url"]) == ("completed", None)


def test_bytes_that_no_upload_knows_of_go(
    app: Flask, ops_db: Database, client: FlaskClient, url: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sweeping, "AT_ONCE", 2)
    with app.app_context():
        for letter in "bmz":
            storage().put_piece(letter * 22, 0, b"x")
        strays = sum(sweeping.sweep_strays() for _ in range(4))
    assert strays == 3
    assert fetched(client, url).status_code == 200
    assert ops_db["media.chunks"].distinct("data") != []
    assert ops_db["media.files"].count_documents({"metadata.whole": False}) == 0


def test_one_instance_sweeps_and_not_all_the_time(
    app: Flask, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        assert [sweeping.sweep_when_due() for _ in range(3)] == [True, False, False]
        later = clock.now() + sweeping.EVERY + timedelta(seconds=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert [sweeping.sweep_when_due() for _ in range(2)] == [True, False]


def test_a_removed_file_goes_unless_something_shows_it(
    app: Flask, client: FlaskClient, as_ada: FlaskClient, db: Database, url: str
) -> None:
    (upload,) = as_ada.get("/api/uploads").json["data"]["uploads"]
    db["contents"].insert_one({"_id": 1, "videoUrl": url})
    for _ in range(2):
        assert as_ada.delete(f"/api/uploads/{upload['_id']}").status_code == 200
    assert look(app, timedelta(seconds=1))["kept"] == 1
    db["contents"].delete_many({})
    as_ada.delete(f"/api/uploads/{upload['_id']}")
    assert look(app, timedelta(seconds=1))["removed"] == 1
    assert fetched(client, url).status_code == 404


def test_other_peoples_files_are_not_removed(as_bob: FlaskClient, as_ada: FlaskClient, url: str) -> None:
    (upload,) = as_ada.get("/api/uploads").json["data"]["uploads"]
    assert as_bob.delete(f"/api/uploads/{upload['_id']}").status_code == 404
    assert as_bob.get("/api/uploads").json["data"]["uploads"] == []
    assert as_ada.get("/api/uploads").json["data"]["uploads"][0]["status"] == "completed"


def test_somebody_who_goes_takes_their_files_with_them(
    app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, ops_db: Database, ada: Any, url: str
) -> None:
    kept = send(as_bob, picture()).json["data"]["upload"]["variants"]
    with app.app_context():
        assert removing.remove_all(ada["_id"]) == 1
    assert ops_db["media.files"].count_documents({}) == len(kept)
