"""Ada and Bob, an administrator; nothing that an earlier test left in memory."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core.kept import Keeper
from tests.factories.auth import client_of
from tests.factories.users import make_user


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    """Figures of the test before are forgotten."""
    app.extensions["kept"] = Keeper()


@pytest.fixture
def ada(db: Database) -> dict[str, Any]:
    return make_user(db, username="ada")


@pytest.fixture
def bob(db: Database) -> dict[str, Any]:
    return make_user(db, username="bob")


@pytest.fixture
def as_ada(app: Flask, ada: dict[str, Any]) -> FlaskClient:
    return client_of(app, ada)


@pytest.fixture
def as_bob(app: Flask, bob: dict[str, Any]) -> FlaskClient:
    return client_of(app, bob)


@pytest.fixture
def as_admin(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db, role="admin"))
