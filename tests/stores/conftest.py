"""A seller with a store, somebody who would like to sell, an administrator; nothing kept of the test before."""

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
    """A seller."""
    return make_user(db, role="seller", isSeller=True, sellerStatus="approved")


@pytest.fixture
def store(db: Database, sam: Document) -> Document:
    """The seller's store."""
    made = make_store(db, sam, name="Linen and Clay", slug="linen-and-clay", followersCount=0)
    db["users"].update_one({"_id": sam["_id"]}, {"$set": {"storeId": made["_id"]}})
    return made


@pytest.fixture
def as_sam(app: Flask, sam: Document, store: Document) -> FlaskClient:
    return client_of(app, sam)


@pytest.fixture
def una(db: Database) -> Document:
    """Somebody who buys, and would like to sell."""
    return make_user(db, fullName="Una Berg")


@pytest.fixture
def ada(db: Database) -> Document:
    """An administrator."""
    return make_user(db, role="admin")
