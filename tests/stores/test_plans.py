"""Every query of stores is found by an index, in the order that it is answered in; and the indexes come and go."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.stores.services import upkeep
from mixillo.core import clock
from mixillo.ops.migrations import discover
from tests.factories.auth import client_of
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user
from tests.plans import faults, profiled
from tests.stores.test_applying import BUSINESS

(STEP,) = (migration for migration in discover() if migration.name.endswith("stores_and_sellers"))
SORTS = ("createdAt", "followersCount", "rating", "totalSales")
READS = [
    *(f"/api/stores?sortBy=-{sort}&limit=2{more}" for sort in SORTS for more in ("", "&isVerified=true")),
    "/api/stores?search=st&limit=2", "/api/stores?search={id}", "/api/stores?page=2&limit=2", "/api/stores/{slug}",
    "/api/stores/{id}", "/api/stores/{slug}/products?limit=1", "/api/stores/{slug}/products?sortBy=price&minPrice=1",
    "/api/stores/following?limit=1",
]  # fmt: skip
ADMIN = [
    "/api/stores/admin/all?limit=2", "/api/stores/admin/all?status=active&limit=2", "/api/stores/admin/all?search=st",
    "/api/stores/admin/stats", "/api/stores/{slug}/stats", "/api/stores/{slug}/stats?days=1",
    "/api/admin/seller-applications?limit=1", "/api/admin/seller-applications?status=approved",
]  # fmt: skip
Document = dict[str, Any]


@pytest.fixture
def street(app: Flask, db: Database, store: Document, una: Document) -> Document:
    """Some stores with products, orders and people who would like to sell."""
    for number in range(8):
        other = make_store(db, followersCount=number, rating=number % 5, totalSales=number,
                           status="active" if number % 3 else "closed", isVerified=number % 2 == 0)  # fmt: skip
        product = make_product(db, store if number % 2 else other)
        db["orders"].insert_one({"orderNumber": str(number), "userId": una["_id"], "status": "delivered",
                                 "paymentStatus": "paid", "createdAt": clock.now() - timedelta(hours=number),
                                 "items": [{"storeId": product["storeId"], "quantity": 1, "total": 5}]})  # fmt: skip
        assert client_of(app, make_user(db)).post("/api/stores/apply", json=BUSINESS).status_code == 201
    return store


def read_all(client: FlaskClient, paths: list[str], store: Document, *databases: Database) -> list[Any]:
    wrong = []
    for path in (path.format(id=store["_id"], slug=store["slug"]) for path in paths):
        client.application.extensions["kept"].forget()
        with profiled(*databases) as entries:
            answer = client.get(path)
            if cursor := (answer.json["data"].get("pagination") or {}).get("nextCursor"):
                assert client.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}").status_code == 200
        assert answer.status_code == 200, path
        wrong += [(path, fault) for fault in faults(entries)]
    return wrong


def test_reads_use_indexes(
    as_una: FlaskClient, as_sam: FlaskClient, as_ada: FlaskClient, db: Database, ops_db: Database, street: Document
) -> None:
    for store in db["stores"].find({"status": "active"}, limit=3):
        assert as_una.post(f"/api/stores/{store['_id']}/follow").status_code == 200
    assert read_all(as_una, READS, street, db, ops_db) == []
    assert read_all(as_sam, ["/api/stores/mine", "/api/stores/{slug}/stats"], street, db, ops_db) == []
    assert read_all(as_ada, ADMIN, street, db, ops_db) == []


def test_writes_use_indexes(
    app: Flask, as_una: FlaskClient, as_sam: FlaskClient, as_ada: FlaskClient, db: Database, ops_db: Database,
    street: Document,
) -> None:  # fmt: skip
    admin = "/api/admin/seller-applications"
    with profiled(db, ops_db) as entries:
        first = as_una.post("/api/stores/apply", json=BUSINESS).json["data"]["application"]
        assert as_una.get("/api/stores/apply").status_code == 200
        for client, method, at, json in (
            (as_ada, "post", f"{admin}/{first['_id']}/reject", {"reason": "x"}),
            (as_ada, "put", f"/api/admin/users/{first['userId']}/make-seller", None),
            (as_una, "post", "/api/stores/linen-and-clay/follow", None),
            (as_una, "delete", "/api/stores/linen-and-clay/follow", None),
            (as_sam, "put", "/api/stores/linen-and-clay", {"name": "New"}),
            (as_ada, "put", f"/api/stores/admin/{street['_id']}/status", {"status": "closed", "reason": "x"}),
            (as_ada, "put", f"/api/stores/admin/{street['_id']}/status", {"status": "active"}),
            (as_ada, "put", f"/api/stores/admin/{street['_id']}/flags", {"isVerified": True}),
        ):
            assert getattr(client, method)(at, json=json).status_code == 200, (method, at)
        with app.app_context():
            upkeep.closing.align()
    assert len(entries) > 50
    assert faults(entries) == []


def test_figures_are_made_without_reading_a_product(as_sam: FlaskClient, db: Database, street: Document) -> None:
    with profiled(db) as entries:
        assert as_sam.get("/api/stores/linen-and-clay/stats").status_code == 200
        with as_sam.application.app_context():
            upkeep.refresh()
    read = [each for each in entries if each["ns"].endswith(".products")]
    assert ([each["docsExamined"] for each in read], len(read)) == ([0, 0, 0], 3)


def test_missing_indexes_make_answers_slow_not_wrong(
    as_sam: FlaskClient, as_ada: FlaskClient, db: Database, street: Document
) -> None:
    dropped = {name: [each.to_dict() for each in db[name].list_indexes() if each["name"] != "_id_"]
               for name in ("stores", "products", "sellerapplications")}  # fmt: skip
    for name in dropped:
        db[name].drop_indexes()
    try:
        for client, paths in ((as_sam, READS), (as_ada, ADMIN)):
            for path in paths:
                answer = client.get(path.format(id=street["_id"], slug=street["slug"]))
                assert answer.status_code == 200, path
        with as_sam.application.app_context():
            upkeep.look_after()
    finally:
        for name, indexes in dropped.items():
            db.command("createIndexes", name, indexes=indexes)


def run(direction: str, database: Database) -> None:
    step: Callable[[Database, Database], None] = STEP.step(direction)
    step(database, database.client[f"{database.name}_ops"])


def indexes(database: Database) -> dict[str, Any]:
    return {
        f"{name}.{index}": found
        for name in database.list_collection_names()
        for index, found in database[name].index_information().items()
    }


def test_up_again_and_up_down_up_end_in_the_same_indexes(database: Database) -> None:
    run("upgrade", database)
    built = indexes(database)
    run("upgrade", database)
    assert indexes(database) == built
    run("downgrade", database)
    assert indexes(database) != built
    run("downgrade", database)
    run("upgrade", database)
    assert indexes(database) == built


def test_what_the_existing_system_has_stays(database: Database) -> None:
    stores = database["stores"]
    stores.create_index("sellerId", unique=True)
    stores.create_index("slug", unique=True)
    stores.create_index("status")
    stores.create_index([("rating", -1), ("totalSales", -1)])
    stores.create_index([("name", "text"), ("description", "text"), ("tagline", "text")])
    database["sellerapplications"].create_index([("status", 1), ("createdAt", -1)])
    database["orders"].create_index([("items.storeId", 1), ("createdAt", -1)])
    before = indexes(database)
    run("upgrade", database)
    assert {name: indexes(database)[name] for name in before} == before
    run("downgrade", database)
    assert {name: indexes(database)[name] for name in before} == before


def test_what_lists_sort_by_is_filled_in_and_a_seller_has_one_store(database: Database) -> None:
    database["stores"].insert_many([{"slug": "a", "sellerId": 1}, {"slug": "b", "sellerId": 2, "followersCount": 7}])
    run("upgrade", database)
    found = [(store["followersCount"], store["rating"]) for store in database["stores"].find(sort=[("slug", 1)])]
    assert found == [(0, 0), (7, 0)]
    with pytest.raises(DuplicateKeyError):
        database["stores"].insert_one({"slug": "c", "sellerId": 1})


def test_follows_get_their_indexes_with_the_first_and_where_there_are_some(database: Database) -> None:
    run("upgrade", database)
    assert "storefollows" not in database.list_collection_names()
    database["storefollows"].insert_one({"userId": 1, "storeId": 2})
    run("upgrade", database)
    with pytest.raises(DuplicateKeyError):
        database["storefollows"].insert_one({"userId": 1, "storeId": 2})
