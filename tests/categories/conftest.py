"""An administrator; nothing that an earlier test left in memory."""

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
def as_admin(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db, role="admin"))
