"""A server that speaks the protocol, a clock that a test moves, products in both engines."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.products.services.search import keeping
from mixillo.blueprints.products.services.search.keeping import Keeper
from mixillo.config import Settings
from tests.factories.products import make_product
from tests.products.elastic.asking import Document, Moments, use
from tests.products.elastic.server import Elastic, serving


@pytest.fixture
def server() -> Iterator[Elastic]:
    with serving() as elastic:
        yield elastic


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def only_mongodb(app: Flask) -> Iterator[None]:
    """The engines are those of every other test again afterwards."""
    yield
    app.extensions[keeping.KEEPERS] = [keeping.keeper_of(app)]


@pytest.fixture
def keeper(app: Flask, settings: Settings, server: Elastic, moments: Moments, only_mongodb: None) -> Keeper:
    """The keeper of an Elasticsearch that is up, and empty."""
    return use(app, settings, server.url, moments, key="a-key")


@pytest.fixture
def shop(keeper: Keeper, server: Elastic, app: Flask, db: Database) -> list[Document]:
    """Three products, in both engines."""
    made = [make_product(db, name=f"Linen {name}", brand="Clay", description="Of linen.", price=price)
            for name, price in (("throw", 5.0), ("shirt", 20.0), ("bag", 70.0))]  # fmt: skip
    keeping.keeper_of(app).catch_up()
    keeper.catch_up()
    server.asked.clear()
    return made
