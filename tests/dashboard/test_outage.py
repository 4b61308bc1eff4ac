"""While the database is down: who was signed in still sees what is wrong, nobody gets in, nothing is a 500."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient

from mixillo import create_app
from mixillo.blueprints.dashboard.services import operators
from mixillo.config import TEST, Settings
from mixillo.core import db
from mixillo.ops.mongod import Mongod, find_program
from tests.conftest import SECRETS
from tests.dashboard.browsing import PASSWORD, Forward, csrf_of, sign_in
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def own_mongod(tmp_path: Path) -> Iterator[Mongod]:
    """A database that only this test uses, and may stop."""
    server = Mongod(tmp_path, find_program(os.environ.get("MIXILLO_MONGOD", "")))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_app(own_mongod: Mongod, settings: Settings) -> Iterator[Flask]:
    """An application over it."""
    mine = Settings(
        environment=TEST, mongodb_uri=own_mongod.uri_of("mine"), worker="gthread", access_log=False, **SECRETS
    )
    yield create_app(mine)
    db.connect(settings.mongodb_uri)


@pytest.fixture
def signed_in(own_app: Flask, own_mongod: Mongod) -> FlaskClient:
    """A browser that was signed in before the database went away."""
    with MongoClient(own_mongod.uri, tz_aware=True) as client:
        operators.create(
            client["mine_ops"],
            username="amira",
            email="amira@example.com",
            full_name="Amira Haddad",
            role="admin",
            password=PASSWORD,
        )
    browser = own_app.test_client()
    assert sign_in(browser, "amira").status_code == 303
    assert browser.get("/ops").status_code == 200
    return browser


@pytest.fixture
def down(signed_in: FlaskClient, own_mongod: Mongod) -> FlaskClient:
    """The same browser after it went away."""
    own_mongod.stop()
    return signed_in


def test_the_pages_say_since_when_the_database_is_silent(down: FlaskClient) -> None:
    overview = down.get("/ops")
    assert overview.status_code == 200
    assert "<strong>Down:</strong> the database does not answer since" in overview.text
    again = down.get("/ops").text
    since = overview.text.partition("does not answer since")[2][:13]
    assert since in again
    for path in ("/ops/database", "/ops/infrastructure"):
        page = down.get(path)
        assert page.status_code == 200
        assert "The database does not answer since" in page.text
        assert "no answer" in page.text
    assert "No documents yet" not in down.get("/ops/database").text


def test_the_figures_come_back_with_the_database(down: FlaskClient, own_mongod: Mongod) -> None:
    assert "Down:" in down.get("/ops").text
    own_mongod.start()
    wait_until(lambda: "All is well:" in down.get("/ops").text or "Degraded:" in down.get("/ops").text, 15)


def test_nothing_can_be_changed_on_the_word_of_the_memory(down: FlaskClient) -> None:
    token = csrf_of(down.get("/ops"))
    assert down.post("/ops/sign-out", data={"csrf_token": token}).status_code == 503
    assert down.get("/ops").status_code == 200


def test_the_memory_ends_with_the_session(down: FlaskClient, forward: Forward) -> None:
    assert down.get("/ops").status_code == 200
    forward(timedelta(minutes=31))
    assert down.get("/ops").status_code == 503


def test_who_was_not_signed_in_sees_a_page_that_tries_again(own_app: Flask, down: FlaskClient) -> None:
    stranger = own_app.test_client()
    stranger.set_cookie("mixillo_ops", "unknown")
    for path in ("/ops", "/ops/database.csv", "/ops/setup?token=x"):
        page = stranger.get(path)
        assert page.status_code == 503
        assert page.headers["Retry-After"] == "5"
        assert "The database does not answer right now." in page.text
        assert 'data-retry="5"' in page.text


def test_the_csv_is_no_half_file(down: FlaskClient) -> None:
    down.get("/ops")
    assert down.get("/ops/database.csv").status_code == 503
