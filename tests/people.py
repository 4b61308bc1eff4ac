"""The people of most tests, each with a client that is signed in; a feature may have its own in their place."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.products import make_store
from tests.factories.users import make_user

User = dict[str, Any]


@pytest.fixture
def ada(db: Database) -> User:
    return make_user(db, username="ada")


@pytest.fixture
def bob(db: Database) -> User:
    return make_user(db, username="bob")


@pytest.fixture
def cleo(db: Database) -> User:
    return make_user(db, username="cleo")


@pytest.fixture
def eve(db: Database) -> User:
    return make_user(db, username="eve")


@pytest.fixture
def admin(db: Database) -> User:
    return make_user(db, username="root", role="admin")


@pytest.fixture
def as_ada(app: Flask, ada: User) -> FlaskClient:
    return client_of(app, ada)


@pytest.fixture
def as_bob(app: Flask, bob: User) -> FlaskClient:
    return client_of(app, bob)


@pytest.fixture
def as_cleo(app: Flask, cleo: User) -> FlaskClient:
    return client_of(app, cleo)


@pytest.fixture
def as_eve(app: Flask, eve: User) -> FlaskClient:
    return client_of(app, eve)


@pytest.fixture
def as_admin(app: Flask, admin: User) -> FlaskClient:
    return client_of(app, admin)


@pytest.fixture
def una(db: Database) -> User:
    """Somebody who buys."""
    return make_user(db)


@pytest.fixture
def as_una(app: Flask, una: User) -> FlaskClient:
    return client_of(app, una)


@pytest.fixture
def as_other(app: Flask, db: Database) -> FlaskClient:
    """Somebody else altogether."""
    return client_of(app, make_user(db))


@pytest.fixture
def sam(db: Database) -> User:
    """Somebody who sells, in ``store``."""
    return make_user(db, role="seller", isSeller=True, sellerStatus="approved")


@pytest.fixture
def store(db: Database, sam: User) -> dict[str, Any]:
    """Sam's store."""
    made = make_store(db, sam, name="Linen and Clay", slug="linen-and-clay", followersCount=0)
    db["users"].update_one({"_id": sam["_id"]}, {"$set": {"storeId": made["_id"]}})
    return made


@pytest.fixture
def as_sam(app: Flask, sam: User, store: dict[str, Any]) -> FlaskClient:
    return client_of(app, sam)
