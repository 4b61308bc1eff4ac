"""Writing posts: what they name is found, what they lack is said, and what is counted is what is there."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.blueprints.content.services import composing, parsing
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.products import make_product
from tests.factories.users import make_user
from tests.killing import Killed, kill_before_the_answer_is_kept, let_a_minute_pass

VIDEO = {"videoUrl": "https://cdn.example.com/a.mp4", "caption": "Hello"}


def published(db: Database, user: dict[str, Any]) -> int:
    return int(db["users"].find_one({"_id": user["_id"]}).get("videosCount") or 0)


def in_list(client: FlaskClient) -> list[str]:
    return [post["_id"] for post in client.get("/api/content").json["data"]["content"]]


def test_a_post_is_there_at_once_under_both_paths(
    as_ada: FlaskClient, client: FlaskClient, ada: dict[str, Any]
) -> None:
    answer = as_ada.post("/api/content", json=VIDEO)
    assert answer.status_code == 201
    made = answer.json["data"]["content"]
    assert answer.headers["Location"].endswith(f"/api/content/{made['_id']}")
    assert answer.json["data"]["post"] == made
    for path in ("content", "posts"):
        shown = client.get(f"/api/{path}/{made['_id']}").json["data"]["content"]
        assert (shown["caption"], shown["creator"]["username"], shown["visibility"]) == ("Hello", "ada", "public")
        assert "status" not in shown
    assert in_list(client) == [made["_id"]]


def test_hashtags_and_people_are_read_from_the_caption(as_ada: FlaskClient, db: Database, bob: dict[str, Any]) -> None:
    body = VIDEO | {"caption": "With @BOB and @nobody_here #Töpfern #töpfern mail@bob.example #2026", "tags": ["Clay"]}
    made = as_ada.post("/api/content", json=body).json["data"]["content"]
    assert made["hashtags"] == ["töpfern", "clay"]
    assert made["mentions"] == [str(bob["_id"])]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "video"}, "videoUrl"), ({"type": "image", "imageUrls": []}, "imageUrls"),
        ({"type": "text"}, "caption"),
        ({"type": "live", **VIDEO}, "type"), (VIDEO | {"videoUrl": "javascript:alert(1)"}, "videoUrl"),
        (VIDEO | {"duration": 601}, "duration"), (VIDEO | {"products": ["5" * 24]}, "products"),
        (VIDEO | {"mentions": ["5" * 24]}, "mentions"), (VIDEO | {"soundId": "5" * 24}, "soundId"),
        (VIDEO | {"scheduledFor": "2020-01-01T00:00:00Z"}, "scheduledFor"), (VIDEO | {"likesCount": 5}, "likesCount"),
        (VIDEO | {"userId": "5" * 24}, "userId"), (VIDEO | {"visibility": "everybody"}, "visibility"),
        (VIDEO | {"description": "two", "caption": "names"}, "description"),
        (VIDEO | {"location": {"latitude": 91}}, "location/latitude"),
    ],
)  # fmt: skip
def test_what_cannot_be_posted_is_named(as_ada: FlaskClient, db: Database, body: dict[str, Any], field: str) -> None:
    answer = as_ada.post("/api/content", json=body)
    assert answer.status_code == 400
    assert f"/{field}" in [error["pointer"] for error in answer.json["errors"]]
    assert db["contents"].count_documents({}) == 0


def test_the_mobile_apps_names_are_understood(as_ada: FlaskClient, db: Database) -> None:
    product = make_product(db)
    body = {
        "mediaUrls": ["https://cdn.example.com/1.jpg", "https://cdn.example.com/2.jpg"], "mediaType": "image",
        "description": "Two", "privacy": "friends", "location": "Lisbon", "products": [str(product["_id"])],
    }  # fmt: skip
    made = as_ada.post("/api/posts", json=body).json["data"]["post"]
    assert (made["type"], made["imageUrls"], made["privacy"]) == ("image", body["mediaUrls"], "friends")
    assert (made["location"]["name"], made["products"]) == ("Lisbon", [str(product["_id"])])


def test_a_repeated_key_posts_once(as_ada: FlaskClient, db: Database, ada: dict[str, Any]) -> None:
    answers = [as_ada.post("/api/content", json=VIDEO, headers={"Idempotency-Key": "a"}) for _ in range(3)]
    assert len({answer.data for answer in answers}) == 1
    assert (db["contents"].count_documents({}), published(db, ada)) == (1, 1)


def test_a_repetition_after_a_crash_finds_what_was_posted(
    as_ada: FlaskClient, db: Database, ops_db: Database, ada: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_before_the_answer_is_kept(monkeypatch)
    with pytest.raises(Killed):
        as_ada.post("/api/content", json=VIDEO, headers={"Idempotency-Key": "a"})
    (stored,) = db["contents"].find()
    let_a_minute_pass(ops_db)
    again = as_ada.post("/api/content", json=VIDEO, headers={"Idempotency-Key": "a"})
    assert again.json["data"]["content"]["_id"] == str(stored["_id"])
    assert published(db, ada) == 1


def test_a_draft_is_nobodys_business_until_it_is_published(
    as_ada: FlaskClient, as_bob: FlaskClient, as_admin: FlaskClient, db: Database, ada: dict[str, Any]
) -> None:
    draft = as_ada.post("/api/content", json=VIDEO | {"status": "draft"}).json["data"]["content"]
    path = f"/api/content/{draft['_id']}"
    assert as_bob.get(path).status_code == 404
    assert in_list(as_ada) == []
    assert [post["_id"] for post in as_ada.get("/api/content/mine?status=draft").json["data"]["content"]] == [
        draft["_id"]
    ]
    assert published(db, ada) == 0
    assert as_ada.put(path, json={"status": "published"}).json["data"]["content"]["status"] == "active"
    assert as_bob.get(path).status_code == 200
    assert published(db, ada) == 1
    assert as_ada.put(path, json={"status": "draft"}).status_code == 409


def test_a_scheduled_post_appears_in_time_and_once(
    app: Flask, as_ada: FlaskClient, client: FlaskClient, db: Database, ada: dict[str, Any]
) -> None:
    at = clock.now() + timedelta(hours=1)
    body = VIDEO | {"scheduledFor": clock.timestamp(at)}
    made = as_ada.post("/api/content", json=body).json["data"]["content"]
    assert made["status"] == "draft"
    assert [post["_id"] for post in as_ada.get("/api/content/scheduled").json["data"]["content"]] == [made["_id"]]
    with app.app_context():
        assert composing.publish_due(clock.now()) == 0
        assert composing.publish_due(at) == 1
        assert composing.publish_due(at) == 0
    assert in_list(client) == [made["_id"]]
    assert published(db, ada) == 1
    assert as_ada.get("/api/content/scheduled").json["data"]["content"] == []


def test_what_is_deleted_can_be_restored_with_its_likes(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: dict[str, Any]
) -> None:
    post = as_ada.post("/api/content", json=VIDEO).json["data"]["content"]
    path = f"/api/content/{post['_id']}"
    as_bob.post(f"{path}/like")
    assert as_bob.delete(path).status_code == 404
    assert as_ada.delete(path).status_code == 200
    assert as_ada.delete(path).status_code == 404
    assert (as_bob.get(path).status_code, published(db, ada)) == (404, 0)
    assert [p["_id"] for p in as_ada.get("/api/content/mine?isDeleted=true").json["data"]["content"]] == [post["_id"]]
    assert as_bob.post(f"{path}/restore").status_code == 404
    assert as_ada.post(f"{path}/restore").json["data"]["content"]["likesCount"] == 1
    assert (as_bob.get(path).status_code, published(db, ada)) == (200, 1)


def test_what_an_administrator_deletes_is_in_the_audit_log(
    as_admin: FlaskClient, db: Database, ops_db: Database, ada: dict[str, Any]
) -> None:
    post = make_post(db, ada)
    assert as_admin.delete(f"/api/content/{post['_id']}").status_code == 200
    entry = ops_db["auditlog"].find_one({"action": "content.deleted"})
    assert entry["targetId"] == post["_id"]


def test_nobody_changes_anothers_post(as_bob: FlaskClient, db: Database, ada: dict[str, Any]) -> None:
    post = make_post(db, ada)
    assert as_bob.put(f"/api/content/{post['_id']}", json={"caption": "mine"}).status_code == 404
    assert db["contents"].find_one({"_id": post["_id"]})["caption"] == post["caption"]


def test_a_change_keeps_what_is_not_sent_and_what_the_type_calls_for(
    as_ada: FlaskClient, db: Database, ada: dict[str, Any]
) -> None:
    post = make_post(db, ada, caption="Old #old", hashtags=["old"], visibility="friends")
    path = f"/api/content/{post['_id']}"
    made = as_ada.put(path, json={"allowComments": False}).json["data"]["content"]
    assert (made["caption"], made["hashtags"], made["allowComments"]) == ("Old #old", ["old"], False)
    made = as_ada.patch(path, json={"caption": "New #new", "visibility": "public"}).json["data"]["content"]
    assert (made["hashtags"], made["visibility"]) == (["new"], "public")
    assert as_ada.put(path, json={"videoUrl": ""}).status_code == 400
    assert not db["contents"].find_one({"_id": post["_id"]})["isPrivate"]


def test_what_was_taken_away_does_not_come_back_by_its_author(as_ada: FlaskClient, db: Database, ada: Any) -> None:
    post = make_post(db, ada, status="removed")
    assert as_ada.put(f"/api/content/{post['_id']}", json={"status": "published"}).status_code == 409


@given(st.text(max_size=300), st.lists(st.text(max_size=30), max_size=5))
def test_any_caption_has_hashtags_that_are_found_again(caption: str, given_tags: list[str]) -> None:
    for tag in parsing.hashtags(caption, given_tags):
        assert tag
        assert parsing.spelled(tag) == tag
        assert parsing.hashtags(f"#{tag}") == [tag]


@pytest.mark.parametrize(
    ("caption", "names"),
    [("@ada", ["ada"]), ("a@ada.io", []), ("@ad", []), ("@Ada @ada", ["Ada"]), ("(@ada), @bob!", ["ada", "bob"]),
     ("https://x.io/@ada", []), ("@" + "a" * 31, [])],
)  # fmt: skip
def test_mentions_are_names_of_people(caption: str, names: list[str]) -> None:
    assert parsing.usernames(caption) == names


def test_mentions_name_active_people_only(app: Flask, as_ada: FlaskClient, db: Database) -> None:
    make_user(db, username="gone", status="banned")
    assert as_ada.post("/api/content", json=VIDEO | {"caption": "@gone"}).json["data"]["content"]["mentions"] == []


def test_two_that_publish_at_once_publish_once(app: Flask, db: Database, ada: dict[str, Any]) -> None:
    post = make_post(db, ada, status="draft", scheduledFor=clock.now(), publishedAt=None)
    stale = dict(post)
    with app.app_context():
        assert composing.publish_due(clock.now() + timedelta(seconds=1)) == 1
        with pytest.raises(composing.ContentNotFound):
            composing._move(stale, {"status": "active"}, 1)
    assert published(db, ada) == 1


def test_ids_that_nothing_has_are_404s(as_ada: FlaskClient) -> None:
    for method, path in (("get", ""), ("put", ""), ("delete", ""), ("post", "/restore"), ("post", "/like")):
        assert getattr(as_ada, method)(f"/api/content/{ObjectId()}{path}", json={}).status_code == 404


def test_a_new_client_of_somebody_else_sees_no_drafts(app: Flask, db: Database, ada: dict[str, Any]) -> None:
    make_post(db, ada, status="draft", publishedAt=None)
    assert client_of(app, make_user(db)).get(f"/api/content/user/{ada['_id']}").json["data"]["content"] == []
