"""A seller with a store, buyers, an administrator; nothing that an earlier test left in memory."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services import viewing
from mixillo.blueprints.products.services.search import keeping, recording
from mixillo.blueprints.products.services.search.mongo import MongoEngine
from tests.factories.auth import client_of
from tests.factories.products import make_store
from tests.factories.users import make_user


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    """Figures of the test before are forgotten, and so is that the search was built."""
    app.extensions[keeping.EXTENSION].__init__(app, MongoEngine())
    recording.terms_of(app).__init__()
    viewing.looks_of(app).forget()


@pytest.fixture
def sam(db: Database) -> dict[str, Any]:
    """A seller."""
    return make_user(db, role="seller")


@pytest.fixture
def store(db: Database, sam: dict[str, Any]) -> dict[str, Any]:
    """The seller's store."""
    return make_store(db, sam)


@pytest.fixture
def as_sam(app: Flask, sam: dict[str, Any], store: dict[str, Any]) -> FlaskClient:
    return client_of(app, sam)
