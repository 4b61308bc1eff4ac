"""Ada and Bob, who have written to each other; Eve, who has not; and sockets."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.config import Settings
from tests.factories.auth import client_of, make_session
from tests.factories.messaging import make_talk
from tests.factories.users import make_user
from tests.sockets import Socket, serving

User = dict[str, Any]
Connect = Callable[..., Socket]


@pytest.fixture
def ada(db: Database) -> User:
    return make_user(db, username="ada")


@pytest.fixture
def bob(db: Database) -> User:
    return make_user(db, username="bob")


@pytest.fixture
def eve(db: Database) -> User:
    return make_user(db, username="eve")


@pytest.fixture
def talk(db: Database, ada: User, bob: User) -> dict[str, Any]:
    return make_talk(db, ada, bob)


@pytest.fixture
def as_ada(app: Flask, ada: User) -> FlaskClient:
    return client_of(app, ada)


@pytest.fixture
def as_bob(app: Flask, bob: User) -> FlaskClient:
    return client_of(app, bob)


@pytest.fixture
def as_eve(app: Flask, eve: User) -> FlaskClient:
    return client_of(app, eve)


@pytest.fixture(scope="module")
def url(migrated_app: Flask, settings: Settings) -> Iterator[str]:
    """One server for all tests of a module; sockets belong to the application made last."""
    with serving(settings) as address:
        yield address


@pytest.fixture
def connect(app: Flask, url: str) -> Iterator[Connect]:
    """Open a socket of a user, who saw so much of each room: ``connect(ada, {room: number})``."""
    opened: list[Socket] = []

    def open_one(user: User, offsets: Any = None) -> Socket:
        auth = {"token": make_session(app, user)[1]["token"]} | ({"offsets": offsets} if offsets is not None else {})
        opened.append(Socket(url, auth))
        assert opened[-1].is_open
        return opened[-1]

    yield open_one
    for socket in opened:
        socket.close()
