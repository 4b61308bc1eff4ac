"""Signing in: names, hashes, closed accounts, wrong guesses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import bcrypt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.auth.services import guesses, pacing
from mixillo.core import clock, passwords
from mixillo.ops.metrics import groups
from tests.factories.auth import client_of, fresh_address, make_session
from tests.factories.users import PASSWORD, make_user


def login(client: FlaskClient, password: str = PASSWORD, **name: Any) -> Any:
    return client.post("/api/auth/login", json={**(name or {"username": "ada"}), "password": password})


@pytest.mark.parametrize(
    "name",
    [{"identifier": "ada"}, {"identifier": "ADA"}, {"identifier": " Ada@Example.com "}, {"email": "ada@example.com"},
     {"username": "aDa"}, {"email": "ada"}],
)  # fmt: skip
def test_one_signs_in_by_any_of_ones_names(client: FlaskClient, db: Database, name: dict[str, str]) -> None:
    make_user(db, username="Ada", email="ada@example.com")
    answer = login(client, **name)
    assert answer.status_code == 200
    assert set(answer.json["data"]) == {"user", "token", "refreshToken"}
    assert answer.json["data"]["user"]["loginCount"] == 1
    assert db["users"].find_one()["lastLoginIP"] == client.environ_base["REMOTE_ADDR"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"password": PASSWORD},
        {"identifier": "ada"},
        {"identifier": "ada", "email": "ada@example.com", "password": PASSWORD},
        {"identifier": {"$gt": ""}, "password": PASSWORD},
        {"username": {"$regex": "."}, "password": PASSWORD},
        {"username": ["ada"], "password": PASSWORD},
        {"username": "ada", "password": {"$ne": ""}},
        {"username": "ada", "password": None},
        {"username": "ada", "password": ""},
        {"username": "ada", "password": "x" * 1025},
        {"username": "ada", "password": PASSWORD, "role": "admin"},
        {"username__ne": "x", "password": PASSWORD},
        [],
        "ada",
    ],
)
def test_a_malformed_sign_in_is_a_400(client: FlaskClient, db: Database, body: Any) -> None:
    make_user(db, username="ada")
    assert client.post("/api/auth/login", json=body).status_code == 400


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
def test_a_bcrypt_hash_signs_in_once_and_is_argon2_then(client: FlaskClient, db: Database, prefix: str) -> None:
    stored = prefix + bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()[4:]
    make_user(db, username="ada", password=stored)
    assert login(client, "wrong password").status_code == 401
    assert login(client).status_code == 200
    assert db["users"].find_one()["password"].startswith("$argon2id$")
    assert login(client).status_code == 200


def test_a_long_password_matches_bcrypts_72_bytes(client: FlaskClient, db: Database) -> None:
    long = "ü" * 60  # 120 bytes
    stored = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode()
    make_user(db, username="ada", password=stored)
    assert login(client, long).status_code == 200
    assert login(client, "ü" * 59).status_code == 401


@pytest.mark.parametrize(
    "stored", ["", "plain", "$2b$10$tooshort", "$argon2id$broken", "$argon2id$ümlaut", 0, 12345678, True, {"hash": "x"}]
)
def test_a_broken_hash_signs_nobody_in(client: FlaskClient, db: Database, stored: Any) -> None:
    make_user(db, username="ada", password=stored)
    assert login(client).status_code == 401


def test_no_account_and_a_wrong_password_are_answered_alike(
    client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(db, username="ada", email="ada@example.com")
    verified = []
    real = passwords.verify_password
    monkeypatch.setattr(passwords, "verify_password", lambda *each: verified.append(1) or real(*each))
    bodies = []
    for name in ("ada", "ada@example.com", "nobody", "nobody@example.com"):
        answer = login(client, "wrong password", identifier=name)
        assert answer.status_code == 401
        bodies.append({key: value for key, value in answer.json.items() if key != "requestId"})
    assert all(body == bodies[0] for body in bodies)
    assert len(verified) == 4


@pytest.mark.parametrize(
    ("status", "code"),
    [("banned", "ACCOUNT_BANNED"), ("suspended", "ACCOUNT_SUSPENDED"), ("inactive", "ACCOUNT_INACTIVE")],
)
def test_a_closed_account_is_told_to_its_owner_only(client: FlaskClient, db: Database, status: str, code: str) -> None:
    make_user(db, username="ada", status=status)
    refused = login(client)
    assert (refused.status_code, refused.json["code"]) == (403, code)
    assert login(client, "wrong password").status_code == 401


def guess_until_refused(app: Flask, name: str) -> int:
    """Guess from a new, partly forged address each time; return how many guesses were looked at."""
    looked_at = 0
    for _ in range(12):
        client = client_of(app)
        forged = {"X-Forwarded-For": fresh_address()}
        answer = client.post("/api/auth/login", json={"identifier": name, "password": "wrong one"}, headers=forged)
        assert answer.status_code in (401, 429)
        looked_at += answer.status_code == 401
    return looked_at


def test_an_account_takes_ten_wrong_guesses_over_both_names_and_all_addresses(app: Flask, db: Database) -> None:
    make_user(db, username="ada", email="ada@example.com")
    assert guess_until_refused(app, "ada") + guess_until_refused(app, "ADA@example.com") == 10
    assert guess_until_refused(app, "ADA") == 0


def test_an_unknown_name_runs_out_of_guesses_like_a_known_one(app: Flask, db: Database) -> None:
    make_user(db, username="ada")
    assert guess_until_refused(app, "ada") == guess_until_refused(app, "nobody")


def test_the_right_password_is_refused_alike_from_an_unknown_address(app: Flask, db: Database) -> None:
    make_user(db, username="ada")
    guess_until_refused(app, "ada")
    wrong, right = login(client_of(app), "wrong password"), login(client_of(app))
    assert wrong.status_code == right.status_code == 429
    assert wrong.json["code"] == right.json["code"] == "TOO_MANY_ATTEMPTS"
    assert 0 < int(right.headers["Retry-After"]) <= 15 * 60


def test_the_owner_still_signs_in_from_where_they_were_before(app: Flask, db: Database) -> None:
    ada = make_user(db, username="ada")
    make_session(app, ada, "203.0.113.9")
    make_session(app, ada, "2001:db8:1:2:aaaa::1")
    guess_until_refused(app, "ada")
    for address in ("203.0.113.9", "2001:db8:1:2:bbbb::2"):  # of an IPv6 address the network counts
        assert login(client_of(app, address=address)).status_code == 200
    assert login(client_of(app, address="2001:db8:1:3::1")).status_code == 429


def test_a_known_address_has_a_budget_too(app: Flask, db: Database) -> None:
    make_session(app, make_user(db, username="ada"), "203.0.113.9")
    client = client_of(app, address="203.0.113.9")
    statuses = [login(client, "wrong password").status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2


def test_right_guesses_do_not_count(app: Flask, db: Database) -> None:
    make_user(db, username="ada")
    statuses = {login(client_of(app)).status_code for _ in range(8)}
    assert statuses == {200}


def test_parallel_guesses_do_not_slip_through(app: Flask, db: Database) -> None:
    make_user(db, username="ada")
    with ThreadPoolExecutor(12) as pool:
        statuses = list(
            pool.map(lambda client: login(client, "wrong one").status_code, [client_of(app) for _ in range(12)])
        )
    assert sorted(statuses) == [401] * 5 + [429] * 7


def test_guesses_are_forgotten_one_by_one_after_a_quarter_of_an_hour(
    app: Flask, db: Database, ops_db: Database
) -> None:
    make_user(db, username="ada")
    guess_until_refused(app, "ada")
    kept = ops_db["loginfailures"].find_one()
    assert len(kept["guesses"]) == guesses.PER_NAME
    longer_ago = clock.now() - guesses.WINDOW - timedelta(seconds=1)
    ops_db["loginfailures"].update_one({}, {"$set": {"guesses.0.at": longer_ago}})
    assert login(client_of(app), "wrong one").status_code == 401
    assert login(client_of(app), "wrong one").status_code == 429


def test_guessing_leaves_no_name_in_the_database(app: Flask, ops_db: Database) -> None:
    login(client_of(app), "wrong one", identifier="secret.person@example.com")
    assert "secret.person" not in str(list(ops_db["loginfailures"].find()))


def test_sign_in_is_limited_per_address(client: FlaskClient) -> None:
    statuses = [client.post("/api/auth/login", json={}).status_code for _ in range(31)]
    assert statuses == [400] * 30 + [429]


def test_answers_that_are_held_are_within_the_target_of_their_group() -> None:
    spent_beside_it = 25
    assert pacing.SECONDS * 1_000 + spent_beside_it < groups.slow_after("/api/auth/login")
