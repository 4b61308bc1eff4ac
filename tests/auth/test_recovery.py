"""Passwords that are changed or forgotten, and addresses that are confirmed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.users import PASSWORD, make_user

NEW = "a much better one"
Mailbox = Callable[[], list[str]]


def post(client: FlaskClient, path: str, **body: Any) -> Any:
    return client.post(f"/api/auth/{path}", json=body)


def signs_in(app: Flask, user: dict[str, Any], password: str) -> bool:
    return post(client_of(app), "login", username=user["username"], password=password).status_code == 200


def test_changing_the_password_ends_the_other_sessions(app: Flask, db: Database) -> None:
    ada = make_user(db)
    client, other = client_of(app, ada), client_of(app, ada)
    assert post(client, "change-password", currentPassword=PASSWORD, newPassword=NEW).status_code == 200
    assert client.get("/api/auth/me").status_code == 200
    assert other.get("/api/auth/me").json["code"] == "TOKEN_REVOKED"
    assert signs_in(app, ada, NEW)
    assert not signs_in(app, ada, PASSWORD)


def test_a_wrong_present_password_changes_nothing_and_is_counted(app: Flask, db: Database) -> None:
    ada = make_user(db)
    client = client_of(app, ada)
    for _ in range(5):
        answer = post(client, "change-password", currentPassword="wrong", newPassword=NEW)
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "currentPassword")
    assert post(client, "change-password", currentPassword=PASSWORD, newPassword=NEW).status_code == 429
    assert signs_in(app, ada, PASSWORD)


@pytest.mark.parametrize("weak", ["short", "password123", "x" * 129, "person_ada rules"])
def test_a_weak_password_is_refused_everywhere(app: Flask, db: Database, mailed_tokens: Mailbox, weak: str) -> None:
    ada = make_user(db, username="person_ada")
    answer = post(client_of(app, ada), "change-password", currentPassword=PASSWORD, newPassword=weak)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "newPassword")
    client = client_of(app)
    post(client, "forgot-password", email=ada["email"])
    (token,) = mailed_tokens()
    answer = post(client, "reset-password", token=token, password=weak)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "password")
    assert post(client, "reset-password", token=token, password=NEW).status_code == 200


def test_forgetting_answers_alike_and_mails_only_who_is_there(
    client: FlaskClient, db: Database, mailed_tokens: Mailbox
) -> None:
    make_user(db, email="ada@example.com")
    make_user(db, email="banned@example.com", status="banned")
    answers = [
        post(client, "forgot-password", email=email)
        for email in ("ADA@example.com", "nobody@example.com", "banned@example.com")
    ]
    assert {(answer.status_code, answer.data) for answer in answers} == {(200, answers[0].data)}
    assert len(mailed_tokens()) == 1


def test_a_second_mail_waits_a_minute(client: FlaskClient, db: Database, mailed_tokens: Mailbox) -> None:
    make_user(db, email="ada@example.com")
    for _ in range(3):
        assert post(client, "forgot-password", email="ada@example.com").status_code == 200
    assert len(mailed_tokens()) == 1


def test_a_reset_ends_every_session_and_confirms_the_address(
    app: Flask, db: Database, client: FlaskClient, mailed_tokens: Mailbox
) -> None:
    ada = make_user(db)
    signed_in = client_of(app, ada)
    post(client, "forgot-password", email=ada["email"])
    (token,) = mailed_tokens()
    stored = db["users"].find_one()
    assert token not in str(stored)
    assert len(stored["resetPasswordToken"]) == 64
    assert post(client, "reset-password", token=token, password=NEW).status_code == 200
    assert signed_in.get("/api/auth/me").json["code"] == "TOKEN_REVOKED"
    assert signs_in(app, ada, NEW)
    assert db["users"].find_one()["emailVerifiedAt"]


def test_a_reset_token_is_good_once_and_for_an_hour(
    app: Flask, db: Database, client: FlaskClient, mailed_tokens: Mailbox
) -> None:
    ada = make_user(db)
    post(client, "forgot-password", email=ada["email"])
    (token,) = mailed_tokens()
    expiry = db["users"].find_one()["resetPasswordExpire"]
    assert timedelta(minutes=59) < expiry - clock.now() <= timedelta(hours=1)
    db["users"].update_one({}, {"$set": {"resetPasswordExpire": clock.now() - timedelta(seconds=1)}})
    late = post(client, "reset-password", token=token, password=NEW)
    assert (late.status_code, late.json["code"]) == (400, "INVALID_MAIL_TOKEN")
    db["users"].update_one({}, {"$set": {"resetPasswordExpire": expiry}})
    with ThreadPoolExecutor(8) as pool:
        uses = [(client_of(app), f"a much better one {number}") for number in range(8)]
        statuses = sorted(
            pool.map(lambda use: post(use[0], "reset-password", token=token, password=use[1]).status_code, uses)
        )
    assert statuses == [200] + [400] * 7


@pytest.mark.parametrize("token", ["unknown", "", {"$gt": ""}, None, 5])
def test_a_bad_mail_token_is_a_400(client: FlaskClient, db: Database, token: Any) -> None:
    make_user(db)
    assert post(client, "reset-password", token=token, password=NEW).status_code == 400
    assert post(client, "verify-email", token=token).status_code == 400


def test_a_changed_password_ends_a_reset_that_is_under_way(
    app: Flask, db: Database, client: FlaskClient, mailed_tokens: Mailbox
) -> None:
    ada = make_user(db)
    post(client, "forgot-password", email=ada["email"])
    (token,) = mailed_tokens()
    post(client_of(app, ada), "change-password", currentPassword=PASSWORD, newPassword=NEW)
    assert post(client, "reset-password", token=token, password="yet another one").status_code == 400


def test_the_mail_after_registration_confirms_the_address_once(
    client: FlaskClient, db: Database, mailed_tokens: Mailbox
) -> None:
    body = {"username": "ada", "email": "ada@example.com", "password": "a quiet engine", "fullName": "Ada"}
    post(client, "register", **body)
    (token,) = mailed_tokens()
    expiry = db["users"].find_one()["verificationTokenExpire"]
    assert timedelta(hours=23) < expiry - clock.now() <= timedelta(hours=24)
    assert post(client, "verify-email", token=token).status_code == 200
    assert db["users"].find_one()["emailVerifiedAt"]
    assert post(client, "verify-email", token=token).status_code == 400


def test_another_confirmation_is_sent_until_the_address_is_confirmed(
    app: Flask, db: Database, mailed_tokens: Mailbox
) -> None:
    client = client_of(app, make_user(db))
    assert post(client, "resend-verification").status_code == 200
    assert post(client, "resend-verification").status_code == 200
    (token,) = mailed_tokens()
    post(client, "verify-email", token=token)
    post(client, "resend-verification")
    assert mailed_tokens() == []


@pytest.mark.parametrize(("path", "amount"), [("forgot-password", 10), ("reset-password", 30), ("verify-email", 30)])
def test_mail_tokens_cannot_be_tried_without_limit(client: FlaskClient, path: str, amount: int) -> None:
    statuses = [post(client, path).status_code for _ in range(amount + 1)]
    assert statuses == [400] * amount + [429]
