"""Somebody who orders, an administrator, and nothing kept from the test before."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core.kept import Keeper
from tests.factories.auth import client_of
from tests.factories.users import make_user

Document = dict[str, Any]


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    """Figures and categories of the test before are forgotten."""
    app.extensions["kept"] = Keeper()


@pytest.fixture
def una(db: Database) -> Document:
    """Somebody who buys."""
    return make_user(db)


@pytest.fixture
def as_una(app: Flask, una: Document) -> FlaskClient:
    return client_of(app, una)


@pytest.fixture
def as_admin(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db, role="admin"))
