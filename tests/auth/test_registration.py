"""Registration: what it takes, what it answers, and what it does not tell."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import passwords
from tests.factories.auth import client_of
from tests.factories.users import make_user

ADA = {"username": "Ada", "email": "Ada@Example.com", "password": "a quiet engine", "fullName": "Ada Lovelace"}


def register(client: FlaskClient, **changes: Any) -> Any:
    body = {name: value for name, value in (ADA | changes).items() if value is not None}
    return client.post("/api/auth/register", json=body)


def test_registering_signs_in(client: FlaskClient, db: Database) -> None:
    answer = register(client, bio="Engines", dateOfBirth="1990-12-10", phone="+44 20 7946 0000")
    assert answer.status_code == 201
    data = answer.json["data"]
    assert set(data) == {"user", "token", "refreshToken"}
    assert answer.headers["Location"] == f"/api/users/{data['user']['_id']}"
    assert (data["user"]["username"], data["user"]["email"], data["user"]["role"]) == ("Ada", "ada@example.com", "user")
    me = client.get("/api/auth/me", headers={"Authorization": f"Bearer {data['token']}"})
    assert me.json["data"]["user"] == data["user"]
    stored = db["users"].find_one()
    assert stored["password"].startswith("$argon2id$")
    assert stored["notificationSettings"]["sms"] is False
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_missing_full_name_is_named(client: FlaskClient) -> None:
    answer = register(client, fullName=None)
    assert answer.status_code == 400
    assert answer.json["errors"] == [
        {"field": "fullName", "pointer": "/fullName", "message": "Missing data for required field."}
    ]
    assert "fullName" in answer.json["message"]


def test_all_invalid_fields_are_named_at_once(client: FlaskClient) -> None:
    answer = client.post("/api/auth/register", json={"username": "a", "email": "x", "password": "short"})
    assert {error["field"] for error in answer.json["errors"]} == {"username", "email", "password", "fullName"}


INVALID = [
    ("username", "ab"),
    ("username", "a" * 31),
    ("username", "ada!"),
    ("username", "ada\n"),
    ("username", "адa"),
    ("username", {"$gt": ""}),
    ("username", ["ada"]),
    ("email", "ada"),
    ("email", "ada@example"),
    ("email", "a..b@example.com"),
    ("email", ".a@example.com"),
    ("email", "a b@example.com"),
    ("email", "ada@example.com\nBcc: x@example.com"),
    ("email", "a@" + "b" * 300 + ".com"),
    ("email", {"$regex": "."}),
    ("password", "seven77"),
    ("password", "x" * 129),
    ("password", "password123"),
    ("password", "PASSWORD123"),
    ("password", "i am Ada indeed"),
    ("password", 12345678),
    ("fullName", "   "),
    ("fullName", "x" * 101),
    ("bio", "x" * 501),
    ("phone", "call me"),
    ("dateOfBirth", "tomorrow"),
]


@pytest.mark.parametrize(("field", "value"), INVALID)
def test_an_invalid_field_is_refused_by_name(client: FlaskClient, db: Database, field: str, value: Any) -> None:
    answer = register(client, **{field: value})
    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json["errors"]}
    assert db["users"].count_documents({}) == 0


@pytest.mark.parametrize(
    "field",
    ["role", "status", "_id", "isVerified", "isSeller", "followersCount", "createdAt", "$set", "verificationToken"],
)
def test_nobody_registers_with_rights(client: FlaskClient, db: Database, field: str) -> None:
    assert register(client, **{field: "admin"}).status_code == 400
    assert db["users"].count_documents({}) == 0


@pytest.mark.parametrize("password", ["eight ch", "x" * 128, "пароль-длинный", "🔒" * 8, "tab\tand\nline"])
def test_passwords_of_any_characters_sign_in_again(client: FlaskClient, password: str) -> None:
    assert register(client, password=password).status_code == 201
    assert client.post("/api/auth/login", json={"username": "ada", "password": password}).status_code == 200


def test_taken_names_and_taken_addresses_are_answered_alike(client: FlaskClient, db: Database) -> None:
    make_user(db, username="Grace", email="grace@example.com")
    same_name = register(client, username="gRACE")
    same_mail = register(client, email="GRACE@example.com")
    both = register(client, username="grace", email="grace@example.com")
    bodies = []
    for answer in (same_name, same_mail, both):
        assert answer.status_code == 409
        bodies.append({name: value for name, value in answer.json.items() if name != "requestId"})
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "ACCOUNT_EXISTS"


def test_the_owner_of_a_taken_address_is_told_once(
    client: FlaskClient, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    make_user(db, username="grace", email="grace@example.com")
    register(client, username="grace", email="other@example.com")
    assert capsys.readouterr().out == ""
    for number in range(3):
        register(client, username=f"other{number}", email="grace@example.com")
    assert capsys.readouterr().out.count("mail to grace@example.com: You already have an account") == 1


def test_every_valid_registration_hashes_once(
    client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(db, username="grace", email="grace@example.com")
    hashed = []
    real = passwords.hash_password
    monkeypatch.setattr(passwords, "hash_password", lambda password: hashed.append(1) or real(password))
    for changes in ({}, {"username": "grace"}, {"username": "new", "email": "grace@example.com"}):
        hashed.clear()
        register(client, **changes)
        assert len(hashed) == 1


def test_of_ten_registrations_of_one_name_one_succeeds(app: Flask, db: Database) -> None:
    def attempt(number: int) -> int:
        name = "ada" if number % 2 else "ADA"
        return register(client_of(app), username=name, email=f"ada{number}@example.com").status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(attempt, range(10)))
    assert statuses == [201] + [409] * 9
    assert db["users"].count_documents({}) == 1


def test_registration_is_limited_per_address(client: FlaskClient) -> None:
    statuses = [client.post("/api/auth/register", json={}).status_code for _ in range(31)]
    assert statuses == [400] * 30 + [429]
    refused = client.post("/api/auth/register", json={})
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert '"register";q=30;w=3600' in refused.headers["RateLimit-Policy"]


def test_the_programs_own_name_is_reserved_in_any_case(client: FlaskClient) -> None:
    body = {"email": "s@example.com", "password": "correct horse battery", "fullName": "S"}
    answer = client.post("/api/auth/register", json=body | {"username": "System"})
    assert answer.status_code == 400
    assert [entry["field"] for entry in answer.json["errors"]] == ["username"]
