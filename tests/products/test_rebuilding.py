"""Putting all products into the search anew, while it goes on."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from pymongo.errors import ExecutionTimeout, PyMongoError

from mixillo.blueprints.products.services.search import keeping, mongo, replacing
from mixillo.blueprints.products.services.search.engine import Wanted
from mixillo.blueprints.products.services.search.keeping import Keeper
from mixillo.blueprints.products.services.search.mongo import MongoEngine
from mixillo.core import clock
from mixillo.ops.locks import held
from tests.factories.products import make_product
from tests.plans import faults, profiled
from tests.waiting import wait_until

INDEXES = {"_id_", "words_popularity", "labels_price", "labels_rating", "labels_createdAt"}


@pytest.fixture
def keeper(app: Flask) -> Keeper:
    return keeping.keeper_of(app)


@pytest.fixture
def by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)


def found(client: FlaskClient, q: str) -> list[str]:
    answer = client.get("/api/products/search", query_string={"q": q})
    assert answer.status_code == 200, answer.json
    return [product["name"] for product in answer.json["data"]["products"]]


def left_over(ops_db: Database) -> list[str]:
    return [name for name in ops_db.list_collection_names() if name.startswith(replacing.APART)]


@pytest.mark.usefixtures("by_two")
def test_a_rebuild_reads_page_by_page_and_leaves_nothing_out(keeper: Keeper, db: Database) -> None:
    for number in range(5):
        make_product(db, name=f"Bowl {number}")
    pages: list[int] = []
    with profiled(db) as entries:
        assert keeper.rebuild(pages.append) == 5
    assert pages == [2, 2, 1]
    # Each page has the time of one operation: that of a cursor is counted together.
    assert [entry for entry in entries if "find" in entry.get("originatingCommand", {})] == []
    assert faults(entries) == []


def test_a_rebuild_forgets_what_is_gone(keeper: Keeper, client: FlaskClient, db: Database, ops_db: Database) -> None:
    make_product(db, name="teapot")
    assert found(client, "teapot") == ["teapot"]
    db["products"].delete_many({})
    make_product(db, name="kettle")
    assert keeper.rebuild() == 1
    assert found(client, "teapot") == []
    assert ops_db["searchwords"].find_one({"_id": "teapot"}) is None
    assert ops_db["searchwords"].find_one({"_id": "kettle"})["count"] == 1


def test_a_rebuild_of_an_empty_shop_leaves_nothing(keeper: Keeper, client: FlaskClient, db: Database) -> None:
    make_product(db, name="teapot")
    assert found(client, "teapot") == ["teapot"]
    db["products"].delete_many({})
    assert keeper.rebuild() == 0
    assert found(client, "teapot") == []


@pytest.mark.usefixtures("by_two")
def test_searches_find_what_was_there_until_all_is_there(
    keeper: Keeper, client: FlaskClient, db: Database, ops_db: Database
) -> None:
    for number in range(5):
        make_product(db, name=f"bowl {number}")
    assert len(found(client, "bowl")) == 5
    seen = []
    assert keeper.rebuild(lambda _: seen.append(len(found(client, "bowl")))) == 5
    assert seen == [5, 5, 5]
    assert len(found(client, "bowl")) == 5
    assert set(ops_db["productsearch"].index_information()) == INDEXES
    assert left_over(ops_db) == []


@pytest.mark.usefixtures("by_two")
def test_what_is_changed_during_a_rebuild_is_found_after_it(keeper: Keeper, client: FlaskClient, db: Database) -> None:
    first, *_ = (make_product(db, name=f"bowl {number}") for number in range(5))

    def change(_: int) -> None:
        db["products"].update_one({"_id": first["_id"]}, {"$set": {"name": "vase"}})

    keeper.rebuild(change)
    assert found(client, "vase") == ["vase"]


@pytest.mark.usefixtures("by_two")
def test_a_rebuild_that_fails_changes_nothing_and_leaves_nothing_behind(
    keeper: Keeper, client: FlaskClient, db: Database, ops_db: Database
) -> None:
    for number in range(5):
        make_product(db, name=f"bowl {number}")
    assert len(found(client, "bowl")) == 5

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keeper.rebuild(fail)
    assert len(found(client, "bowl")) == 5
    assert left_over(ops_db) == []


SLOWLY = {"$expr": {"$function": {"body": "function () { sleep(20); return true; }", "args": [], "lang": "js"}}}
ASKED: dict[str, Callable[[], int]] = {
    "search": lambda: len(MongoEngine().search(Wanted(("bowl",)), 20).ids),
    "count": lambda: MongoEngine().count(Wanted(("bowl",))).total,
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_a_search_under_way_when_another_collection_takes_the_place_is_answered(
    ask: Callable[[], int], keeper: Keeper, app: Flask, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.put([])
    entries = [{"words": ["n:bowl"], "labels": ["bowl"], "popularity": number} for number in range(20)]
    ops_db["productsearch"].insert_many(entries)
    ops_db["searchwords"].insert_one({"_id": "bowl", "count": 20})
    first: list[dict[str, Any]] = [SLOWLY]
    monkeypatch.setattr(mongo, "_conditions", lambda _: [first.pop() if first else {}])
    monkeypatch.setattr(mongo, "narrowed", lambda _: first.pop() if first else {})

    def asked() -> int:
        with app.app_context():
            return ask()

    def is_under_way() -> bool:
        running = {"ns": f"{ops_db.name}.productsearch", "numYields": {"$gt": 0}}
        return bool(list(ops_db.client.admin.aggregate([{"$currentOp": {}}, {"$match": running}])))

    with replacing.replacement_of("productsearch") as replacement, ThreadPoolExecutor(1) as pool:
        replacement.fill(entries)
        replacement.index()
        answer = pool.submit(asked)
        wait_until(is_under_way)
        replacement.take_place()
        assert answer.result() == 20


def test_following_changes_has_a_time_of_its_own(keeper: Keeper, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_product(db, name="bowl")
    keeper.rebuild()
    monkeypatch.setattr(keeping, "FOLLOWING_SECONDS", 1e-6)
    with pytest.raises(PyMongoError):
        keeper.catch_up()


def test_a_rebuild_counts_also_when_what_was_changed_meanwhile_cannot_be_read(
    keeper: Keeper, client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product(db, name="bowl")
    changes = keeping._changes

    def too_late(token: Any) -> Any:
        if token is None:
            return changes(token)
        raise ExecutionTimeout("timed out")

    monkeypatch.setattr(keeping, "_changes", too_late)
    assert keeper.rebuild() == 1
    assert found(client, "bowl") == ["bowl"]


def test_a_search_that_another_process_is_building_is_told_to_come_back(
    client: FlaskClient, db: Database, ops_db: Database
) -> None:
    make_product(db, name="bowl")
    with held(ops_db, "search.products"):
        answer = client.get("/api/products/search?q=bowl")
        assert (answer.status_code, answer.json["code"]) == (503, "search_not_ready")
    assert found(client, "bowl") == ["bowl"]


def test_a_rebuild_waits_for_one_that_is_at_work_and_not_for_one_that_was_killed(
    keeper: Keeper, db: Database, ops_db: Database
) -> None:
    make_product(db, name="bowl")
    waited: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        with held(ops_db, "search.products"):
            count = pool.submit(keeper.rebuild, on_wait=waited.append)
            wait_until(lambda: waited)
            assert not keeper.is_built()
        assert count.result() == 1
    ops_db["locks"].insert_one({"_id": "search.products", "token": "killed", "expiresAt": clock.now()})
    keeper.rebuild(on_wait=waited.append)
    assert len(waited) == 1


@pytest.fixture
def abandoned(ops_db: Database) -> Iterator[dict[int, str]]:
    """What killed processes left half done, by how many hours ago they began."""
    names = {}
    for hours in (1, 25):
        made = ObjectId.from_datetime(clock.now() - timedelta(hours=hours))
        names[hours] = f"{replacing.APART}.{made}.productsearch"
        ops_db[names[hours]].insert_one({})
    yield names
    for name in names.values():
        ops_db.drop_collection(name)


def test_what_a_killed_rebuild_left_is_dropped_after_a_day(
    keeper: Keeper, ops_db: Database, abandoned: dict[int, str]
) -> None:
    keeper.rebuild()
    assert left_over(ops_db) == [abandoned[1]]
