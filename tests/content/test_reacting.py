"""Likes, saves, shares and views: counters equal the rows, whatever happens at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.content.services import reacting, viewing
from mixillo.core import realtime
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import make_user

User = dict[str, Any]


@pytest.fixture
def post(db: Database, ada: User) -> dict[str, Any]:
    return make_post(db, ada)


@pytest.fixture
def path(post: dict[str, Any]) -> str:
    return f"/api/content/{post['_id']}"


def counter(db: Database, post: dict[str, Any], name: str) -> int:
    return int(db["contents"].find_one({"_id": post["_id"]})[name])


def test_a_like_is_a_toggle_and_a_deletion_is_not(
    as_bob: FlaskClient, db: Database, post: dict[str, Any], path: str, ada: User
) -> None:
    assert as_bob.post(f"{path}/like").json["data"] == {"isLiked": True, "likesCount": 1}
    assert as_bob.get(path).json["data"]["content"]["isLiked"]
    assert db["users"].find_one({"_id": ada["_id"]})["likesReceivedCount"] == 1
    assert as_bob.post(f"/api/posts/{post['_id']}/like").json["data"] == {"isLiked": False, "likesCount": 0}
    for _ in range(2):
        assert as_bob.delete(f"{path}/like").json["data"] == {"isLiked": False, "likesCount": 0}
    assert db["users"].find_one({"_id": ada["_id"]})["likesReceivedCount"] == 0


def test_saving_twice_is_saving_once(as_bob: FlaskClient, db: Database, path: str) -> None:
    for _ in range(2):
        assert as_bob.post(f"{path}/save").json["data"] == {"isSaved": True, "savesCount": 1}
    assert as_bob.get(f"{path}/interactions").json["data"]["isSaved"]
    assert db["saves"].find_one({})["collection"] == "default"
    assert as_bob.delete(f"{path}/save").json["data"] == {"isSaved": False, "savesCount": 0}


def test_each_share_counts_and_a_repeated_one_does_not(as_bob: FlaskClient, db: Database, path: str) -> None:
    for key in ("a", "a", "b"):
        answer = as_bob.post(f"{path}/share", json={"platform": "copy_link"}, headers={"Idempotency-Key": key})
    assert answer.json["data"] == {"sharesCount": 2}
    assert db["shares"].count_documents({"platform": "copy_link"}) == 2
    assert as_bob.post(f"{path}/share", json={"platform": "pigeon"}).status_code == 400


def test_what_one_may_not_see_one_may_not_like(as_bob: FlaskClient, db: Database, ada: User) -> None:
    hidden = make_post(db, ada, visibility="private")
    for action in ("like", "save", "share", "view", "not-interested"):
        assert as_bob.post(f"/api/content/{hidden['_id']}/{action}").status_code == 404
    assert counter(db, hidden, "likesCount") == 0


def test_a_like_that_cannot_be_counted_is_none(
    app: Flask, as_bob: FlaskClient, db: Database, path: str, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr(reacting, "_count", fail)
    for action in ("like", "save", "share"):
        assert as_bob.post(f"{path}/{action}").status_code == 500
    assert [db[name].count_documents({}) for name in ("likes", "saves", "shares")] == [0, 0, 0]
    assert not db["users"].find_one({"_id": ada["_id"]}).get("likesReceivedCount")


def test_a_storm_of_likes_ends_exact(app: Flask, db: Database, ada: User) -> None:
    posts = [make_post(db, ada) for _ in range(2)]
    people = [make_user(db) for _ in range(6)]
    clients = [client_of(app, person) for person in people]

    def storm(number: int) -> int:
        client, post = clients[number % 6], posts[number % 2]
        ask = client.delete if number % 5 == 0 else client.post
        return ask(f"/api/content/{post['_id']}/like").status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(storm, range(240))) == {200}
    for post in posts:
        assert counter(db, post, "likesCount") == db["likes"].count_documents({"contentId": post["_id"]})
    received = db["users"].find_one({"_id": ada["_id"]})["likesReceivedCount"]
    assert received == db["likes"].count_documents({})


def test_views_count_once_per_person_and_day_and_are_rows(
    app: Flask,
    as_ada: FlaskClient,
    as_bob: FlaskClient,
    client: FlaskClient,
    db: Database,
    post: Any,
    path: str,
    bob: User,
) -> None:
    for _ in range(3):
        as_bob.get(path)
        as_bob.post(f"{path}/view", json={"watchTime": 3.5, "device": "ios"})
        client.post(f"{path}/view")
        as_ada.get(path)
    with app.app_context():
        assert viewing.looks_of(app).count() == 2
    as_bob.get(path)
    with app.app_context():
        assert viewing.looks_of(app).count() == 0
    assert (counter(db, post, "viewsCount"), counter(db, post, "uniqueViewsCount")) == (2, 2)
    row = db["views"].find_one({"userId": bob["_id"]})
    assert (row["watchTime"], row["device"]) == (3.5, "ios")
    assert db["views"].count_documents({"contentId": post["_id"]}) == 2


def test_views_of_what_is_gone_are_not_counted(app: Flask, as_bob: FlaskClient, db: Database, path: str) -> None:
    as_bob.get(path)
    db["contents"].delete_many({})
    with app.app_context():
        viewing.looks_of(app).count()
    assert db["views"].count_documents({}) == 0


def test_those_who_look_at_it_hear_of_a_like_after_it_is_stored(
    app: Flask, as_bob: FlaskClient, db: Database, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, int]] = []

    def emit(event: Any, payload: dict[str, Any], *, to: str) -> None:
        heard.append((event.name, db["likes"].count_documents({})))
        assert payload["likesCount"] == db["likes"].count_documents({})
        assert to == f"video_{payload['contentId']}"

    monkeypatch.setattr(realtime, "emit", emit)
    as_bob.post(f"{path}/like")
    as_bob.post(f"{path}/like")
    as_bob.delete(f"{path}/like")
    assert heard == [("video:like", 1), ("video:like", 0)]


def test_features_above_hear_of_likes_once(app: Flask, as_bob: FlaskClient, path: str, bob: User) -> None:
    heard: list[Any] = []

    def listen(_sender: Any, **told: Any) -> None:
        heard.append(told["user_id"])

    reacting.liked.connect(listen)
    for _ in range(2):
        as_bob.post(f"{path}/like")
    assert heard == [bob["_id"]]
