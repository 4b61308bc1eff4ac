"""Somebody who pays, and somebody else."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.users import make_user


@pytest.fixture
def as_other(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db))
