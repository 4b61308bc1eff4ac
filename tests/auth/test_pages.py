"""The pages that links in mail open."""

import re

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.users import make_user

NEW = "a much better one"


def mailed_link(output: str) -> str:
    return re.search(r"http://\S+", output)[0].removeprefix("http://localhost:5000")  # type: ignore[index]


def token_in(page: str) -> str:
    return re.search(r'name="token" value="([\w-]+)"', page)[1]  # type: ignore[index]


def test_a_forgotten_password_is_replaced_on_three_pages(client: FlaskClient, db: Database, capsys) -> None:
    make_user(db, username="ada", email="ada@example.com")
    assert 'action="/forgot-password"' in client.get("/forgot-password").text
    sent = client.post("/forgot-password", data={"email": "ada@example.com"})
    assert "a link is on its way" in sent.text
    page = client.get(mailed_link(capsys.readouterr().out))
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    token = token_in(page.text)
    weak = client.post("/reset-password", data={"token": token, "password": "password123"})
    assert (weak.status_code, token_in(weak.text)) == (400, token)
    assert "Too common" in weak.text
    assert "changed" in client.post("/reset-password", data={"token": token, "password": NEW}).text
    assert client.post("/api/auth/login", json={"username": "ada", "password": NEW}).status_code == 200
    used = client.post("/reset-password", data={"token": token, "password": NEW})
    assert (used.status_code, "not valid any more" in used.text) == (400, True)


def test_nobody_is_told_whether_there_is_an_account(client: FlaskClient, db: Database) -> None:
    make_user(db, email="ada@example.com")
    known, unknown = (client.post("/forgot-password", data={"email": e}) for e in ("ada@example.com", "no@example.com"))
    without_nonce = [re.sub(r'nonce="[^"]+"', "", answer.text) for answer in (known, unknown)]
    assert without_nonce[0] == without_nonce[1]


def test_opening_the_link_confirms_nothing_but_the_button_does(client: FlaskClient, db: Database, capsys) -> None:
    body = {"username": "ada", "email": "ada@example.com", "password": "a quiet engine", "fullName": "Ada"}
    client.post("/api/auth/register", json=body)
    page = client.get(mailed_link(capsys.readouterr().out))
    assert "emailVerifiedAt" not in db["users"].find_one()
    answer = client.post("/verify-email", data={"token": token_in(page.text)})
    assert "is confirmed" in answer.text
    assert db["users"].find_one()["emailVerifiedAt"]


def test_a_token_cannot_bring_markup_into_the_page(client: FlaskClient) -> None:
    for path in ("/verify-email", "/reset-password"):
        assert "<script>" not in client.get(path, query_string={"token": '"><script>'}).text
        assert "<script>" not in client.post(path, data={"token": '"><script>'}).text


def test_the_pages_are_limited_together_with_the_api(app: Flask) -> None:
    client = client_of(app)
    paths = ("/api/auth/forgot-password", "/forgot-password") * 6
    statuses = [client.post(path).status_code for path in paths]
    assert statuses == [400] * 10 + [429] * 2
    refused = client.post("/forgot-password")
    assert refused.headers["Retry-After"]
    assert refused.mimetype == "text/html"
