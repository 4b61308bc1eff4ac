"""Highlights outlive their stories, for whom these were; close friends."""

from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.stories.services import keeping
from tests.factories.auth import client_of
from tests.factories.stories import make_story
from tests.factories.users import make_user

User = dict[str, Any]
PATH = "/api/stories/highlights"
FRIENDS = "/api/stories/close-friends"


def keep(client: FlaskClient, *stories: dict[str, Any], title: str = "Firings") -> dict[str, Any]:
    answer = client.post(PATH, json={"title": title, "storyIds": [str(each["_id"]) for each in stories]})
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json["data"]["highlight"]
    return made


def of(client: FlaskClient, user: User) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{PATH}/user/{user['_id']}").json["data"]["highlights"]
    return found


def test_a_highlight_outlives_its_stories(as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User) -> None:
    first, second = make_story(db, ada, caption="One"), make_story(db, ada, thumbnailUrl="https://x.io/t.jpg")
    made = keep(as_ada, second, first)
    db["stories"].delete_many({})
    (shown,) = of(as_bob, ada)
    assert shown["_id"] == made["_id"]
    assert [item["_id"] for item in shown["items"]] == [str(second["_id"]), str(first["_id"])]
    assert (shown["count"], shown["coverUrl"]) == (2, "https://x.io/t.jpg")
    assert as_ada.get(PATH).json["data"]["highlights"] == [made]


def test_what_was_for_some_stays_for_them(
    app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    everybodys, close = make_story(db, ada), make_story(db, ada, visibility="close")
    chosen = make_story(db, ada, visibility="private", allowedUsers=[bob["_id"]])
    keep(as_ada, everybodys, close, chosen)
    keep(as_ada, close, title="Secret")
    other = client_of(app, make_user(db))
    assert [[item["_id"] for item in each["items"]] for each in of(other, ada)] == [[str(everybodys["_id"])]]
    assert [len(each["items"]) for each in of(as_bob, ada)] == [2]
    as_ada.post(FRIENDS, json={"userId": str(bob["_id"])})
    assert [len(each["items"]) for each in of(as_bob, ada)] == [1, 3]


def test_only_ones_own_stories_can_be_kept(as_bob: FlaskClient, db: Database, ada: User) -> None:
    story = make_story(db, ada)
    answer = as_bob.post(PATH, json={"title": "Mine", "storyIds": [str(story["_id"])]})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "storyIds")
    assert as_bob.post(PATH, json={"title": "None", "storyIds": []}).status_code == 400


def test_a_highlight_is_changed_and_removed_by_its_owner(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User
) -> None:
    first, second = make_story(db, ada), make_story(db, ada)
    path = f"{PATH}/{keep(as_ada, first)['_id']}"
    changes = {"title": "Glazes", "add": [str(second["_id"]), str(first["_id"])], "remove": [str(ObjectId())]}
    assert as_bob.put(path, json=changes).status_code == as_bob.delete(path).status_code == 404
    changed = as_ada.put(path, json=changes).json["data"]["highlight"]
    assert (changed["title"], changed["count"]) == ("Glazes", 2)
    assert as_ada.put(path, json={"remove": [str(first["_id"])]}).json["data"]["highlight"]["count"] == 1
    assert as_ada.get(path).json["data"]["highlight"]["title"] == "Glazes"
    assert as_ada.delete(path).status_code == 200
    assert as_ada.delete(path).status_code == 404


def test_nobody_keeps_without_end(
    as_ada: FlaskClient, db: Database, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_HIGHLIGHTS", 1)
    monkeypatch.setattr(keeping, "MOST_ITEMS", 1)
    first, second = make_story(db, ada), make_story(db, ada)
    path = f"{PATH}/{keep(as_ada, first)['_id']}"
    assert as_ada.put(path, json={"add": [str(second["_id"])]}).status_code == 409
    assert as_ada.post(PATH, json={"title": "x", "storyIds": [str(first["_id"])]}).status_code == 409


def test_a_repeated_key_keeps_once(as_ada: FlaskClient, db: Database, ada: User) -> None:
    body = {"title": "x", "storyIds": [str(make_story(db, ada)["_id"])]}
    answers = [as_ada.post(PATH, json=body, headers={"Idempotency-Key": "k"}).get_data() for _ in range(2)]
    assert answers[0] == answers[1]
    assert db["storyhighlights"].count_documents({}) == 1


def test_close_friends_are_ones_own_business(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    path, story = f"{FRIENDS}/{bob['_id']}", make_story(db, ada, visibility="close")
    for _ in range(2):
        answer = as_ada.post(FRIENDS, json={"userId": str(bob["_id"])})
        assert (answer.status_code, answer.json["data"]["friend"]["username"]) == (201, "bob")
    assert [each["username"] for each in as_ada.get(FRIENDS).json["data"]["friends"]] == ["bob"]
    assert as_bob.get(FRIENDS).json["data"]["friends"] == []
    assert as_bob.get(f"/api/stories/{story['_id']}").status_code == 200
    assert [as_ada.delete(path).status_code for _ in range(2)] == [200, 404]
    assert as_bob.get(f"/api/stories/{story['_id']}").status_code == 404


def test_who_blocks_or_is_gone_is_no_close_friend(as_ada: FlaskClient, db: Database, ada: User, bob: User) -> None:
    assert as_ada.post(FRIENDS, json={"userId": str(ada["_id"])}).status_code == 400
    assert as_ada.post(FRIENDS, json={"userId": str(ObjectId())}).status_code == 404
    db["blockedusers"].insert_one({"userId": bob["_id"], "blockedUserId": ada["_id"]})
    assert as_ada.post(FRIENDS, json={"userId": str(bob["_id"])}).status_code == 404
