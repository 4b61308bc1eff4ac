"""Somebody who pays, and somebody else."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.users import make_user


@pytest.fixture
def una(db: Database) -> dict[str, Any]:
    """Somebody who pays."""
    return make_user(db)


@pytest.fixture
def as_una(app: Flask, una: dict[str, Any]) -> FlaskClient:
    return client_of(app, una)


@pytest.fixture
def as_other(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db))
