"""People with wallets, and clients of them."""

from dataclasses import dataclass
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.wallets.services import ledger
from tests.factories.auth import client_of
from tests.factories.users import make_user
from tests.factories.wallets import earn, give


@dataclass
class Person:
    """Somebody, signed in."""

    client: FlaskClient
    document: dict[str, Any]

    @property
    def id(self) -> ObjectId:
        return self.document["_id"]

    @property
    def account(self) -> ledger.Account:
        return ledger.user(self.id)


@pytest.fixture
def una(app: Flask, db: Database) -> Person:
    """A user with 100 coins, and 40 more that were earned."""
    person = Person(client_of(app, user := make_user(db, username="una")), user)
    give(person.id, 100)
    earn(person.account, 40)
    return person


@pytest.fixture
def ben(app: Flask, db: Database) -> Person:
    """Another user, without a wallet."""
    return Person(client_of(app, user := make_user(db, username="ben")), user)


@pytest.fixture
def admin(app: Flask, db: Database) -> Person:
    """An administrator, without a wallet."""
    return Person(client_of(app, user := make_user(db, username="ada", role="admin")), user)
