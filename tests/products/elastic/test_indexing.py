"""What Elasticsearch is sent."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products import cli
from mixillo.blueprints.products.services.search import keeping
from mixillo.blueprints.products.services.search.engine import EngineDown
from mixillo.blueprints.products.services.search.keeping import Keeper
from tests.factories.products import make_category, make_product
from tests.products.elastic.asking import ALIAS, Moments
from tests.products.elastic.server import JSON, LINES, Elastic


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
