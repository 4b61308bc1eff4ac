"""Who sees which story, in which order, and until when; who has seen it, counted exactly."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.stories.queries import showing
from mixillo.blueprints.stories.services import viewing
from mixillo.core import clock
from mixillo.core.db import transact
from tests.factories.auth import client_of
from tests.factories.stories import make_story
from tests.factories.users import make_follow, make_user
from tests.stories.conftest import Emitted

User = dict[str, Any]
PATH = "/api/stories"


def tray(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{PATH}{query}").json["data"]["stories"]
    return found


def test_stories_are_grouped_by_person_and_played_in_order(
    as_bob: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    mine, first, second = make_story(db, bob), make_story(db, ada), make_story(db, ada)
    make_story(db, make_user(db))  # whom nobody follows
    own, of_ada = tray(as_bob)
    assert (own["isMe"], [each["_id"] for each in own["stories"]]) == (True, [str(mine["_id"])])
    assert [each["_id"] for each in of_ada["stories"]] == [str(first["_id"]), str(second["_id"])]
    assert of_ada["latestStory"]["_id"] == str(second["_id"])
    assert (of_ada["_id"], of_ada["totalStories"], of_ada["user"]["username"]) == (str(ada["_id"]), 2, "ada")


def test_a_group_is_seen_when_all_of_it_is_seen_and_comes_last_then(
    app: Flask, as_bob: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    cyd = make_user(db, username="cyd")
    make_follow(db, bob, cyd)
    make_story(db, cyd)
    first, second = make_story(db, ada), make_story(db, ada)
    for story, expected in ((first, False), (second, True)):
        assert [each["username"] for each in tray(as_bob)] == ["ada", "cyd"]
        assert as_bob.post(f"{PATH}/{story['_id']}/view").json["data"] == {"viewsCount": 1}
        (of_ada,) = [each for each in tray(as_bob) if each["username"] == "ada"]
        assert of_ada["hasViewed"] is expected
    assert [each["username"] for each in tray(as_bob)] == ["cyd", "ada"]
    assert [each["hasViewed"] for each in of_ada["stories"]] == [True, True]


def test_the_tray_has_pages(as_bob: FlaskClient, db: Database, bob: User) -> None:
    for _ in range(3):
        author = make_user(db)
        make_follow(db, bob, author)
        make_story(db, author)
    answer = as_bob.get(f"{PATH}?limit=2&page=2").json["data"]
    assert len(answer["stories"]) == 1
    assert answer["pagination"] == {
        "page": 2, "limit": 2, "total": 3, "pages": 2, "hasMore": False, "nextCursor": None,
    }  # fmt: skip


def test_many_who_are_followed_are_merged(
    as_bob: FlaskClient, db: Database, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "AUTHORS_AT_ONCE", 2)
    monkeypatch.setattr(showing, "MOST_STORIES", 4)
    for _ in range(5):
        author = make_user(db)
        make_follow(db, bob, author)
        last = make_story(db, author)
    groups = tray(as_bob)
    assert len(groups) == 4
    assert groups[0]["latestStory"]["_id"] == str(last["_id"])


def test_what_has_expired_is_gone_before_it_is_removed(
    as_bob: FlaskClient, as_ada: FlaskClient, db: Database, ada: User
) -> None:
    story = make_story(db, ada, expiresAt=clock.now() - timedelta(milliseconds=1))
    path = f"{PATH}/{story['_id']}"
    assert tray(as_bob) == tray(as_ada) == []
    assert as_bob.get(path).status_code == 404
    assert as_bob.post(f"{path}/view").status_code == 404
    assert as_ada.get(f"{path}/viewers").status_code == 404
    assert as_ada.get(f"{PATH}/mine").json["data"]["stories"] == []
    assert as_bob.get(f"{PATH}/user/{ada['_id']}").json["data"]["stories"] == []
    assert as_ada.post(f"{PATH}/highlights", json={"title": "x", "storyIds": [str(story["_id"])]}).status_code == 400
    assert db["stories"].count_documents({}) == 1


@pytest.mark.parametrize(
    ("visibility", "bob_follows", "ada_follows", "is_close", "is_allowed", "is_private", "expected"),
    [
        ("public", True, False, False, False, False, True), ("public", False, False, False, False, False, True),
        ("public", True, False, False, False, True, False), ("public", True, True, False, False, True, True),
        ("friends", True, False, False, False, False, False), ("friends", True, True, False, False, False, True),
        ("close", True, True, False, False, False, False), ("close", True, False, True, False, False, True),
        ("close", True, False, True, False, True, False), ("private", True, True, True, False, False, False),
        ("private", False, False, False, True, False, True), (None, True, False, False, False, False, True),
    ],
)  # fmt: skip
def test_a_story_is_for_whom_it_is_meant(
    app: Flask, db: Database, visibility: str | None, bob_follows: bool, ada_follows: bool, is_close: bool,
    is_allowed: bool, is_private: bool, expected: bool,
) -> None:  # fmt: skip
    author, viewer = make_user(db, privacySettings={"isPrivate": is_private}), make_user(db)
    if bob_follows:
        make_follow(db, viewer, author)
    if ada_follows:
        make_follow(db, author, viewer)
    if is_close:
        db["closefriends"].insert_one({"userId": author["_id"], "friendId": viewer["_id"]})
    allowed = [viewer["_id"]] if is_allowed else []
    named = {"visibility": visibility} if visibility else {}
    story = make_story(db, author, allowedUsers=allowed, **named)
    if visibility is None:
        db["stories"].update_one({"_id": story["_id"]}, {"$unset": {"visibility": ""}})
    client, path = client_of(app, viewer), f"{PATH}/{story['_id']}"
    assert (client.get(path).status_code == 200) is expected
    assert (client.post(f"{path}/view").status_code == 200) is expected
    if bob_follows:
        assert bool(tray(client)) is expected
    assert client_of(app, author).get(path).status_code == 200


def test_private_stories_of_the_existing_system_are_for_those_they_name(
    as_bob: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    for allowed, expected in (([], 404), ([bob["_id"]], 200)):
        story = make_story(db, ada, allowedUsers=allowed)
        db["stories"].update_one({"_id": story["_id"]}, {"$unset": {"visibility": ""}, "$set": {"isPrivate": True}})
        assert as_bob.get(f"{PATH}/{story['_id']}").status_code == expected


@pytest.mark.parametrize("blocks", ["author", "viewer"])
def test_nothing_is_seen_across_a_block(as_bob: FlaskClient, db: Database, ada: User, bob: User, blocks: str) -> None:
    story = make_story(db, ada, visibility="private", allowedUsers=[bob["_id"]])
    one, other = (ada, bob) if blocks == "author" else (bob, ada)
    db["blockedusers"].insert_one({"userId": one["_id"], "blockedUserId": other["_id"]})
    assert as_bob.get(f"{PATH}/{story['_id']}").status_code == 404
    assert tray(as_bob) == []


def test_closed_accounts_show_nothing(as_bob: FlaskClient, db: Database, ada: User) -> None:
    story = make_story(db, ada)
    db["users"].update_one({"_id": ada["_id"]}, {"$set": {"status": "banned"}})
    assert as_bob.get(f"{PATH}/{story['_id']}").status_code == 404
    assert tray(as_bob) == []


def test_a_private_profile_opens_to_nobody_else(app: Flask, as_bob: FlaskClient, db: Database) -> None:
    shy = make_user(db, privacySettings={"isPrivate": True})
    make_story(db, shy)
    for path in (f"{PATH}/user/{shy['_id']}", f"{PATH}/highlights/user/{shy['_id']}"):
        assert as_bob.get(path).status_code == 403


def test_whom_a_story_is_for_is_told_to_its_author_only(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    story = make_story(db, ada, visibility="private", allowedUsers=[bob["_id"]])
    assert "allowedUsers" not in as_bob.get(f"{PATH}/{story['_id']}").json["data"]["story"]
    assert as_ada.get(f"{PATH}/{story['_id']}").json["data"]["story"]["allowedUsers"] == [str(bob["_id"])]


def test_viewers_are_for_the_author(
    app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, as_admin: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    story, cyd = make_story(db, ada), make_user(db, username="cyd")
    path = f"{PATH}/{story['_id']}"
    for client in (as_bob, client_of(app, cyd)):
        client.post(f"{path}/view")
    first = as_ada.get(f"{path}/viewers?limit=1").json["data"]
    assert [each["username"] for each in first["viewers"]] == ["cyd"]
    assert first["pagination"]["total"] == 2
    cursor = first["pagination"]["nextCursor"]
    (second,) = as_ada.get(f"{path}/viewers?limit=1&cursor={cursor}").json["data"]["viewers"]
    assert (second["userId"], second["username"]) == (str(bob["_id"]), "bob")
    assert as_bob.get(f"{path}/viewers").status_code == 404
    assert as_admin.get(f"{path}/viewers").status_code == 200


def test_one_counts_once_and_oneself_never(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: User, bob: User, emitted: Emitted
) -> None:
    story = make_story(db, ada)
    path = f"{PATH}/{story['_id']}/view"
    for _ in range(3):
        assert as_bob.post(path).json["data"] == {"viewsCount": 1}
        assert as_ada.post(path).json["data"]["viewsCount"] == 1
    assert db["storyviews"].count_documents({}) == 1
    ((name, payload, room),) = emitted
    assert (name, room) == ("story_viewed", f"user_{ada['_id']}")
    assert (payload["viewerId"], payload["viewsCount"]) == (str(bob["_id"]), 1)


def test_a_crowd_is_counted_exactly(app: Flask, db: Database, ada: User) -> None:
    story = make_story(db, ada)
    crowd = [client_of(app, make_user(db)) for _ in range(25)]

    def look(client: FlaskClient) -> int:
        return client.post(f"{PATH}/{story['_id']}/view").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(look, crowd * 3)) == {200}
    rows = db["storyviews"].count_documents({"storyId": story["_id"]})
    assert rows == db["stories"].find_one({"_id": story["_id"]})["viewsCount"] == 25


def test_a_look_that_cannot_be_counted_is_none(
    as_bob: FlaskClient, db: Database, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = make_story(db, ada)
    with monkeypatch.context() as patch:
        patch.setattr(viewing, "_count", lambda *_: 1 / 0)
        assert as_bob.post(f"{PATH}/{story['_id']}/view").status_code == 500
    assert db["storyviews"].count_documents({}) == 0
    monkeypatch.setattr(viewing, "transact", lambda work, **_: transact(lambda session: (work(session), 1 / 0)))
    assert as_bob.post(f"{PATH}/{story['_id']}/view").status_code == 500
    assert db["storyviews"].count_documents({}) == 0
    assert db["stories"].find_one({"_id": story["_id"]})["viewsCount"] == 0


def test_who_is_not_signed_in_sees_what_is_for_everybody_on_pages_only(
    client: FlaskClient, db: Database, ada: User
) -> None:
    shown = make_story(db, ada)
    for visibility in ("friends", "close", "private"):
        make_story(db, ada, visibility=visibility)
    (group,) = client.get(f"{PATH}/user/{ada['_id']}").json["data"]["stories"]
    assert [(each["_id"], each["hasViewed"]) for each in group["stories"]] == [(str(shown["_id"]), False)]
    assert client.get(f"{PATH}/highlights/user/{ada['_id']}").json["data"]["highlights"] == []
    for path in (PATH, f"{PATH}/{shown['_id']}"):
        assert client.get(path).status_code == 401
