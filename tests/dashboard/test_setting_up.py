"""The first operator: made through a link that works once, for a day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.blueprints.dashboard.services import operators
from mixillo.config import Settings
from tests.dashboard.browsing import PASSWORD, Forward, MakeOperator, csrf_of

PERSON = {"username": "amira", "email": "amira@example.com", "fullName": "Amira Haddad", "password": PASSWORD}


def link(ops: Database, settings: Settings) -> str:
    made = operators.setup_link(ops, settings)
    assert made is not None
    parts = urlsplit(made)
    return f"{parts.path}?{parts.query}"


def submit(client: FlaskClient, path: str, **changes: str) -> TestResponse:
    token = csrf_of(client.get(path))
    form = {"csrf_token": token, "token": path.partition("=")[2]} | PERSON | changes
    return client.post("/ops/setup", data=form)


def test_the_link_makes_an_admin_who_is_signed_in(client: FlaskClient, ops_db: Database, settings: Settings) -> None:
    assert submit(client, link(ops_db, settings)).location == "/ops"
    assert "Amira Haddad" in client.get("/ops").text
    assert [(o.username, o.role) for o in operators.everybody(ops_db)] == [("amira", "admin")]


def test_the_link_works_once(app: Flask, ops_db: Database, settings: Settings) -> None:
    path = link(ops_db, settings)
    assert submit(app.test_client(), path).status_code == 303
    again = app.test_client().get(path)
    assert again.status_code == 410
    assert "no longer valid" in again.text


def test_two_people_with_one_link_make_one_operator(app: Flask, ops_db: Database, settings: Settings) -> None:
    path = link(ops_db, settings)
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(lambda n: _race(app, path, n), range(4))
        assert sorted(answers) == [303, 410, 410, 410]
    assert len(operators.everybody(ops_db)) == 1


def _race(app: Flask, path: str, number: int) -> int:
    client = app.test_client()
    token = csrf_of(client.get("/ops/sign-in"))
    form = PERSON | {"csrf_token": token, "token": path.partition("=")[2], "username": f"racer{number}"}
    return client.post("/ops/setup", data=form).status_code


def test_the_link_ends_after_a_day(client: FlaskClient, ops_db: Database, settings: Settings, forward: Forward) -> None:
    path = link(ops_db, settings)
    forward(timedelta(hours=23, minutes=59))
    assert client.get(path).status_code == 200
    forward(timedelta(minutes=2))
    assert client.get(path).status_code == 410


def test_a_newer_link_ends_the_older(client: FlaskClient, ops_db: Database, settings: Settings) -> None:
    older, newer = link(ops_db, settings), link(ops_db, settings)
    assert client.get(older).status_code == 410
    assert client.get(newer).status_code == 200


def test_there_is_no_link_once_there_is_an_operator(
    client: FlaskClient, ops_db: Database, settings: Settings, operator: MakeOperator
) -> None:
    path = link(ops_db, settings)
    operator("viewer")
    assert operators.setup_link(ops_db, settings) is None
    assert client.get(path).status_code == 410


def test_a_guessed_token_opens_nothing(client: FlaskClient, ops_db: Database, settings: Settings) -> None:
    link(ops_db, settings)
    for guess in ("", "x", "%00", "%ED%A0%80", "a" * 5_000):
        assert client.get(f"/ops/setup?token={guess}").status_code == 410


def test_the_database_holds_no_token(ops_db: Database, settings: Settings) -> None:
    token = link(ops_db, settings).partition("=")[2]
    assert token not in str(list(ops_db["setuplinks"].find()))


def test_a_form_with_faults_comes_back_with_what_was_typed_and_the_link_intact(
    client: FlaskClient, ops_db: Database, settings: Settings
) -> None:
    path = link(ops_db, settings)
    answer = submit(client, path, email="not an address", password="password", fullName="Amira <b>")
    assert answer.status_code == 400
    assert "Not an email address." in answer.text
    assert "Too common; choose another." in answer.text
    assert 'value="Amira &lt;b&gt;"' in answer.text
    assert 'value="password"' not in answer.text
    assert submit(client, path).status_code == 303


def test_the_page_tells_nobody_where_the_visitor_came_from(
    client: FlaskClient, ops_db: Database, settings: Settings
) -> None:
    page = client.get(link(ops_db, settings))
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"
