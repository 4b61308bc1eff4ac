"""Every query of the shop is found by an index, in the order that it is answered in."""

from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services import viewing
from mixillo.blueprints.products.services.search import keeping, recording
from tests.factories.auth import client_of
from tests.factories.products import make_category, make_order, make_product
from tests.plans import faults, profiled

Document = dict[str, Any]
NARROWED = ("", "&category=mugs", "&storeId={store}", "&sellerId={seller}", "&category=mugs&storeId={store}")
RANGES = ("", "&minPrice=5", "&minPrice=12&maxPrice=13", "&minRating=4", "&inStock=true", "&inStock=false")
SORTS = ("-createdAt", "createdAt", "price", "-price", "-rating", "rating", "-salesCount")
LISTS = [
    *(f"/api/products?sortBy={sort}{narrowed}" for sort in SORTS for narrowed in NARROWED),
    *(f"/api/products?sortBy={sort}{more}&limit=2" for sort in SORTS[1:4] for more in RANGES),
]
SEARCHES = [
    f"/api/products/search?q={q}&limit=3{narrowed}&sortBy={sort}"
    for q, narrowings in (
        ("thing", ("",)), ("thi", ("",)), ("blue+thing+nowhere", ("",)), ("thnig", ("", "&category=mugs&inStock=true")),
        ("thing+have", (f"{each}&minRating=1" for each in NARROWED)),
    )
    for narrowed in narrowings
    for sort in ("relevance", "price", "-price", "-rating", "-createdAt")
]  # fmt: skip
READS = [
    *LISTS,
    *SEARCHES,
    "/api/products?page=2&limit=3",
    "/api/products/featured",
    "/api/products/featured/best-sellers",
    "/api/products/categories",
    "/api/products/{id}",
    "/api/products/{slug}",
    "/api/products/{slug}/related",
    "/api/products/{slug}/reviews?limit=1",
    "/api/products/{slug}/reviews?sortBy=helpful&limit=1",
    "/api/products/suggest?q=thi",
    "/api/products/suggest?q=blue+thi",
    "/api/users/wishlist?limit=1",
]
OFFERS = ["/api/products/mine", "/api/products/mine?status=draft", "/api/products/{id}/mine",
          "/api/products/seller/{seller}/stats"]  # fmt: skip
ADMIN = [
    "/api/products/admin/all?limit=3", "/api/products/admin/all?status=active&limit=3", "/api/products/admin/stats",
    "/api/products/admin/all?category=mugs", "/api/products/admin/all?search=A-1",
    "/api/products/admin/all?search={id}", "/api/products/admin/all?status=active&category=mugs",
]  # fmt: skip


@pytest.fixture
def shop(db: Database, store: Document, una: Document) -> Document:
    """A shop with something of everything; its product in the middle."""
    mugs = make_category(db, "Mugs", slug="mugs")
    made = [
        make_product(
            db, store if n % 2 else None, category=mugs["_id"] if n % 3 else None, price=float(n + 5), rating=n % 5,
            salesCount=n, isFeatured=n % 2 == 0, tags=["blue"] if n % 2 else [], stock=n % 4,
        )
        for n in range(16)
    ]  # fmt: skip
    make_order(db, una, made[1])
    for product in made[:3]:
        db["wishlists"].insert_one(
            {"userId": una["_id"], "productId": product["_id"], "createdAt": product["createdAt"]}
        )
    return made[1] | {"mugs": mugs["_id"]}


def filled(path: str, shop: Document) -> str:
    return path.format(id=shop["_id"], slug=shop["slug"], store=shop["storeId"], seller=shop["sellerId"])


def read_all(client: FlaskClient, paths: list[str], shop: Document, db: Database, ops_db: Database) -> list[Any]:
    """Read ``paths``, with the page behind where there is one, and return what was wrong about the plans."""
    wrong = []
    for path in paths:
        path = filled(path, shop)
        client.application.extensions["kept"].forget()
        with profiled(db, ops_db) as entries:
            answer = client.get(path)
            if cursor := (answer.json["data"].get("pagination") or {}).get("nextCursor"):
                assert client.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}").status_code == 200
        assert answer.status_code == 200, path
        wrong += [(path, fault) for fault in faults(entries)]
    return wrong


def test_reads_use_indexes(app: Flask, as_una: FlaskClient, db: Database, ops_db: Database, shop: Document) -> None:
    assert as_una.post(f"/api/products/{shop['slug']}/reviews", json={"rating": 5}).status_code == 201
    assert as_una.get("/api/products/search?q=thing").status_code == 200
    assert read_all(as_una, READS, shop, db, ops_db) == []


def test_sellers_and_administrators_use_indexes(
    as_sam: FlaskClient, as_admin: FlaskClient, db: Database, ops_db: Database, shop: Document
) -> None:
    assert read_all(as_sam, OFFERS, shop, db, ops_db) == []
    assert read_all(as_admin, ADMIN, shop, db, ops_db) == []


def test_writes_use_indexes(
    app: Flask, as_sam: FlaskClient, as_una: FlaskClient, as_admin: FlaskClient, db: Database, ops_db: Database,
    shop: Document,
) -> None:  # fmt: skip
    as_una.get("/api/products/search?q=thing")
    with profiled(db, ops_db) as entries:
        body = {"name": "New", "description": "x", "price": 5, "category": str(shop["mugs"]), "sku": "N-1"}
        made = as_sam.post("/api/products", json=body).json["data"]["product"]
        path = f"/api/products/{made['slug']}"
        review = as_una.post(f"/api/products/{shop['slug']}/reviews", json={"rating": 5}).json["data"]["review"]
        about = f"/api/products/{shop['slug']}/reviews/{review['_id']}"
        for client, method, at, json in (
            (as_sam, "put", path, {"price": 6}),
            (as_admin, "put", f"/api/products/admin/{made['_id']}/status", {"status": "active"}),
            (as_admin, "put", f"/api/products/admin/{made['_id']}/featured", {"isFeatured": True}),
            (as_una, "post", "/api/users/wishlist", {"productId": made["_id"]}), (as_una, "get", path, None),
            (as_una, "delete", f"/api/users/wishlist/{made['_id']}", None), (as_una, "put", about, {"rating": 4}),
            (as_admin, "post", f"{about}/helpful", None), (as_admin, "delete", f"{about}/helpful", None),
            (as_una, "delete", about, None), (as_sam, "delete", path, None), (as_sam, "post", f"{path}/submit", None),
            (as_admin, "delete", f"/api/products/admin/{made['_id']}", None),
        ):  # fmt: skip
            assert getattr(client, method)(at, json=json).status_code == 200, (method, at)
        viewing.looks_of(app).count()
        recording.terms_of(app).write()
        app.extensions[keeping.EXTENSION].catch_up()
    assert len(entries) > 60
    assert [fault for fault in faults(entries) if "getMore" not in str(fault)] == []


def test_a_list_costs_the_same_at_its_end(db: Database, app: Flask, store: Document) -> None:
    """What a cursor continues is found at once: as many keys are read as documents are answered."""
    for n in range(60):
        make_product(db, store, price=float(n), _id=ObjectId())
    client, cursor = client_of(app), ""
    for _ in range(5):
        with profiled(db) as entries:
            data = client.get(f"/api/products?sortBy=price&limit=10&total=false{cursor}").json["data"]
        cursor = f"&cursor={data['pagination']['nextCursor']}"
        (read,) = [each for each in entries if each["command"].get("sort", {}).get("price")]
        assert read["keysExamined"] <= 13


@pytest.fixture
def bare(db: Database, ops_db: Database) -> Iterator[None]:
    """The shop as it is between new code and its migrations: without indexes."""
    shelves = [db["products"], ops_db["productsearch"]]
    dropped = [[index.to_dict() for index in each.list_indexes() if index["name"] != "_id_"] for each in shelves]
    for each in shelves:
        each.drop_indexes()
    yield
    for each, indexes in zip(shelves, dropped, strict=True):
        each.database.command("createIndexes", each.name, indexes=indexes)


def test_a_missing_index_makes_lists_slow_not_wrong(
    app: Flask, as_una: FlaskClient, shop: Document, bare: None
) -> None:
    for path in READS:
        app.extensions["kept"].forget()
        assert as_una.get(filled(path, shop)).status_code == 200, path
