"""Both dialects of the cart, on one implementation."""

from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.cart.reading import Document, cart_of, lines
from tests.factories.auth import client_of
from tests.factories.commerce import make_cart
from tests.factories.products import make_product
from tests.factories.users import make_user, unknown_id


def shirt(db: Database, **fields: Any) -> Document:
    sizes = [{"_id": ObjectId(), "name": "Size", "value": size, "stock": 4, "price": 20} for size in ("S", "M")]
    return make_product(db, variants=sizes, hasVariants=True, stock=8, **fields)


def test_a_cart_that_nobody_has_touched_is_there_and_empty(as_una: FlaskClient, una: Document, db: Database) -> None:
    cart = cart_of(as_una)
    assert (cart["userId"], cart["items"], cart["total"], cart["itemsCount"]) == (str(una["_id"]), [], 0, 0)
    assert db["carts"].count_documents({}) == 0


def test_both_dialects_write_into_the_same_cart(as_una: FlaskClient, db: Database) -> None:
    mug = make_product(db, price=12.5)
    body = {"productId": str(mug["_id"]), "quantity": 2}
    added = as_una.post("/api/cart/add", json=body)
    assert added.status_code == 200
    again = as_una.post("/api/cart/items", json=body)
    assert again.status_code == 201
    item = again.json["data"]["item"]
    assert (item["quantity"], item["price"], item["total"]) == (4, 12.5, 50)
    assert as_una.get(again.headers["Location"]).json["data"]["item"] == item
    cart = cart_of(as_una)
    assert lines(cart) == [(str(mug["_id"]), None, 4)]
    assert (cart["subtotal"], cart["tax"], cart["shipping"], cart["total"]) == (50, 5, 5.99, 60.99)
    by_item = as_una.put(f"/api/cart/items/{item['_id']}", json={"quantity": 3})
    by_product = as_una.put("/api/cart/update", json=body)
    assert [a.json["data"]["cart"]["itemsCount"] for a in (by_item, by_product)] == [3, 2]
    summary = as_una.get("/api/cart/summary").json["data"]["summary"]
    assert (summary["itemsCount"], summary["subtotal"]) == (2, 25)
    assert as_una.get("/api/cart/items").json["data"]["items"] == cart_of(as_una)["items"]


@pytest.mark.parametrize("path", ["/api/cart/items/{item}", "/api/cart/remove/{product}", "/api/cart/{item}",
                                  "/api/cart", "/api/cart/clear"])  # fmt: skip
def test_things_are_taken_out(as_una: FlaskClient, db: Database, path: str) -> None:
    mug = make_product(db)
    item = as_una.post("/api/cart/items", json={"productId": str(mug["_id"])}).json["data"]["item"]
    answer = as_una.delete(path.format(item=item["_id"], product=mug["_id"]))
    assert (answer.status_code, answer.json["data"]["cart"]["items"]) == (200, [])
    assert db["carts"].find_one()["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "/api/cart/items/{item}", {"quantity": 0}), ("put", "/api/cart/{item}", {"quantity": 0}),
        ("put", "/api/cart/update", {"productId": "{product}", "quantity": 0}),
    ],
)  # fmt: skip
def test_none_of_it_takes_it_out(as_una: FlaskClient, db: Database, method: str, path: str, body: Document) -> None:
    mug = make_product(db)
    item = as_una.post("/api/cart/items", json={"productId": str(mug["_id"])}).json["data"]["item"]
    places = {"item": item["_id"], "product": str(mug["_id"])}
    sent = {name: value.format(**places) if isinstance(value, str) else value for name, value in body.items()}
    answer = getattr(as_una, method)(path.format(**places), json=sent)
    assert (answer.status_code, answer.json["data"]["cart"]["items"]) == (200, [])


def test_oldest_paths_say_where_to_go(as_una: FlaskClient, db: Database) -> None:
    mug = make_product(db)
    item = as_una.post("/api/cart/items", json={"productId": str(mug["_id"])}).json["data"]["item"]
    answer = as_una.put(f"/api/cart/{item['_id']}", json={"quantity": 2})
    assert answer.headers["Link"].startswith(f"</api/cart/items/{item['_id']}>")


@pytest.mark.parametrize("named", [
    {"variantId": "M"}, {"variant": {"name": "Size", "value": "M"}}, {"variant": "M"}, {"size": "m"},
    {"variant": {"size": "M"}},
])  # fmt: skip
def test_a_variant_is_named_in_many_ways(as_una: FlaskClient, db: Database, named: Document) -> None:
    tee = shirt(db)
    if "variantId" in named:
        named = {"variantId": str(tee["variants"][1]["_id"])}
    answer = as_una.post("/api/cart/items", json={"productId": str(tee["_id"])} | named)
    item = answer.json["data"]["item"]
    assert (item["variantName"], item["variantId"], item["price"]) == ("M", str(tee["variants"][1]["_id"]), 20)


def test_variants_are_lines_of_their_own_and_the_same_one_is_one(as_una: FlaskClient, db: Database) -> None:
    tee = shirt(db)
    product = str(tee["_id"])
    for size in ("S", "M", "S"):
        as_una.post("/api/cart/add", json={"productId": product, "size": size})
    assert lines(cart_of(as_una)) == [(product, "S", 2), (product, "M", 1)]
    assert as_una.put("/api/cart/update", json={"productId": product, "quantity": 1}).status_code == 400
    as_una.put("/api/cart/update", json={"productId": product, "quantity": 3, "variant": "M"})
    assert lines(cart_of(as_una)) == [(product, "S", 2), (product, "M", 3)]
    as_una.delete(f"/api/cart/remove/{product}", query_string={"variant": '{"name":"Size","value":"S"}'})
    assert lines(cart_of(as_una)) == [(product, "M", 3)]
    as_una.delete(f"/api/cart/remove/{product}")
    assert lines(cart_of(as_una)) == []


def test_without_a_variant_it_is_the_first_of_which_there_is_any(as_una: FlaskClient, db: Database) -> None:
    tee = shirt(db)
    db["products"].update_one({"_id": tee["_id"]}, {"$set": {"variants.0.reserved": 4}})
    as_una.post("/api/cart/add", json={"productId": str(tee["_id"])})
    assert lines(cart_of(as_una)) == [(str(tee["_id"]), "M", 1)]
    for wrong in ({"variant": "XL"}, {"variantId": str(unknown_id())}):
        assert as_una.post("/api/cart/add", json={"productId": str(tee["_id"])} | wrong).status_code == 400
    plain = {"productId": str(make_product(db)["_id"]), "variant": "M"}
    assert as_una.post("/api/cart/add", json=plain).status_code == 400


def test_there_is_never_more_in_the_cart_than_in_the_shop(as_una: FlaskClient, db: Database) -> None:
    mug = make_product(db, stock=5, reserved=2)
    body = {"productId": str(mug["_id"]), "quantity": 2}
    item = as_una.post("/api/cart/items", json=body).json["data"]["item"]
    assert item["available"] == 3
    for method, path, sent in (
        ("post", "/api/cart/items", body), ("post", "/api/cart/add", body),
        ("put", f"/api/cart/items/{item['_id']}", {"quantity": 4}), ("put", "/api/cart/update", body | {"quantity": 4}),
    ):  # fmt: skip
        answer = getattr(as_una, method)(path, json=sent)
        assert (answer.status_code, answer.json["code"], answer.json["items"][0]["available"]) == (
            409, "out_of_stock", 3,
        )  # fmt: skip
    assert cart_of(as_una)["itemsCount"] == 2


def test_what_cannot_be_bought_cannot_be_put_in(as_una: FlaskClient, db: Database) -> None:
    draft = make_product(db, status="draft", isPublished=False)
    for product_id in (draft["_id"], unknown_id()):
        answer = as_una.post("/api/cart/items", json={"productId": str(product_id)})
        assert (answer.status_code, answer.json["code"]) == (404, "product_not_found")
    missing = str(unknown_id())
    assert as_una.put(f"/api/cart/items/{missing}", json={"quantity": 1}).status_code == 404
    assert as_una.delete(f"/api/cart/items/{missing}").status_code == 404
    assert as_una.delete(f"/api/cart/remove/{missing}").status_code == 404
    assert as_una.put("/api/cart/update", json={"productId": missing, "quantity": 1}).status_code == 404


def test_a_cart_has_one_currency(as_una: FlaskClient, db: Database) -> None:
    as_una.post("/api/cart/add", json={"productId": str(make_product(db, currency="EUR")["_id"])})
    pounds = make_product(db, currency="GBP")
    answer = as_una.post("/api/cart/add", json={"productId": str(pounds["_id"])})
    assert (answer.status_code, answer.json["code"], answer.json["currency"]) == (409, "other_currency", "EUR")
    as_una.delete("/api/cart")
    assert (
        as_una.post("/api/cart/add", json={"productId": str(pounds["_id"])}).json["data"]["cart"]["currency"] == "GBP"
    )


def test_a_price_is_told_until_the_cart_is_changed(as_una: FlaskClient, db: Database) -> None:
    mug, lamp = make_product(db, price=10), make_product(db)
    as_una.post("/api/cart/add", json={"productId": str(mug["_id"])})
    db["products"].update_one({"_id": mug["_id"]}, {"$set": {"price": 11}})
    for _ in range(2):
        (change,) = cart_of(as_una)["changes"]
        assert (change["kind"], change["before"], change["after"]) == ("price", 10, 11)
    told = as_una.post("/api/cart/add", json={"productId": str(lamp["_id"])}).json["data"]["cart"]["changes"]
    assert told == [change]
    assert cart_of(as_una)["changes"] == []


def test_what_is_gone_leaves_with_the_next_change_and_what_is_scarce_stays(as_una: FlaskClient, db: Database) -> None:
    mug, lamp, book = (make_product(db) for _ in range(3))
    for product in (mug, lamp):
        as_una.post("/api/cart/add", json={"productId": str(product["_id"]), "quantity": 3})
    db["products"].update_one({"_id": mug["_id"]}, {"$set": {"status": "archived"}})
    db["products"].update_one({"_id": lamp["_id"]}, {"$set": {"stock": 1}})
    assert [c["kind"] for c in cart_of(as_una)["changes"]] == ["gone", "stock"]
    cart = as_una.post("/api/cart/add", json={"productId": str(book["_id"])}).json["data"]["cart"]
    assert [c["kind"] for c in cart["changes"]] == ["gone", "stock"]
    assert [c["kind"] for c in cart_of(as_una)["changes"]] == ["stock"]
    db["products"].update_one({"_id": lamp["_id"]}, {"$set": {"stock": 9}})
    assert lines(cart_of(as_una)) == [(str(lamp["_id"]), None, 3), (str(book["_id"]), None, 1)]


def test_a_cart_of_the_existing_system_is_read_and_changed(as_una: FlaskClient, una: Document, db: Database) -> None:
    tee, mug = shirt(db), make_product(db, price=9.99)
    items = [
        {"productId": tee["_id"], "quantity": 1, "variant": {"name": "Size", "value": "M"}, "price": 20.0},
        {"productId": mug["_id"], "quantity": 2.0, "variant": None, "price": 9.99},
    ]
    db["carts"].insert_one({"_id": ObjectId(), "userId": una["_id"], "items": items, "subtotal": 39.98})
    cart = cart_of(as_una)
    assert (lines(cart), cart["subtotal"], cart["changes"]) == (
        [(str(tee["_id"]), "M", 1), (str(mug["_id"]), None, 2)], 39.98, [],
    )  # fmt: skip
    first = cart["items"][0]["_id"]
    changed = as_una.put(f"/api/cart/items/{first}", json={"quantity": 2}).json["data"]["cart"]
    assert changed["items"][0]["_id"] == first
    as_una.post("/api/cart/add", json={"productId": str(tee["_id"]), "size": "M"})
    assert lines(cart_of(as_una))[0] == (str(tee["_id"]), "M", 3)


def test_nobody_reaches_into_the_cart_of_somebody_else(app: Flask, as_una: FlaskClient, db: Database) -> None:
    item = as_una.post("/api/cart/items", json={"productId": str(make_product(db)["_id"])}).json["data"]["item"]
    other = client_of(app, make_user(db))
    assert other.delete(f"/api/cart/items/{item['_id']}").status_code == 404
    assert other.get(f"/api/cart/items/{item['_id']}").status_code == 404
    assert cart_of(as_una)["itemsCount"] == 1


def test_nonsense_is_refused(as_una: FlaskClient, db: Database) -> None:
    product = str(make_product(db)["_id"])
    for body in (
        {}, {"productId": "x"}, {"productId": product, "quantity": 0}, {"productId": product, "quantity": 1.5},
        {"productId": product, "quantity": 1000}, {"productId": product, "price": 0.01},
        {"productId": product, "variant": {"$ne": "S"}}, {"productId": product, "variant": {"value": {"$gt": ""}}},
        {"productId": product, "variant": ["S"]}, {"productId": product, "quantity": "1"},
    ):  # fmt: skip
        assert as_una.post("/api/cart/items", json=body).status_code == 400, body
    assert as_una.get("/api/cart?country=Germany").status_code == 400


def test_carts_hold_so_many_things(as_una: FlaskClient, una: Document, db: Database) -> None:
    make_cart(db, una, *((make_product(db, storeId=ObjectId(), sellerId=ObjectId()), 1) for _ in range(100)))
    answer = as_una.post("/api/cart/add", json={"productId": str(make_product(db)["_id"])})
    assert (answer.status_code, answer.json["code"]) == (409, "cart_full")
