"""An application that asks Elasticsearch first, and what a search brings."""

from dataclasses import replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from mixillo.blueprints.products.services.search import keeping
from mixillo.blueprints.products.services.search.circuit import Circuit
from mixillo.blueprints.products.services.search.elastic import engine as elastic_engine
from mixillo.blueprints.products.services.search.keeping import Keeper
from mixillo.config import Settings

ALIAS = "mixillo_test-products"
SEARCH = "/api/products/search"
Document = dict[str, Any]


class Moments:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def use(app: Flask, settings: Settings, url: str, moments: Moments, key: str = "") -> Keeper:
    """Let ``app`` ask Elasticsearch at ``url`` first, as it does with ``ELASTICSEARCH_URL``; return its keeper."""
    chosen = replace(settings, elasticsearch_url=url, elasticsearch_api_key=key)
    engine = elastic_engine.engine(chosen, "mixillo_test")
    engine._circuit = Circuit(now=moments)
    keeper = Keeper(app, engine, f"{keeping.STATE}.{engine.name}")
    app.extensions[keeping.KEEPERS] = [keeping.keeper_of(app), keeper]
    return keeper


def search(client: FlaskClient, q: str, **more: Any) -> Document:
    client.application.extensions["kept"].forget()
    answer = client.get(SEARCH, query_string={"q": q} | more)
    assert answer.status_code == 200, answer.json
    data: Document = answer.json["data"]
    return data


def names(data: Document) -> list[str]:
    return [product["name"] for product in data["products"]]
