"""Lists, search and figures."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.users import make_follow, make_user

START = datetime(2026, 1, 1, tzinfo=UTC)


def names(answer: object, member: str = "users") -> list[str]:
    return [user["username"] for user in answer.json["data"][member]]  # type: ignore[attr-defined]


def test_the_list_shows_active_people_newest_first(db: Database, client: FlaskClient) -> None:
    for number in range(5):
        make_user(db, username=f"user{number}", createdAt=START + timedelta(days=number))
    make_user(db, username="banned", status="banned")
    answer = client.get("/api/users?limit=2")
    assert names(answer) == ["user4", "user3"]
    pagination = answer.json["data"]["pagination"]
    assert (pagination["total"], pagination["pages"], pagination["hasMore"]) == (5, 3, True)
    following = client.get(f"/api/users?limit=2&cursor={pagination['nextCursor']}")
    assert names(following) == ["user2", "user1"]
    assert "example.com" not in answer.text


def test_the_list_filters_by_role_and_verification(db: Database, client: FlaskClient) -> None:
    make_user(db, username="plain")
    make_user(db, username="shop", role="seller")
    make_user(db, username="star", isVerified=True)
    assert names(client.get("/api/users?role=seller")) == ["shop"]
    assert names(client.get("/api/users?isVerified=true")) == ["star"]
    assert sorted(names(client.get("/api/users?isVerified=false"))) == ["plain", "shop"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=x", "page=0", "page=x", "role=god", "role[$ne]=user&role=", "cursor=abc"]
)
def test_a_bad_parameter_is_a_400(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/users?{query}").status_code == 400


def test_a_large_limit_is_lowered_and_unknown_parameters_are_ignored(client: FlaskClient) -> None:
    answer = client.get("/api/users?limit=5000&colour=red")
    assert answer.json["data"]["pagination"]["limit"] == 100


def test_a_cursor_is_good_for_its_own_filters_only(db: Database, client: FlaskClient) -> None:
    for _ in range(3):
        make_user(db)
    cursor = client.get("/api/users?limit=1").json["data"]["pagination"]["nextCursor"]
    assert client.get(f"/api/users?role=user&cursor={cursor}").status_code == 400


def test_the_list_hides_details_of_private_profiles(db: Database, client: FlaskClient) -> None:
    make_user(db, bio="secret", privacySettings={"isPrivate": True})
    assert "secret" not in client.get("/api/users").text


def test_an_unchanged_list_is_a_304(db: Database, client: FlaskClient) -> None:
    make_user(db)
    first = client.get("/api/users")
    again = client.get("/api/users", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    make_user(db)
    assert client.get("/api/users", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_search_finds_usernames_by_their_beginning_in_any_case_then_names(db: Database, client: FlaskClient) -> None:
    make_user(db, username="Ada_K", fullName="Countess")
    make_user(db, username="adam", fullName="First Man")
    make_user(db, username="zoe", fullName="Zoe Ada Brown")
    make_user(db, username="bada", fullName="Not Her")
    assert names(client.get("/api/users/search?q=ADA")) == ["Ada_K", "adam", "zoe"]
    assert names(client.get("/api/users/search?q=ada&limit=1")) == ["Ada_K"]


@pytest.mark.parametrize("query", ["", "q=", "q=a", "q=%20a%20", "q=ab&limit=0", f"q={'x' * 101}"])
def test_search_needs_two_characters(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/users/search?{query}").status_code == 400


@pytest.mark.parametrize(
    "text", [".*", "(a+)+$", "^a", "[a-z]", "$ne", '"ada', "-ada", "--", '""', "a|b", "\\u0000", "%00a"]
)
def test_search_text_is_never_a_pattern(db: Database, client: FlaskClient, text: str) -> None:
    make_user(db, username="somebody", fullName="Some Body")
    answer = client.get("/api/users/search", query_string={"q": text})
    assert answer.status_code == 200
    assert names(answer) == []


def test_a_leading_minus_does_not_exclude(db: Database, client: FlaskClient) -> None:
    make_user(db, username="zoe", fullName="Zoe Brown")
    assert names(client.get("/api/users/search", query_string={"q": "-Zoe Brown"})) == ["zoe"]


def test_a_private_profile_is_found_by_username_only(db: Database, client: FlaskClient) -> None:
    make_user(db, username="hidden", fullName="Jane Roe", bio="orchids", privacySettings={"isPrivate": True})
    assert names(client.get("/api/users/search?q=orchids")) == []
    assert names(client.get("/api/users/search?q=hid")) == ["hidden"]


def test_search_leaves_out_whoever_blocks_or_is_blocked(db: Database, app: Flask) -> None:
    ada, bob, cyn = make_user(db, username="ada"), make_user(db, username="finn_b"), make_user(db, username="finn_c")
    db["blockedusers"].insert_many(
        [{"userId": ada["_id"], "blockedUserId": bob["_id"]}, {"userId": cyn["_id"], "blockedUserId": ada["_id"]}]
    )
    assert names(client_of(app, ada).get("/api/users/search?q=finn")) == []
    assert names(client_of(app).get("/api/users/search?q=finn")) == ["finn_b", "finn_c"]


def test_statistics_count_people(db: Database, client: FlaskClient) -> None:
    make_user(db, isVerified=True)
    make_user(db, role="seller")
    make_user(db, status="banned", isVerified=True)
    expected = {"totalUsers": 3, "activeUsers": 2, "verifiedUsers": 1, "sellers": 1}
    assert client.get("/api/users/stats").json["data"] == expected


def test_followers_and_following_are_short_and_newest_first(db: Database, app: Flask) -> None:
    ada, bob, cyn, gone = make_user(db), make_user(db), make_user(db), make_user(db, status="banned")
    for follower in (bob, cyn, gone):
        make_follow(db, follower, ada)
    db["follows"].update_one({"followerId": bob["_id"]}, {"$set": {"createdAt": START}})
    client = client_of(app)
    answer = client.get(f"/api/users/{ada['_id']}/followers")
    assert names(answer, "followers") == [cyn["username"], bob["username"]]
    assert answer.json["data"]["pagination"]["limit"] == 20
    assert set(answer.json["data"]["followers"][0]) == {"_id", "username", "fullName", "avatar", "isVerified"}
    assert names(client.get(f"/api/users/{bob['_id']}/following"), "following") == [ada["username"]]


def test_lists_of_a_private_profile_open_to_whom_its_owner_follows(db: Database, app: Flask) -> None:
    owner, stranger, friend = make_user(db, privacySettings={"isPrivate": True}), make_user(db), make_user(db)
    make_follow(db, owner, friend)
    for side in ("followers", "following"):
        path = f"/api/users/{owner['_id']}/{side}"
        refused = client_of(app, stranger).get(path)
        assert (refused.status_code, refused.json["code"]) == (403, "PROFILE_PRIVATE")
        assert client_of(app).get(path).status_code == 403
        assert client_of(app, friend).get(path).status_code == 200
        assert client_of(app, owner).get(path).status_code == 200


def test_lists_of_an_unknown_person_are_404(client: FlaskClient) -> None:
    assert client.get("/api/users/0123456789abcdef01234567/followers").status_code == 404
