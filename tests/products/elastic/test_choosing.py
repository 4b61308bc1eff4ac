"""Elasticsearch is chosen by its address, and what is missing or wrong is said at the start."""

import sys
from dataclasses import replace

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.products.services.search import keeping
from mixillo.blueprints.products.services.search.elastic import engine as elastic_engine
from mixillo.config import ConfigError, Settings
from mixillo.ops import metrics
from tests.products.elastic.asking import ALIAS
from tests.products.elastic.server import Elastic, dead


def test_with_an_address_both_engines_are_kept_in_step_and_asked(
    app: Flask, settings: Settings, server: Elastic, only_mongodb: None, db: Database
) -> None:
    before = dict(app.extensions)
    keeping.init_app(app, replace(settings, elasticsearch_url=server.url))
    try:
        assert [keeper.engine.name for keeper in keeping.keepers_of(app)] == ["mongodb", "elasticsearch"]
        assert keeping.finder_of(app).name == "elasticsearch, mongodb"
        assert keeping.keepers_of(app)[1].engine._alias == ALIAS
        assert [keeper._state_id for keeper in keeping.keepers_of(app)] == ["products", "products.elasticsearch"]
    finally:
        for ear in app.extensions[f"{keeping.EXTENSION}_listeners"]:
            keeping.selling.changed.disconnect(ear)
        del metrics.flusher_of(app).afterwards[-2:]
        app.extensions.update(before)


def test_names_of_indices_are_in_small_letters(settings: Settings) -> None:
    engine = elastic_engine.engine(replace(settings, elasticsearch_url=dead()), "MyShop")
    assert engine._alias == "myshop-products"


def test_without_the_extra_it_is_said_what_is_missing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "elasticsearch", None)
    monkeypatch.delitem(sys.modules, keeping.ELASTICSEARCH, raising=False)
    with pytest.raises(ConfigError, match="mixillo\\[elasticsearch\\]"):
        keeping._elasticsearch(replace(settings, elasticsearch_url=dead()))


@pytest.mark.parametrize("address", ["https://search.example.com", "search:9200", "http://x:99999", "ftp://x:9200"])
def test_an_address_without_its_port_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ConfigError, match="ELASTICSEARCH_URL"):
        Settings.from_env({"ELASTICSEARCH_URL": address})
