"""Ada who shows something, Bob who follows her, an administrator."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import realtime
from mixillo.core.kept import Keeper
from tests.factories.auth import client_of
from tests.factories.users import make_follow, make_user

User = dict[str, Any]
Emitted = list[tuple[str, Any, str]]


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    """Figures of the test before are forgotten."""
    app.extensions["kept"] = Keeper()


@pytest.fixture
def ada(db: Database) -> User:
    return make_user(db, username="ada")


@pytest.fixture
def bob(db: Database, ada: User) -> User:
    made = make_user(db, username="bob")
    make_follow(db, made, ada)
    return made


@pytest.fixture
def as_ada(app: Flask, ada: User) -> FlaskClient:
    return client_of(app, ada)


@pytest.fixture
def as_bob(app: Flask, bob: User) -> FlaskClient:
    return client_of(app, bob)


@pytest.fixture
def as_admin(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db, username="boss", role="admin"))


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> Emitted:
    """What sockets are told: event, payload, room."""
    heard: Emitted = []
    monkeypatch.setattr(
        realtime.socketio, "emit", lambda name, payload, *, to, **_more: heard.append((name, payload, to))
    )
    return heard
