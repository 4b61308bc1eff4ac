"""Profiles: what everybody sees, what only the owner sees, and what the owner may change."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.users import make_follow, make_user, unknown_id

PRIVATE_FIELDS = {"email", "phone", "password", "status", "lastLogin", "notificationSettings", "dateOfBirth"}


def test_a_profile_has_stats_and_neither_mail_nor_phone(db: Database, client: FlaskClient) -> None:
    ada = make_user(db, username="ada", phone="+44 20 7946 0000", followersCount=3, videosCount=2)
    answer = client.get(f"/api/users/{ada['_id']}")
    assert answer.status_code == 200
    user = answer.json["data"]["user"]
    assert user["_id"] == user["id"] == str(ada["_id"])
    assert user["stats"] == {"followers": 3, "following": 0, "videos": 2}
    assert user["isFollowing"] is False
    assert not PRIVATE_FIELDS & user.keys()
    assert "7946" not in answer.text
    assert "@example.com" not in answer.text


def test_a_profile_tells_a_signed_in_viewer_whether_they_follow(db: Database, app: Flask) -> None:
    ada, bob = make_user(db), make_user(db)
    make_follow(db, bob, ada)
    assert client_of(app, bob).get(f"/api/users/{ada['_id']}").json["data"]["user"]["isFollowing"] is True


@pytest.mark.parametrize("status", ["banned", "suspended", "inactive"])
def test_a_closed_account_has_no_page(db: Database, client: FlaskClient, status: str) -> None:
    closed = make_user(db, status=status)
    answer = client.get(f"/api/users/{closed['_id']}")
    assert (answer.status_code, answer.json["code"]) == (404, "USER_NOT_FOUND")


def test_an_unknown_id_is_a_404_and_a_malformed_one_a_400(client: FlaskClient) -> None:
    assert client.get(f"/api/users/{unknown_id()}").status_code == 404
    assert client.get("/api/users/not-an-id").status_code == 400


def test_documents_of_the_existing_system_lack_fields_and_still_have_a_page(db: Database, client: FlaskClient) -> None:
    bare = {"username": "old", "email": "old@example.com", "password": "x", "fullName": "Old", "status": "active"}
    user_id = db["users"].insert_one(bare).inserted_id
    user = client.get(f"/api/users/{user_id}").json["data"]["user"]
    assert user["followersCount"] == 0
    assert user["avatar"] is None


def test_a_private_profile_hides_its_details_from_strangers_and_followers(db: Database, app: Flask) -> None:
    owner = make_user(db, bio="secret garden", socialLinks={"instagram": "@x"}, privacySettings={"isPrivate": True})
    follower, friend = make_user(db), make_user(db)
    make_follow(db, follower, owner)
    make_follow(db, owner, friend)
    for viewer, sees in ((None, False), (follower, False), (friend, True), (owner, True)):
        user = client_of(app, viewer).get(f"/api/users/{owner['_id']}").json["data"]["user"]
        assert user["isPrivate"] is True
        assert (user["bio"] == "secret garden") is sees
        assert (user["socialLinks"] == {"instagram": "@x"}) is sees


def test_the_own_profile_has_everything_but_hashes(db: Database, app: Flask) -> None:
    ada = make_user(db, phone="12345", resetPasswordToken="r" * 64, fcmTokens=[{"token": "device-token"}])
    client = client_of(app, ada)
    for path in ("/api/users/me", "/api/users/profile"):
        answer = client.get(path)
        user = answer.json["data"]["user"]
        assert user["email"] == ada["email"]
        assert user["phone"] == "12345"
        assert user["profileUrl"] == f"/@{ada['username']}"
        assert user["isActive"] is True
        assert user["notificationSettings"]["push"] is True
        assert "argon2" not in answer.text
        assert "rrrr" not in answer.text
        assert "device-token" not in answer.text


def test_the_own_profile_needs_a_token(client: FlaskClient) -> None:
    for path in ("/api/users/me", "/api/users/profile", "/api/users/blocked"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["code"]) == (401, "NO_TOKEN")


def test_changes_are_merged_into_settings(db: Database, app: Flask) -> None:
    ada = make_user(db, socialLinks={"instagram": "@ada", "tiktok": "@a"}, bio="old")
    body = {
        "fullName": " Ada King ",
        "website": "https://example.com",
        "dateOfBirth": "1990-12-10T00:00:00.000",
        "gender": "female",
        "phone": "+44 20 7946 0000",
        "socialLinks": {"tiktok": None, "youtube": "https://youtube.example/ada"},
        "privacySettings": {"isPrivate": True},
        "notificationSettings": {"likes": False},
    }
    user = client_of(app, ada).put("/api/users/profile", json=body).json["data"]["user"]
    assert user["fullName"] == "Ada King"
    assert user["bio"] == "old"
    assert user["dateOfBirth"] == "1990-12-10T00:00:00.000Z"
    assert user["socialLinks"] == {"instagram": "@ada", "tiktok": None, "youtube": "https://youtube.example/ada"}
    assert user["privacySettings"]["isPrivate"] is True
    assert user["privacySettings"]["allowMessages"] == "everyone"
    assert user["notificationSettings"]["likes"] is False
    assert user["notificationSettings"]["comments"] is True


def test_null_settings_of_old_documents_can_be_merged_into(db: Database, app: Flask) -> None:
    ada = make_user(db, privacySettings=None, socialLinks=None)
    body = {"privacySettings": {"isPrivate": True}, "socialLinks": {"twitter": "@ada"}}
    user = client_of(app, ada).put("/api/users/me", json=body).json["data"]["user"]
    assert user["privacySettings"]["isPrivate"] is True
    assert user["socialLinks"] == {"twitter": "@ada"}


@pytest.mark.parametrize("text", ["$fullName", "$$ROOT", "$password", "{$ne: 1}"])
def test_text_that_looks_like_an_expression_stays_text(db: Database, app: Flask, text: str) -> None:
    user = client_of(app, make_user(db)).put("/api/users/profile", json={"bio": text}).json["data"]["user"]
    assert user["bio"] == text


def test_null_clears_and_a_picture_can_only_be_removed(db: Database, app: Flask) -> None:
    client = client_of(app, make_user(db, bio="old", avatar="https://example.com/a.png"))
    user = client.put("/api/users/profile", json={"bio": None, "avatar": None}).json["data"]["user"]
    assert (user["bio"], user["avatar"]) == (None, None)
    assert client.put("/api/users/profile", json={"avatar": "https://example.com/b.png"}).status_code == 400


INVALID = [
    ({"fullName": ""}, "fullName"),
    ({"fullName": None}, "fullName"),
    ({"fullName": "x" * 101}, "fullName"),
    ({"fullName": "a\x00b"}, "fullName"),
    ({"bio": "x" * 501}, "bio"),
    ({"website": "javascript:alert(1)"}, "website"),
    ({"website": "example"}, "website"),
    ({"dateOfBirth": "10/12/1990"}, "dateOfBirth"),
    ({"dateOfBirth": "2999-01-01"}, "dateOfBirth"),
    ({"dateOfBirth": "1800-01-01"}, "dateOfBirth"),
    ({"dateOfBirth": 5}, "dateOfBirth"),
    ({"gender": "cat"}, "gender"),
    ({"phone": "call me"}, "phone"),
    ({"socialLinks": {"instagram": "javascript:alert(1)"}}, "socialLinks.instagram"),
    ({"socialLinks": {"myspace": "x"}}, "socialLinks.myspace"),
    ({"socialLinks": []}, "socialLinks"),
    ({"privacySettings": {"isPrivate": "yes"}}, "privacySettings.isPrivate"),
    ({"privacySettings": {"allowMessages": "friends"}}, "privacySettings.allowMessages"),
    ({"notificationSettings": {"likes": {"$ne": 1}}}, "notificationSettings.likes"),
]


@pytest.mark.parametrize(("body", "field"), INVALID)
def test_an_invalid_change_names_its_field(db: Database, app: Flask, body: dict[str, Any], field: str) -> None:
    answer = client_of(app, make_user(db)).put("/api/users/profile", json=body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json["errors"]] == [field]


FOREIGN = ["role", "status", "_id", "id", "email", "username", "password", "isVerified", "followersCount", "isSeller"]
FOREIGN += ["sellerStatus", "storeId", "lastLogin", "resetPasswordToken", "$set", "$where", "privacySettings.isPrivate"]


@pytest.mark.parametrize("field", FOREIGN)
def test_nothing_else_can_be_changed(db: Database, app: Flask, field: str) -> None:
    ada = make_user(db)
    answer = client_of(app, ada).put("/api/users/profile", json={"fullName": "New", field: "admin"})
    assert answer.status_code == 400
    assert db["users"].find_one({"_id": ada["_id"]}) == ada


def test_notification_settings_come_under_the_names_of_the_mobile_app(db: Database, app: Flask) -> None:
    client = client_of(app, make_user(db))
    body = {"pushEnabled": False, "liveEnabled": False}
    settings = client.put("/api/users/notification-settings", json=body).json["data"]["user"]["notificationSettings"]
    assert (settings["push"], settings["liveStreams"], settings["email"]) == (False, False, True)
    assert client.put("/api/users/notification-settings", json={"push": False}).status_code == 400
