"""Showing something for a day: what may be shown, who is told, how it ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.stories.services import sharing, sweeping
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.stories import make_story
from tests.factories.uploads import picture, send
from tests.factories.users import make_follow, make_user
from tests.killing import Killed, kill_before_the_answer_is_kept, let_a_minute_pass
from tests.stories.conftest import Emitted

User = dict[str, Any]
PATH = "/api/stories"
PICTURE = {"type": "image", "mediaUrl": "https://cdn.example.com/kiln.jpg"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_story_lasts_a_day(as_ada: FlaskClient, ada: User) -> None:
    answer = as_ada.post(PATH, json=PICTURE | {"caption": "Open", "duration": 7})
    assert answer.status_code == 201
    story = answer.json["data"]["story"]
    assert answer.headers["Location"] == f"{PATH}/{story['_id']}"
    assert moment(story["expiresAt"]) - moment(story["createdAt"]) == timedelta(hours=24)
    assert (story["caption"], story["duration"], story["visibility"]) == ("Open", 7, "public")
    assert (story["userId"], story["user"]["username"], story["isMe"]) == (str(ada["_id"]), "ada", True)
    assert as_ada.get(f"{PATH}/{story['_id']}").json["data"]["story"] == story


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "hologram"}, {"mediaUrl": "javascript:alert(1)"}, {"mediaUrl": None}, {"duration": 61},
        {"duration": 0}, {"visibility": "enemies"}, {"musicId": "64b7f3a2c9e77a0012ab34cd"}, {"viewsCount": 9},
        {"visibility": "private", "allowedUsers": ["64b7f3a2c9e77a0012ab34cd"]}, {"userId": "x"}, {"expiresAt": "x"},
        {"caption": "x" * 501}, {"uploadId": "64b7f3a2c9e77a0012ab34cd"},
    ],
)  # fmt: skip
def test_nonsense_is_refused(as_ada: FlaskClient, db: Database, fields: dict[str, Any]) -> None:
    assert as_ada.post(PATH, json=PICTURE | fields).status_code == 400
    assert db["stories"].count_documents({}) == 0


def test_an_upload_is_shown_by_its_id(app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, db: Database) -> None:
    upload = send(as_ada, picture()).json["data"]["upload"]
    body = {"type": "image", "uploadId": upload["_id"]}
    story = as_ada.post(PATH, json=body).json["data"]["story"]
    assert (story["mediaUrl"], story["duration"]) == (upload["url"], 5)
    assert story["thumbnailUrl"]
    for refused in (body | {"type": "video"}, {"type": "image"}):
        assert as_ada.post(PATH, json=refused).status_code == 400
    assert as_bob.post(PATH, json=body).status_code == 400


def test_chosen_people_are_for_private_stories(as_ada: FlaskClient, bob: User) -> None:
    chosen = {"allowedUsers": [str(bob["_id"])]}
    assert as_ada.post(PATH, json=PICTURE | chosen).status_code == 400
    story = as_ada.post(PATH, json=PICTURE | chosen | {"privacy": "private"}).json["data"]["story"]
    assert story["allowedUsers"] == [str(bob["_id"])]


def test_a_repeated_key_shows_it_once(as_ada: FlaskClient, db: Database) -> None:
    answers = [as_ada.post(PATH, json=PICTURE, headers={"Idempotency-Key": "k"}).get_data() for _ in range(2)]
    assert answers[0] == answers[1]
    assert db["stories"].count_documents({}) == 1


def test_a_request_that_is_repeated_after_a_crash_shows_it_once(
    as_ada: FlaskClient, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_before_the_answer_is_kept(monkeypatch)
    with pytest.raises(Killed):
        as_ada.post(PATH, json=PICTURE, headers={"Idempotency-Key": "k"})
    let_a_minute_pass(ops_db)
    assert as_ada.post(PATH, json=PICTURE, headers={"Idempotency-Key": "k"}).status_code == 201
    assert db["stories"].count_documents({}) == 1


def test_nobody_shows_more_than_enough(as_ada: FlaskClient, db: Database, ada: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(sharing, "MOST_ALIVE", 2)
    make_story(db, ada, expiresAt=clock.now() - timedelta(seconds=1))
    for expected in (201, 201, 409):
        assert as_ada.post(PATH, json=PICTURE).status_code == expected


def test_followers_who_may_see_it_are_told(
    app: Flask, as_ada: FlaskClient, db: Database, ada: User, bob: User, emitted: Emitted
) -> None:
    friend = make_user(db)
    make_follow(db, friend, ada)
    make_follow(db, ada, friend)
    as_ada.post(f"{PATH}/close-friends", json={"userId": str(bob["_id"])})
    rooms = {}
    for visibility in ("public", "friends", "close", "private"):
        emitted.clear()
        made = as_ada.post(PATH, json=PICTURE | {"visibility": visibility}).json["data"]["story"]
        assert {name for name, _, _ in emitted} == {"story_added"}
        assert emitted[0][1]["storyId"] == made["_id"]
        rooms[visibility] = {room for _, _, room in emitted}
    of = {"ada": f"user_{ada['_id']}", "bob": f"user_{bob['_id']}", "friend": f"user_{friend['_id']}"}
    assert rooms == {
        "public": set(of.values()), "friends": {of["ada"], of["friend"]}, "close": {of["ada"], of["bob"]},
        "private": {of["ada"]},
    }  # fmt: skip


def test_what_a_private_profile_shows_is_told_to_those_it_follows(app: Flask, db: Database, emitted: Emitted) -> None:
    shy, fan, friend = (make_user(db, privacySettings={"isPrivate": True}) for _ in range(3))
    for follower in (fan, friend):
        make_follow(db, follower, shy)
    make_follow(db, shy, friend)
    client_of(app, shy).post(PATH, json=PICTURE)
    assert {room for _, _, room in emitted} == {f"user_{shy['_id']}", f"user_{friend['_id']}"}


def test_a_deleted_story_is_gone_at_once_with_who_has_seen_it(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, emitted: Emitted
) -> None:
    story = make_story(db, ada)
    as_bob.post(f"{PATH}/{story['_id']}/view")
    assert as_bob.delete(f"{PATH}/{story['_id']}").status_code == 404
    assert as_ada.delete(f"{PATH}/{story['_id']}").status_code == 200
    assert as_bob.get(f"{PATH}/{story['_id']}").status_code == 404
    assert as_ada.delete(f"{PATH}/{story['_id']}").status_code == 404
    assert [db[name].count_documents({}) for name in ("stories", "storyviews")] == [0, 0]
    assert {name for name, _, _ in emitted} == {"story_viewed", "story_deleted"}


def test_a_story_whose_removal_is_cut_off_is_gone_all_the_same(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = make_story(db, ada)
    as_bob.post(f"{PATH}/{story['_id']}/view")
    with monkeypatch.context() as patch:
        patch.setattr(sharing.sweeping, "remove", lambda _story_id: 1 / 0)
        as_ada.delete(f"{PATH}/{story['_id']}")
    assert as_bob.get(f"{PATH}/{story['_id']}").status_code == 404
    assert sweeping.sweep(clock.now() + timedelta(seconds=1)) == {"deletedStories": 1, "deletedViews": 1}


def test_an_administrator_deletes_anybodys_which_is_recorded(
    as_admin: FlaskClient, db: Database, ops_db: Database, ada: User
) -> None:
    story = make_story(db, ada, visibility="private")
    assert as_admin.delete(f"{PATH}/{story['_id']}").status_code == 200
    assert ops_db["auditlog"].find_one({"action": "story.deleted"})["targetId"] == story["_id"]
    assert as_admin.delete(f"{PATH}/{ObjectId()}").status_code == 404


def test_what_is_over_is_counted_and_removed(
    as_admin: FlaskClient, as_bob: FlaskClient, db: Database, ada: User
) -> None:
    lasting, over = make_story(db, ada), make_story(db, ada)
    for story in (lasting, over):
        as_bob.post(f"{PATH}/{story['_id']}/view")
    db["stories"].update_one({"_id": over["_id"]}, {"$set": {"expiresAt": clock.now()}})
    stats = as_admin.get(f"{PATH}/admin/cleanup/stats").json["data"]["stats"]
    assert stats == {"total": 2, "active": 1, "expired": 1, "totalViews": 1}
    results = as_admin.post(f"{PATH}/admin/cleanup/trigger").json["data"]["results"]
    assert results == {"deletedStories": 1, "deletedViews": 1}
    assert db["storyviews"].distinct("storyId") == [lasting["_id"]]
    assert as_bob.get(f"{PATH}/admin/cleanup/stats").status_code == 403


def test_administrators_list_what_lasts(as_admin: FlaskClient, db: Database, ada: User, bob: User) -> None:
    made = [make_story(db, ada, visibility="private"), make_story(db, bob)]
    make_story(db, ada, expiresAt=clock.now())
    listed = as_admin.get(f"{PATH}/admin/all").json["data"]
    assert [each["_id"] for each in listed["stories"]] == [str(each["_id"]) for each in reversed(made)]
    assert listed["pagination"]["total"] == 2
    of_ada = as_admin.get(f"{PATH}/admin/all?userId={ada['_id']}").json["data"]["stories"]
    assert [each["_id"] for each in of_ada] == [str(made[0]["_id"])]
