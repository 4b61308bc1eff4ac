"""Somebody who buys, somebody who is not signed in, and nothing kept from the test before."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of

Document = dict[str, Any]


@pytest.fixture
def as_guest(app: Flask, db: Database) -> FlaskClient:
    return client_of(app)
