"""Finding posts: who sees what, in which order, and what a list does about what it cannot show."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.content.services import setup
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import make_follow, make_user

User = dict[str, Any]


def ids(client: FlaskClient, path: str, key: str = "content") -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.json
    return [post["_id"] for post in answer.json["data"][key]]


def pages(client: FlaskClient, path: str, key: str = "content", limit: int = 2) -> list[str]:
    found, cursor = [], ""
    while True:
        join = "&" if "?" in path else "?"
        data = client.get(f"{path}{join}limit={limit}{cursor}").json["data"]
        found += [post["_id"] for post in data[key]]
        if not data["pagination"]["hasMore"]:
            return found
        cursor = f"&cursor={data['pagination']['nextCursor']}"


def block(db: Database, one: User, other: User) -> None:
    db["blockedusers"].insert_one({"userId": one["_id"], "blockedUserId": other["_id"], "createdAt": clock.now()})


# A follower follows the author, who follows the followed; a friend is both.
@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        ("public", {"stranger", "anonymous", "follower", "followed", "friend", "author", "admin"}),
        ("friends", {"friend", "author", "admin"}),
        ("private", {"author", "admin"}),
    ],
)
@pytest.mark.parametrize("is_private", [False, True])
def test_everybody_sees_what_is_meant_for_them(
    app: Flask,
    client: FlaskClient,
    as_admin: FlaskClient,
    db: Database,
    visibility: str,
    seen_by: set[str],
    is_private: bool,
) -> None:
    author = make_user(db, privacySettings={"isPrivate": is_private})
    people = {name: make_user(db) for name in ("stranger", "follower", "followed", "friend")}
    for name in ("follower", "friend"):
        make_follow(db, people[name], author)
    for name in ("followed", "friend"):
        make_follow(db, author, people[name])
    if is_private:
        seen_by = seen_by - {"stranger", "anonymous", "follower"}
    post = make_post(db, author, visibility=visibility)
    clients = {name: client_of(app, person) for name, person in people.items()}
    clients |= {"author": client_of(app, author), "admin": as_admin, "anonymous": client}
    path = f"/api/content/{post['_id']}"
    assert {name for name, each in clients.items() if each.get(path).status_code == 200} == seen_by
    listed = {name for name, each in clients.items() if str(post["_id"]) in ids(each, "/api/content")}
    assert listed == (seen_by if visibility == "public" else set())
    of_author = {
        name
        for name, each in clients.items()
        if (answer := each.get(f"/api/content/user/{author['_id']}")).status_code == 200
        and answer.json["data"]["content"]
    }
    assert of_author == seen_by


def test_blocks_work_both_ways_and_closed_accounts_are_gone(
    app: Flask, as_bob: FlaskClient, db: Database, ada: User, bob: User
) -> None:
    blocker, blocked, banned = make_user(db), make_user(db), make_user(db, status="banned")
    block(db, blocker, bob)
    block(db, bob, blocked)
    shown = make_post(db, ada)
    for author in (blocker, blocked, banned):
        post = make_post(db, author)
        assert as_bob.get(f"/api/content/{post['_id']}").status_code == 404
    assert ids(as_bob, "/api/content") == [str(shown["_id"])]


def test_a_page_is_filled_up_behind_what_is_left_out(as_bob: FlaskClient, db: Database, ada: User, bob: User) -> None:
    blocked = make_user(db)
    block(db, bob, blocked)
    shown = [make_post(db, ada) for _ in range(5)]
    for _ in range(4):
        make_post(db, blocked)
    expected = [str(post["_id"]) for post in reversed(shown)]
    assert ids(as_bob, "/api/content?limit=3") == expected[:3]
    assert pages(as_bob, "/api/content") == expected


def test_who_may_see_almost_nothing_gets_short_pages_that_go_on(
    as_bob: FlaskClient, db: Database, bob: User, ada: User
) -> None:
    blocked = make_user(db)
    block(db, bob, blocked)
    first = make_post(db, ada)
    for _ in range(40):
        make_post(db, blocked)
    data = as_bob.get("/api/content?limit=2").json["data"]
    assert (data["content"], data["pagination"]["hasMore"]) == ([], True)
    assert pages(as_bob, "/api/content") == [str(first["_id"])]


def test_a_broken_document_is_left_out_and_the_rest_is_shown(
    app: Flask, client: FlaskClient, db: Database, ada: User
) -> None:
    good = make_post(db, ada)
    make_post(db, ada, hashtags=5)
    make_post(db, ada, location="nowhere")
    make_post(db, ada, likesCount="many")
    make_post(db, {"_id": None})
    make_post(db, ada, publishedAt=None)
    later = make_post(db, ada)
    shown = ids(client, "/api/content")
    assert shown[:2] == [str(later["_id"]), str(good["_id"])]
    assert pages(client, "/api/content", limit=1) == shown
    with app.app_context():
        setup.reckon_when_due()
    assert set(ids(client, "/api/content/feed")) == set(shown)


def test_lists_neither_repeat_nor_skip_while_posts_arrive(client: FlaskClient, db: Database, ada: User) -> None:
    there = [str(make_post(db, ada)["_id"]) for _ in range(9)]
    found, cursor = [], ""
    while True:
        data = client.get(f"/api/content?limit=2{cursor}").json["data"]
        found += [post["_id"] for post in data["content"]]
        make_post(db, ada)
        if not data["pagination"]["hasMore"]:
            break
        cursor = f"&cursor={data['pagination']['nextCursor']}"
    assert found == there[::-1]


def test_lists_are_narrowed_down_and_ordered(client: FlaskClient, db: Database, ada: User, bob: User) -> None:
    video = str(make_post(db, ada, viewsCount=5, hashtags=["clay"])["_id"])
    image = str(make_post(db, bob, type="image", imageUrls=["https://x.io/a.jpg"], viewsCount=9)["_id"])
    assert ids(client, "/api/content?type=image") == [image]
    assert ids(client, f"/api/content?userId={ada['_id']}") == [video]
    assert ids(client, "/api/content?hashtag=clay") == [video]
    assert ids(client, "/api/content?sortBy=viewsCount") == [image, video]
    assert ids(client, "/api/content/hashtag/%23CLAY") == [video]
    assert client.get("/api/content?sortBy=password").status_code == 400
    data = client.get("/api/content?limit=1&page=2").json["data"]
    assert [post["_id"] for post in data["content"]] == [video]
    assert (data["pagination"]["total"], data["pagination"]["pages"]) == (2, 2)


def test_a_cursor_of_one_list_is_refused_by_another(client: FlaskClient, db: Database, ada: User) -> None:
    for _ in range(3):
        make_post(db, ada, hashtags=["clay"])
    cursor = client.get("/api/content?limit=1").json["data"]["pagination"]["nextCursor"]
    for path in ("/api/content?type=video&", "/api/content/hashtag/clay?", "/api/content/feed?"):
        assert client.get(f"{path}cursor={cursor}").status_code == 400


def test_following_merges_those_whom_one_follows(app: Flask, as_bob: FlaskClient, db: Database, bob: User) -> None:
    followed = [make_user(db) for _ in range(130)]
    for person in followed:
        make_follow(db, bob, person)
    now = clock.now()
    posts = [make_post(db, followed[n * 7 % 130], publishedAt=now - timedelta(minutes=n)) for n in range(40)]
    make_post(db, make_user(db))
    expected = [str(post["_id"]) for post in posts]
    assert ids(as_bob, "/api/feed/following?limit=40", "videos") == expected
    assert pages(as_bob, "/api/content/following", limit=7) == expected
    assert pages(as_bob, "/api/feed?following=true", "videos", limit=7) == expected
    assert ids(as_bob, "/api/content/following?page=2&limit=10") == expected[10:20]


def test_who_follows_nobody_has_an_empty_list(as_bob: FlaskClient, client: FlaskClient) -> None:
    assert ids(as_bob, "/api/feed/following", "videos") == []
    assert client.get("/api/feed?following=true").status_code == 401


def test_ones_own_marks_are_listed_the_latest_first(as_bob: FlaskClient, db: Database, ada: User) -> None:
    posts = [str(make_post(db, ada)["_id"]) for _ in range(5)]
    for post in posts:
        as_bob.post(f"/api/content/{post}/save", json={"collection": "ideas"})
        as_bob.post(f"/api/content/{post}/like")
    as_bob.delete(f"/api/content/{posts[2]}/save")
    db["contents"].delete_one({"_id": make_post(db, ada)["_id"]})
    kept = [post for post in reversed(posts) if post != posts[2]]
    assert pages(as_bob, "/api/content/saved") == kept
    assert ids(as_bob, "/api/content/saved?collection=other") == []
    assert pages(as_bob, "/api/content/liked") == posts[::-1]


def test_private_profiles_say_so(client: FlaskClient, db: Database) -> None:
    person = make_user(db, privacySettings={"isPrivate": True})
    assert client.get(f"/api/content/user/{person['_id']}").status_code == 403
    assert client.get(f"/api/content/user/{'5' * 24}").status_code == 404


def test_documents_of_the_existing_system_are_shown(client: FlaskClient, db: Database, ada: User) -> None:
    old = {"userId": ada["_id"], "type": "video", "status": "active", "isDeleted": False, "publishedAt": clock.now()}
    public = db["contents"].insert_one(old | {"isPrivate": False}).inserted_id
    private = db["contents"].insert_one(old | {"isPrivate": True}).inserted_id
    assert ids(client, "/api/content") == [str(public)]
    assert client.get(f"/api/content/{private}").status_code == 404
