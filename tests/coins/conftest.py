"""What tests about coins share."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.wallets.services.ledger import Account, user
from tests.factories.auth import client_of
from tests.factories.users import make_user


@pytest.fixture
def buyer(db: Database) -> dict[str, Any]:
    """Somebody who buys coins."""
    return make_user(db)


@pytest.fixture
def account(buyer: dict[str, Any]) -> Account:
    """The coins of who buys."""
    return user(buyer["_id"])


@pytest.fixture
def client(app: Flask, buyer: dict[str, Any]) -> FlaskClient:
    """Who buys, signed in."""
    return client_of(app, buyer)


@pytest.fixture
def admin(app: Flask, db: Database) -> FlaskClient:
    """An administrator, signed in."""
    return client_of(app, make_user(db, role="admin"))
