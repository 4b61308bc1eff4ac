"""MongoDB answers while Elasticsearch does not."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services.search import keeping
from mixillo.blueprints.products.services.search.circuit import Circuit
from mixillo.blueprints.products.services.search.elastic import engine as elastic_engine
from mixillo.blueprints.products.services.search.keeping import Keeper
from mixillo.config import Settings
from tests.factories.products import make_product
from tests.products.elastic.asking import SEARCH, Document, Moments, names, search, use
from tests.products.elastic.server import Elastic, dead, found, hit, silent


@pytest.fixture
def both(app: Flask, db: Database, ops_db: Database, only_mongodb: None) -> Document:
    """A product that MongoDB finds, and that Elasticsearch is said to hold."""
    product = make_product(db, name="Linen throw")
    keeping.keeper_of(app).catch_up()
    ops_db["searchstate"].insert_one({"_id": "products.elasticsearch", "version": keeping.VERSION})
    return product


def test_a_dead_port_costs_nobody_anything(
    app: Flask, client: FlaskClient, settings: Settings, moments: Moments, both: Document
) -> None:
    use(app, settings, dead(), moments)
    started = time.monotonic()
    for _ in range(5):
        data = search(client, "linen")
        assert (names(data), data["pagination"]["total"]) == (["Linen throw"], 1)
    assert time.monotonic() - started < 1.0


def test_a_hanging_port_costs_one_search_its_second(
    app: Flask, client: FlaskClient, settings: Settings, moments: Moments, both: Document
) -> None:
    with silent() as url:
        use(app, settings, url, moments)
        waits = []
        for _ in range(5):
            started = time.monotonic()
            assert names(search(client, "linen")) == ["Linen throw"]
            waits.append(time.monotonic() - started)
        assert elastic_engine.SECONDS <= waits[0] < elastic_engine.SECONDS + 1
        assert max(waits[1:]) < 0.5
        moments.now += 60  # one tries again, and the others do not wait with it
        started = time.monotonic()
        assert names(search(client, "linen")) == ["Linen throw"]
        assert time.monotonic() - started >= elastic_engine.SECONDS


def test_it_is_asked_again_when_it_is_back(
    client: FlaskClient, server: Elastic, shop: list[Document], moments: Moments
) -> None:
    server.refuses = 503
    assert len(names(search(client, "linen", total="false", facets="false"))) == 3
    server.refuses = 0
    asked = len(server.asked)
    assert len(names(search(client, "linen", total="false", facets="false"))) == 3
    assert len(server.asked) == asked  # it is left alone for a while
    moments.now += 60
    server.searches = [found(hit(shop[0], [1.0, 0, "a"]))]
    assert names(search(client, "linen", total="false", facets="false")) == ["Linen throw"]
    assert len(server.asked) == asked + 1


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503])
def test_an_answer_that_is_none_falls_back(
    client: FlaskClient, server: Elastic, shop: list[Document], status: int
) -> None:
    server.refuses = status
    assert len(names(search(client, "linen"))) == 3
    assert len(server.asked) == 1


def test_a_question_it_does_not_understand_falls_back_alone(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    server.refuses = 400
    assert len(names(search(client, "linen", total="false", facets="false"))) == 3
    server.refuses, server.searches = 0, [found(hit(shop[0], [1.0, 0, "a"]))]
    assert names(search(client, "linen", total="false", facets="false")) == ["Linen throw"]


def test_another_product_under_the_address_is_not_taken_for_it(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    server.is_genuine = False
    assert len(names(search(client, "linen"))) == 3


@pytest.mark.parametrize(
    "answer", [{}, {"hits": None}, {"hits": {"hits": [{"_id": "x", "sort": []}]}}, {"hits": {"hits": 5}}]
)
def test_an_answer_of_another_shape_falls_back(
    client: FlaskClient, server: Elastic, shop: list[Document], monkeypatch: pytest.MonkeyPatch, answer: Document
) -> None:
    monkeypatch.setattr(server, "answer", lambda _asked: (200, answer))
    assert len(names(search(client, "linen"))) == 3


def test_pages_go_on_in_the_other_engine_and_back(
    client: FlaskClient, server: Elastic, shop: list[Document], moments: Moments
) -> None:
    def page(cursor: str | None = None) -> Document:
        more = {"cursor": cursor} if cursor else {}
        return search(client, "linen", limit=1, total="false", facets="false", **more)

    _, shirt, bag = shop
    in_mongodb = sorted(shop, key=lambda product: product["_id"], reverse=True)
    server.searches = [found(hit(shirt, [32.0, 9, "b"]), hit(bag, [32.0, 5, "a"]))]
    first = page()
    server.refuses = 503
    second = page(first["pagination"]["nextCursor"])
    assert names(second) == [in_mongodb[1]["name"]]
    third = page(second["pagination"]["nextCursor"])
    assert (names(third), third["pagination"]["hasMore"]) == ([in_mongodb[2]["name"]], False)
    server.refuses, moments.now = 0, 60
    server.searches = [found(hit(bag, [32.0, 5, "a"]))]
    again = page(second["pagination"]["nextCursor"])
    assert (names(again), server.questions()[-1]["from"]) == (["Linen bag"], 2)


def test_a_cursor_of_other_engines_is_refused(
    app: Flask, client: FlaskClient, settings: Settings, server: Elastic, shop: list[Document]
) -> None:
    server.searches = [found(hit(shop[0], [1.0, 0, "a"]), hit(shop[1], [1.0, 0, "b"]))]
    cursor = search(client, "linen", limit=1, total="false", facets="false")["pagination"]["nextCursor"]
    app.extensions[keeping.KEEPERS] = [keeping.keeper_of(app)]
    answer = client.get(SEARCH, query_string={"q": "linen", "limit": 1, "cursor": cursor})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "cursor")


def test_mongodb_answers_until_it_is_built(
    app: Flask, client: FlaskClient, server: Elastic, keeper: Keeper, db: Database
) -> None:
    make_product(db, name="Linen throw")
    assert names(search(client, "linen")) == ["Linen throw"]
    assert server.asked == []
    keeper.catch_up()
    server.searches = [found()]
    assert names(search(client, "linen", total="false", facets="false")) == []


def test_a_circuit_lets_one_through_after_a_while(moments: Moments) -> None:
    circuit = Circuit(seconds=10, now=moments)
    assert (circuit.lets_through(), circuit.is_open) == (True, False)
    circuit.failed()
    assert (circuit.lets_through(), circuit.is_open) == (False, True)
    moments.now = 10
    assert [circuit.lets_through() for _ in range(3)] == [True, False, False]
    circuit.succeeded()
    assert (circuit.lets_through(), circuit.is_open) == (True, False)
