"""A buyer, two sellers with a store each, an administrator; nothing that an earlier test left in memory."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.products import make_store
from tests.factories.users import make_user

Document = dict[str, Any]


@pytest.fixture
def sam(db: Database) -> Document:
    """Somebody who sells."""
    return make_user(db, role="seller")


@pytest.fixture
def as_sam(app: Flask, sam: Document) -> FlaskClient:
    return client_of(app, sam)


@pytest.fixture
def store(db: Database, sam: Document) -> Document:
    """Sam's store."""
    return make_store(db, sam)


@pytest.fixture
def ola(db: Database) -> Document:
    """Somebody else who sells."""
    return make_user(db, role="seller")


@pytest.fixture
def as_ola(app: Flask, ola: Document) -> FlaskClient:
    return client_of(app, ola)


@pytest.fixture
def other_store(db: Database, ola: Document) -> Document:
    """Ola's store."""
    return make_store(db, ola)
