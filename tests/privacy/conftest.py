"""Ada, who asks about her data, and Bob, whose business that is not."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.users import make_user


@pytest.fixture
def ada(db: Database) -> dict[str, Any]:
    return make_user(db, username="ada", fullName="Ada Lovelace", bio="I count", phone="+44 20 7946 0000")


@pytest.fixture
def bob(db: Database) -> dict[str, Any]:
    return make_user(db, username="bob")


@pytest.fixture
def as_ada(app: Flask, ada: dict[str, Any]) -> FlaskClient:
    return client_of(app, ada)


@pytest.fixture
def as_bob(app: Flask, bob: dict[str, Any]) -> FlaskClient:
    return client_of(app, bob)
