"""Ola who sells beside Sam, in a store of her own, and what the two of them sell."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user

Document = dict[str, Any]


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


@pytest.fixture
def mug(db: Database, store: Document) -> Document:
    return make_product(db, store, price=100.0, stock=5)


@pytest.fixture
def bowl(db: Database, other_store: Document) -> Document:
    return make_product(db, other_store, price=50.0, stock=5)
