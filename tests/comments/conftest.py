"""Ada who posts, Bob and Cleo who comment, an administrator; no words that an earlier test forbade."""

from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import db as core_db
from mixillo.core.kept import Keeper
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import make_user

User = dict[str, Any]


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    app.extensions["kept"] = Keeper()


@pytest.fixture
def on_other_instances(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for anybody's turn, as if each request were on an instance of its own."""
    monkeypatch.setattr(core_db, "_turns", lambda _keys: nullcontext())


@pytest.fixture
def ada(db: Database) -> User:
    return make_user(db, username="ada")


@pytest.fixture
def bob(db: Database) -> User:
    return make_user(db, username="bob")


@pytest.fixture
def cleo(db: Database) -> User:
    return make_user(db, username="cleo")


@pytest.fixture
def as_ada(app: Flask, ada: User) -> FlaskClient:
    return client_of(app, ada)


@pytest.fixture
def as_bob(app: Flask, bob: User) -> FlaskClient:
    return client_of(app, bob)


@pytest.fixture
def as_cleo(app: Flask, cleo: User) -> FlaskClient:
    return client_of(app, cleo)


@pytest.fixture
def as_admin(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db, username="root", role="admin"))


@pytest.fixture
def post(db: Database, ada: User) -> dict[str, Any]:
    return make_post(db, ada)


@pytest.fixture
def path(post: dict[str, Any]) -> str:
    return f"/api/content/{post['_id']}/comments"
