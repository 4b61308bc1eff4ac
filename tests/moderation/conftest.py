"""Ada who posts, Bob and Cleo who report, two administrators and a superadmin."""

from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import db as core_db
from mixillo.core.kept import Keeper
from tests.factories.auth import client_of
from tests.factories.comments import make_comment
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
    return make_user(db, username="ada", videosCount=1)


@pytest.fixture
def bob(db: Database) -> User:
    return make_user(db, username="bob")


@pytest.fixture
def cleo(db: Database) -> User:
    return make_user(db, username="cleo")


@pytest.fixture
def admin(db: Database) -> User:
    return make_user(db, username="root", role="admin")


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
def as_admin(app: Flask, admin: User) -> FlaskClient:
    return client_of(app, admin)


@pytest.fixture
def post(db: Database, ada: User) -> dict[str, Any]:
    return make_post(db, ada)


@pytest.fixture
def comment(db: Database, ada: User, post: dict[str, Any]) -> dict[str, Any]:
    return make_comment(db, ada, post)
