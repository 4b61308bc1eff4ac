"""What tests about payments share: somebody who buys coins, and a provider that tells of it."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.wallets.services.ledger import Account, user
from tests.factories.auth import client_of
from tests.factories.payments import buy, make_package
from tests.factories.users import make_user


@pytest.fixture
def payer(db: Database) -> dict[str, Any]:
    """Somebody who pays."""
    return make_user(db)


@pytest.fixture
def account(payer: dict[str, Any]) -> Account:
    """The coins of who pays."""
    return user(payer["_id"])


@pytest.fixture
def client(app: Flask, payer: dict[str, Any]) -> FlaskClient:
    """Who pays, signed in."""
    return client_of(app, payer)


@pytest.fixture
def hook(app: Flask) -> FlaskClient:
    """The provider, who needs no token."""
    return client_of(app)


@pytest.fixture
def admin(app: Flask, db: Database) -> FlaskClient:
    """An administrator, signed in."""
    return client_of(app, make_user(db, role="admin"))


@pytest.fixture
def payment(client: FlaskClient, db: Database) -> dict[str, Any]:
    """A pending payment of 10.00 USD for 1,000 coins, as the API shows it."""
    shown: dict[str, Any] = buy(client, make_package(db, 900, 100, "10.00"))["payment"]
    return shown
