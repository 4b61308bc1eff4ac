"""A sender with coins, and somebody to give something to."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core.kept import Keeper
from tests.factories.auth import client_of
from tests.factories.users import make_user
from tests.factories.wallets import give


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> Iterator[None]:
    """Figures of the test before are forgotten."""
    app.extensions["kept"] = Keeper()
    return


@pytest.fixture
def ada(db: Database) -> dict[str, Any]:
    """Somebody with 1,000 coins."""
    user = make_user(db)
    give(user["_id"], 1_000)
    return user


@pytest.fixture
def bob(db: Database) -> dict[str, Any]:
    """Somebody without."""
    return make_user(db)


@pytest.fixture
def as_ada(app: Flask, ada: dict[str, Any]) -> FlaskClient:
    return client_of(app, ada)


@pytest.fixture
def as_bob(app: Flask, bob: dict[str, Any]) -> FlaskClient:
    return client_of(app, bob)


@pytest.fixture
def as_admin(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db, role="admin"))
