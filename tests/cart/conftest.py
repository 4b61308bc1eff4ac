"""Somebody who is not signed in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of


@pytest.fixture
def as_guest(app: Flask, db: Database) -> FlaskClient:
    return client_of(app)
