"""The application's own connection, because repairs are transactions of its client."""

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.core import db as core_db


@pytest.fixture
def database(app: Flask) -> Database:
    """The owner's database, empty, as the application reaches it."""
    return core_db.database()


@pytest.fixture
def ops(app: Flask) -> Database:
    """The technical database, empty, as the application reaches it."""
    return core_db.ops_database()
