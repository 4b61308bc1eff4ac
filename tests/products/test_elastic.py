"""Searching by Elasticsearch: what it is sent, how its answers are read, and MongoDB while it does not answer.

No Elasticsearch server runs here; what one would find is not tested.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products import cli
from mixillo.blueprints.products.services.search import keeping
from mixillo.blueprints.products.services.search.circuit import Circuit
from mixillo.blueprints.products.services.search.elastic import engine as elastic_engine
from mixillo.blueprints.products.services.search.engine import EngineDown
from mixillo.blueprints.products.services.search.keeping import Keeper
from mixillo.blueprints.products.services.search.mongo import ORDERS
from mixillo.config import ConfigError, Settings
from mixillo.ops import metrics
from tests.factories.products import make_category, make_product
from tests.products.elastic_server import JSON, LINES, Elastic, buckets, dead, found, hit, serving, silent

ALIAS = "mixillo_test-products"
SEARCH = "/api/products/search"
Document = dict[str, Any]


class Moments:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[Elastic]:
    with serving() as elastic:
        yield elastic


@pytest.fixture
def moments() -> Moments:
    return Moments()


def use(app: Flask, settings: Settings, url: str, moments: Moments, key: str = "") -> Keeper:
    """Let ``app`` ask Elasticsearch at ``url`` first, as it does with ``ELASTICSEARCH_URL``; return its keeper."""
    chosen = replace(settings, elasticsearch_url=url, elasticsearch_api_key=key)
    engine = elastic_engine.engine(chosen, "mixillo_test")
    engine._circuit = Circuit(now=moments)
    keeper = Keeper(app, engine, f"{keeping.STATE}.{engine.name}")
    app.extensions[keeping.KEEPERS] = [keeping.keeper_of(app), keeper]
    return keeper


@pytest.fixture
def only_mongodb(app: Flask) -> Iterator[None]:
    """The engines are those of every other test again afterwards."""
    yield
    app.extensions[keeping.KEEPERS] = [keeping.keeper_of(app)]


@pytest.fixture
def keeper(app: Flask, settings: Settings, server: Elastic, moments: Moments, only_mongodb: None) -> Keeper:
    """The keeper of an Elasticsearch that is up, and empty."""
    return use(app, settings, server.url, moments, key="a-key")


def search(client: FlaskClient, q: str, **more: Any) -> Document:
    client.application.extensions["kept"].forget()
    answer = client.get(SEARCH, query_string={"q": q} | more)
    assert answer.status_code == 200, answer.json
    data: Document = answer.json["data"]
    return data


def names(data: Document) -> list[str]:
    return [product["name"] for product in data["products"]]


# What it is sent


def test_an_index_is_made_loaded_and_put_in_the_place_of_the_one_before(
    keeper: Keeper, server: Elastic, db: Database
) -> None:
    category = make_category(db, "Home")
    mug = make_product(db, name="Crème Mug", tags=["blue"], brand="Clay", category=category["_id"], rating=4.5)
    make_product(db, isPublished=False)
    assert keeper.catch_up() == 1
    (first,) = server.indices
    assert server.aliases == {ALIAS: first}
    assert server.mappings[first]["mappings"]["dynamic"] == "strict"
    assert server.mappings[first]["mappings"]["properties"]["name"]["analyzer"] == "whitespace"
    assert set(server.mappings[first]["mappings"]["properties"]) >= set(server.held()[str(mug["_id"])])
    assert server.held()[str(mug["_id"])] == {
        "id": str(mug["_id"]), "name": "creme mug", "labels": "clay home blue", "text": "a thing to have",
        "words": ["creme", "mug", "clay", "home", "blue", "a", "thing", "to", "have"], "price": 12.5, "band": 1,
        "category": str(category["_id"]), "storeId": str(mug["storeId"]), "sellerId": str(mug["sellerId"]),
        "brand": "Clay", "rating": 4.5, "inStock": True, "popularity": 0,
        "createdAt": int(mug["createdAt"].timestamp() * 1000),
    }  # fmt: skip
    assert keeper.rebuild() == 1
    (second,) = server.indices
    assert (second != first, server.aliases) == (True, {ALIAS: second})
    # One change for both, so that the alias leads somewhere at every moment, and never to two.
    assert [each.body for each in server.asked if each.path == "/_aliases"][-1] == {
        "actions": [{"remove": {"index": first, "alias": ALIAS}}, {"add": {"index": second, "alias": ALIAS}}]
    }


def test_requests_have_the_media_types_and_the_key_of_the_documented_protocol(
    keeper: Keeper, server: Elastic, db: Database
) -> None:
    make_product(db)
    keeper.rebuild()
    assert {each.headers["authorization"] for each in server.asked} == {"ApiKey a-key"}
    assert all("compatible-with=9" in each.headers["accept"] for each in server.asked)
    kinds = {each.path: each.headers.get("content-type") for each in server.asked}
    (bulk,) = (kind for path, kind in kinds.items() if path.endswith("_bulk"))
    assert (bulk or "").replace(" ", "") == LINES.replace(" ", "")
    assert (kinds["/_aliases"] or "").replace(" ", "") == JSON


def test_what_changes_is_put_and_what_is_gone_is_forgotten(
    keeper: Keeper, server: Elastic, as_admin: FlaskClient, app: Flask, db: Database
) -> None:
    product = make_product(db, name="Mug")
    keeper.rebuild()
    ear = keeping._listen(keeper)
    try:
        assert as_admin.put(f"/api/products/{product['_id']}", json={"name": "Cup"}).status_code == 200
        assert server.held()[str(product["_id"])]["name"] == "cup"
        assert as_admin.delete(f"/api/products/{product['_id']}").status_code == 200
        assert server.held() == {}
    finally:
        keeping.selling.changed.disconnect(ear)
    with app.app_context():
        keeper.put([product["_id"]])  # what is not there already is no error


def test_changes_of_others_come_by_the_change_stream_from_a_place_of_its_own(
    keeper: Keeper, server: Elastic, app: Flask, db: Database, ops_db: Database
) -> None:
    keeper.catch_up()
    keeping.keeper_of(app).catch_up()
    late = make_product(db, name="Late")
    assert keeper.catch_up() == 1
    assert server.held()[str(late["_id"])]["name"] == "late"
    assert keeper.catch_up() == 0
    assert keeping.keeper_of(app).catch_up() == 1  # MongoDB's own place is another
    assert ops_db["searchstate"].distinct("_id") == ["products", "products.elasticsearch"]


def test_what_changed_while_it_was_down_follows(
    keeper: Keeper, server: Elastic, db: Database, moments: Moments
) -> None:
    keeper.catch_up()
    server.refuses = 503
    product = make_product(db, name="Meanwhile")
    keeper.catch_up_quietly()
    server.refuses = 0
    moments.now += 60
    assert keeper.catch_up() == 1
    assert list(server.held()) == [str(product["_id"])]


def test_an_index_that_is_gone_is_built_anew(keeper: Keeper, server: Elastic, db: Database) -> None:
    make_product(db)
    keeper.catch_up()
    server.indices.clear()
    server.aliases.clear()
    assert keeper.catch_up() == 1
    assert len(server.held()) == 1


def test_nothing_is_put_into_an_index_that_nobody_made(
    keeper: Keeper, server: Elastic, app: Flask, db: Database
) -> None:
    product = make_product(db)
    with app.app_context(), pytest.raises(EngineDown):
        keeper.put([product["_id"]])
    assert server.indices == {}


def test_a_load_that_breaks_off_leaves_the_index_before(keeper: Keeper, server: Elastic, db: Database) -> None:
    make_product(db)
    keeper.catch_up()
    before = dict(server.aliases)
    server.refuses_entries = 400
    with pytest.raises(EngineDown, match="not taken: 400"):
        keeper.rebuild()
    assert (server.aliases, list(server.indices)) == (before, list(before.values()))


def test_progress_is_told_batch_by_batch(keeper: Keeper, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    for _ in range(5):
        make_product(db)
    told: list[int] = []
    assert keeper.rebuild(told.append) == 5
    assert told == [2, 2, 1]


def test_the_command_rebuilds_both_engines(keeper: Keeper, server: Elastic, app: Flask, db: Database) -> None:
    make_product(db)
    with app.app_context():
        assert [cli._rebuild(each) for each in keeping.keepers_of(app)] == [1, 1]
    server.refuses = 503
    with app.app_context(), pytest.raises(cli.click.ClickException, match="elasticsearch was not rebuilt"):
        cli._rebuild(keeper)


# What it is asked, and how answers are read


@pytest.fixture
def shop(keeper: Keeper, server: Elastic, app: Flask, db: Database) -> list[Document]:
    """Three products, in both engines."""
    made = [make_product(db, name=f"Linen {name}", brand="Clay", description="Of linen.", price=price)
            for name, price in (("throw", 5.0), ("shirt", 20.0), ("bag", 70.0))]  # fmt: skip
    keeping.keeper_of(app).catch_up()
    keeper.catch_up()
    server.asked.clear()
    return made


def test_a_page_is_read_with_its_place_and_the_next_begins_there(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    throw, shirt, bag = shop
    server.searches = [
        found(hit(shirt, [32.0, 9, "b"], name=["<m>linen</m> shirt"]), hit(bag, [32.0, 5, "a"])),
        found(total=3, aggregations=buckets(categories=[], brands=[("Clay", 3)], bands=[(0, 1), (2, 1), (4, 1)])),
        found(hit(bag, [32.0, 5, "a"]), hit(throw, [8.0, 1, "c"], text=["of <m>linen</m>"])),
    ]
    first = search(client, "linen", limit=1)
    assert (names(first), first["pagination"]["total"], first["correction"]) == (["Linen shirt"], 3, None)
    assert first["products"][0]["highlights"]["name"] == "<em>Linen</em> shirt"
    assert first["facets"]["brands"] == [{"brand": "Clay", "count": 3}]
    assert [(each["from"], each["count"]) for each in first["facets"]["prices"]] == [(0, 1), (25, 1), (100, 1)]
    second = search(client, "linen", limit=1, total="false", facets="false", cursor=first["pagination"]["nextCursor"])
    assert names(second) == ["Linen bag"]
    asked, counted, behind = server.questions()
    assert (asked["size"], asked["from"], "search_after" in asked) == (2, 0, False)
    assert (counted["size"], counted["terminate_after"], counted["track_total_hits"]) == (0, 1000, 1000)
    assert (behind["search_after"], "from" in behind) == ([32.0, 9, "b"], False)
    assert asked["sort"] == [
        {"_score": {"order": "desc"}},
        {"popularity": {"order": "desc"}},
        {"id": {"order": "desc"}},
    ]
    (query,) = {(each.query["preference"], each.query["allow_partial_search_results"]) for each in server.asked}
    assert query == ("mixillo", "false")


def test_every_word_is_asked_for_where_it_stands_and_the_last_may_be_unfinished(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    server.searches = [found(hit(shop[0], [1.0, 0, "a"]))]
    search(client, "LINEN thr", total="false", facets="false")
    (asked,) = server.questions()
    boolean = asked["query"]["bool"]
    first, last = (clause["dis_max"]["queries"] for clause in boolean["should"])
    assert (boolean["minimum_should_match"], boolean["filter"]) == (2, [])
    assert [each["constant_score"] for each in first] == [
        {"filter": {"term": {field: {"value": "linen"}}}, "boost": boost}
        for field, boost in (("name", 32), ("labels", 16), ("text", 8))
    ]
    begun = [next(iter(each["constant_score"]["filter"])) for each in last]
    assert begun == ["term"] * 3 + ["prefix"] * 3
    boosts = [each["constant_score"]["boost"] for each in last]
    assert min(boosts[:3]) > max(boosts[3:])


def test_words_that_nothing_has_are_asked_for_with_one_error_and_corrected(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    server.searches = [found(), found(hit(shop[0], [1.0, 0, "a"], name=["<m>linen</m> <m>throw</m>"]))]
    data = search(client, "lniem thr", total="false", facets="false")
    assert data["correction"] is None  # that is two errors
    server.searches = [found(), found(hit(shop[0], [1.0, 0, "a"], name=["<m>linen</m> <m>throw</m>"]))]
    data = search(client, "lnien thr", total="false", facets="false")
    assert (names(data), data["correction"]) == (["Linen throw"], "linen thr")
    assert data["products"][0]["highlights"]["name"] == "<em>Linen</em> <em>throw</em>"
    fuzzy = [
        each["constant_score"]["filter"]["fuzzy"]
        for clause in server.questions()[-1]["query"]["bool"]["should"]
        for each in clause["dis_max"]["queries"]
        if "fuzzy" in each["constant_score"]["filter"]
    ]
    assert [each["name"]["fuzziness"] for each in fuzzy if "name" in each] == [1]  # `thr` is too short to guess at
    assert "fuzzy" not in str(server.questions()[0])


def test_what_has_some_of_the_words_is_asked_for_last(
    client: FlaskClient, server: Elastic, shop: list[Document]
) -> None:
    server.searches = [found(), found(), found(hit(shop[0], [1.0, 0, "a"]), hit(shop[1], [1.0, 0, "b"])), found()]
    data = search(client, "linen nowhere", total="false", facets="false", limit=1)
    assert [each["query"]["bool"]["minimum_should_match"] for each in server.questions()] == [2, 2, 1]
    search(client, "linen nowhere", total="false", facets="false", limit=1, cursor=data["pagination"]["nextCursor"])
    # The next page is asked for in the way that found the first, and only so.
    assert len(server.questions()) == 4
    assert server.questions()[3]["query"]["bool"]["minimum_should_match"] == 1
    assert search(client, "nowhere", total="false", facets="false")["products"] == []
    assert len(server.questions()) == 6


def test_filters_are_asked_for_and_do_not_score(client: FlaskClient, server: Elastic, db: Database, shop: Any) -> None:
    category = make_category(db, "Home", slug="home")
    search(
        client, "linen", category="home", minPrice=5, maxPrice=20.5, minRating=4, inStock="true",
        storeId=str(shop[0]["storeId"]), sellerId=str(shop[0]["sellerId"]), total="false", facets="false",
    )  # fmt: skip
    assert server.questions()[0]["query"]["bool"]["filter"] == [
        {"terms": {"category": [str(category["_id"])]}},
        {"range": {"price": {"gte": 5.0, "lte": 20.5}}},
        {"range": {"rating": {"gte": 4.0}}},
        {"term": {"storeId": str(shop[0]["storeId"])}},
        {"term": {"sellerId": str(shop[0]["sellerId"])}},
        {"term": {"inStock": True}},
    ]


@pytest.mark.parametrize(
    ("sort_by", "field", "order"), [(name, keys[0][0], keys[0][1]) for name, keys in ORDERS.items()]
)
def test_other_orders_sort_by_their_field_and_leave_descriptions_out(
    client: FlaskClient, server: Elastic, shop: Any, sort_by: str, field: str, order: int
) -> None:
    search(client, "linen", sortBy=sort_by, total="false", facets="false")
    asked = server.questions()[0]
    direction = {1: "asc", -1: "desc"}[order]
    assert asked["sort"] == [{field: {"order": direction}}, {"id": {"order": direction}}]
    assert "'text'" not in str(asked["query"])


def test_text_of_users_stands_in_no_pattern(client: FlaskClient, server: Elastic, shop: Any) -> None:
    search(client, 'li.*n" OR name:(a|b)~2 linen^9 \\w+', total="false", facets="false")
    asked = str(server.questions())
    assert not [kind for kind in ("regexp", "wildcard", "query_string", "script") if kind in asked]
    assert not [sign for sign in ("*", "|", "^", "~", "\\\\") if sign in asked]


def test_suggestions_are_words_by_how_often_they_are_used(client: FlaskClient, server: Elastic, shop: Any) -> None:
    server.terms = ["linen", "line", "lion", "lin"]
    server.searches = [found(), found(), found(aggregations=buckets(words=[("line", 2), ("linen", 7), ("lion", 2)]))]
    answer = client.get("/api/products/suggest?q=li")
    assert [each["text"] for each in answer.json["data"]["suggestions"]] == ["linen", "line", "lion"]
    (enumerated,) = [each.body for each in server.asked if each.path.endswith("_terms_enum")]
    assert (enumerated["field"], enumerated["string"]) == ("words", "li")
    assert server.questions()[-1]["aggs"]["words"]["terms"]["include"] == ["lin", "line", "linen", "lion"]


def test_what_it_finds_and_is_no_longer_on_sale_is_not_shown(
    client: FlaskClient, server: Elastic, db: Database, shop: list[Document]
) -> None:
    db["products"].update_one({"_id": shop[0]["_id"]}, {"$set": {"isPublished": False}})
    server.searches = [
        found(hit(shop[0], [1.0, 0, "a"]), hit(shop[1], [1.0, 0, "b"]), hit({"_id": ObjectId()}, [1, 0, "c"]))
    ]
    assert names(search(client, "linen", total="false", facets="false")) == ["Linen shirt"]


# While it does not answer


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
