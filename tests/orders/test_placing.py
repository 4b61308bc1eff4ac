"""From the cart to an order: everything that belongs to it, or nothing."""

import re
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.orders.services.working import Work
from mixillo.blueprints.wallets.services import ledger
from tests.factories.auth import client_of
from tests.factories.commerce import make_coupon
from tests.factories.orders import ADDRESS, ask, fill, house, on_shelf, pay, place, stored
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user
from tests.factories.wallets import balance, give

Document = dict[str, Any]


@pytest.fixture
def mug(db: Database, store: Document) -> Document:
    return make_product(db, store, price=10.0, stock=5)


def in_wallet(db: Database, user: Document) -> int:
    return balance(db, ledger.user(user["_id"], "USD"))


def test_cash_on_delivery_is_confirmed_at_once(
    as_una: FlaskClient, db: Database, una: Document, sam: Document, store: Document, mug: Document
) -> None:
    fill(db, una, (mug, 2))
    order = place(as_una, notes="Please ring twice")
    assert re.fullmatch(r"ORD-[0-9A-Z]{8,9}-[0-9A-Z]{6}", order["orderNumber"])
    assert (order["status"], order["paymentStatus"]) == ("confirmed", "pending")
    assert (order["subtotal"], order["shipping"], order["tax"], order["total"]) == (20.0, 5.99, 2.0, 27.99)
    assert [(item["productName"], item["quantity"], item["total"]) for item in order["items"]] == [
        (mug["name"], 2, 20.0)
    ]
    assert order["sellerId"] == str(sam["_id"])
    assert order["shippingAddress"] == ADDRESS | {"addressLine2": None, "state": None}
    assert order["customerNotes"] == "Please ring twice"
    (part,) = order["fulfilments"]
    assert (part["storeId"], part["status"], part["amount"]) == (str(store["_id"]), "confirmed", 27.99)
    assert on_shelf(db, mug) == (3, 0)
    assert db["carts"].find_one({"userId": una["_id"]})["items"] == []
    assert house() == {"escrow": 0, "payouts": 0, "revenue": 0}


def test_a_wallet_pays_in_the_same_breath(as_una: FlaskClient, db: Database, una: Document, mug: Document) -> None:
    give(una["_id"], 50_00, "USD")
    fill(db, una, (mug, 2))
    order = place(as_una, "wallet")
    assert (order["status"], order["paymentStatus"], order["expiresAt"]) == ("confirmed", "paid", None)
    assert in_wallet(db, una) == 50_00 - 27_99
    assert house() == {"escrow": 27_99, "payouts": -50_00, "revenue": 0}


def test_an_empty_wallet_leaves_everything_as_it_was(
    as_una: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    give(una["_id"], 27_98, "USD")
    fill(db, una, (mug, 2))
    coupon = make_coupon(db, "ONCE", value=0.01)
    answer = ask(as_una, "wallet", couponCode="ONCE")
    assert (answer.status_code, answer.json["code"]) == (409, "insufficient_funds")
    assert on_shelf(db, mug) == (5, 0)
    assert len(db["carts"].find_one({"userId": una["_id"]})["items"]) == 1
    assert db["orders"].count_documents({}) == 0
    assert db["coupons"].find_one({"_id": coupon["_id"]})["usageCount"] == 0


def test_what_fails_last_leaves_everything_as_it_was(
    as_una: FlaskClient, db: Database, ops_db: Database, una: Document, mug: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(una["_id"], 50_00, "USD")
    make_coupon(db, "ONCE")
    fill(db, una, (mug, 2))
    names = ("orders", "carts", "coupons", "couponuses", "products", "wallets", "transactions")
    before = {name: list(db[name].find()) for name in names}
    transfers = ops_db["transfers"].count_documents({})
    monkeypatch.setattr(Work, "insert", lambda _self: 1 / 0)
    assert ask(as_una, "wallet", couponCode="ONCE").status_code == 500
    assert {name: list(db[name].find()) for name in names} == before
    assert ops_db["transfers"].count_documents({}) == transfers


def test_a_card_is_charged_elsewhere_while_the_goods_wait(
    as_una: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    fill(db, una, (mug, 2))
    answer = ask(as_una, "card")
    order, payment = answer.json["data"]["order"], answer.json["data"]["payment"]
    assert answer.headers["Location"] == f"/api/orders/{order['orderNumber']}"
    assert (order["status"], order["paymentStatus"]) == ("pending", "pending")
    assert order["expiresAt"] is not None
    assert payment["provider"] == "sandbox"
    assert on_shelf(db, mug) == (5, 2)
    assert pay(as_una, order).status_code == 200
    after = as_una.get(f"/api/orders/{order['orderNumber']}").json["data"]["order"]
    assert (after["status"], after["paymentStatus"], after["expiresAt"]) == ("confirmed", "paid", None)
    assert on_shelf(db, mug) == (3, 0)
    assert house() == {"escrow": 27_99, "payouts": -27_99, "revenue": 0}


def test_a_repeated_key_gives_one_order(as_una: FlaskClient, db: Database, una: Document, mug: Document) -> None:
    fill(db, una, (mug, 1))
    first = place(as_una, "card", key="once")
    again = ask(as_una, "card", key="once")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json["data"]["order"] == first
    assert db["orders"].count_documents({}) == db["payments"].count_documents({}) == 1


@pytest.mark.parametrize("method", ["card", "wallet", "cash_on_delivery"])
def test_a_repetition_after_a_lost_answer_finds_the_order(
    as_una: FlaskClient, db: Database, ops_db: Database, una: Document, mug: Document, method: str
) -> None:
    give(una["_id"], 100_00, "USD")
    fill(db, una, (mug, 1))
    first = place(as_una, method, key="lost")
    ops_db["idempotencykeys"].delete_many({})  # the worker died before it kept the answer
    fill(db, una, (mug, 1))
    again = place(as_una, method, key="lost")
    assert again["_id"] == first["_id"]
    assert db["orders"].count_documents({}) == 1
    assert sum(on_shelf(db, mug)) == (4 if method != "card" else 6)
    assert in_wallet(db, una) == (100_00 - 16_99 if method == "wallet" else 100_00)


def test_an_order_over_several_stores_has_a_part_for_each(
    as_una: FlaskClient, db: Database, una: Document, store: Document, other_store: Document, mug: Document
) -> None:
    bowl = make_product(db, other_store, price=33.33, stock=1)
    fill(db, una, (mug, 1), (bowl, 1))
    coupon = make_coupon(db, "THIRD", value=33)
    order = place(as_una, couponCode="third")
    parts = {part["storeId"]: part for part in order["fulfilments"]}
    assert set(parts) == {str(store["_id"]), str(other_store["_id"])}
    assert order["sellerId"] is None
    assert (order["couponCode"], order["discount"], order["couponDiscount"]) == ("THIRD", 14.3, 14.3)
    for name, whole in (("goods", "subtotal"), ("discount",) * 2, ("shipping",) * 2, ("tax",) * 2, ("amount", "total")):
        assert round(sum(part[name] for part in parts.values()), 2) == order[whole]
    assert db["coupons"].find_one({"_id": coupon["_id"]})["usageCount"] == 1


def test_nothing_is_ordered_from_an_empty_cart(as_una: FlaskClient) -> None:
    answer = ask(as_una)
    assert (answer.status_code, answer.json["code"]) == (409, "cart_empty")


def test_less_than_wanted_is_refused_with_what_there_is(
    as_una: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    fill(db, una, (mug, 6))
    answer = ask(as_una)
    assert (answer.status_code, answer.json["code"]) == (409, "out_of_stock")
    assert answer.json["items"] == [{"productId": str(mug["_id"]), "name": mug["name"], "wanted": 6, "available": 5}]


def test_two_lines_of_one_product_share_its_stock(
    as_una: FlaskClient, db: Database, una: Document, store: Document
) -> None:
    variants = [{"_id": ObjectId(), "name": "Size", "value": size} for size in "SL"]
    shirt = make_product(db, store, price=10.0, stock=3, variants=variants)
    fill(db, una)
    lines = [
        {"_id": ObjectId(), "productId": shirt["_id"], "quantity": 2, "variant": variant, "price": 10.0}
        for variant in variants
    ]
    db["carts"].update_one({"userId": una["_id"]}, {"$set": {"items": lines}})
    answer = ask(as_una)
    assert (answer.status_code, answer.json["code"]) == (409, "out_of_stock")
    lines[1]["quantity"] = 1
    db["carts"].update_one({"userId": una["_id"]}, {"$set": {"items": lines}})
    place(as_una)
    assert on_shelf(db, shirt) == (0, 0)


def test_what_is_gone_is_not_ordered_silently(as_una: FlaskClient, db: Database, una: Document, mug: Document) -> None:
    other = make_product(db, price=1.0)
    fill(db, una, (mug, 1), (other, 1))
    db["products"].update_one({"_id": other["_id"]}, {"$set": {"isPublished": False}})
    answer = ask(as_una)
    assert (answer.status_code, answer.json["code"]) == (409, "cart_changed")
    assert [change["kind"] for change in answer.json["changes"]] == ["gone"]


def test_a_coupon_is_checked_again_at_checkout(as_una: FlaskClient, db: Database, una: Document, mug: Document) -> None:
    make_coupon(db, "LATE", validUntil=una["createdAt"])
    fill(db, una, (mug, 1), couponCodes=["LATE"])
    answer = ask(as_una)
    assert (answer.status_code, answer.json["code"]) == (409, "cart_changed")
    assert answer.json["changes"][0]["reason"] == "expired"
    assert ask(as_una, couponCode="LATE").json["code"] == "coupon_not_valid"


def test_a_total_that_was_not_shown_is_refused(as_una: FlaskClient, db: Database, una: Document, mug: Document) -> None:
    fill(db, una, (mug, 1))
    answer = ask(as_una, expectedTotal=16.98)
    assert (answer.status_code, answer.json["code"], answer.json["total"]) == (409, "total_changed", 16.99)
    assert place(as_una, expectedTotal=16.99)["total"] == 16.99


def test_what_costs_nothing_needs_no_payment(as_una: FlaskClient, db: Database, una: Document, store: Document) -> None:
    gift = make_product(db, store, price=10.0, freeShipping=True)
    make_coupon(db, "FREE", value=100)
    fill(db, una, (gift, 1))
    answer = ask(as_una, "card", couponCode="FREE")
    order = answer.json["data"]["order"]
    assert (order["total"], order["status"], order["paymentStatus"]) == (0.0, "confirmed", "paid")
    assert answer.json["data"]["payment"] is None


def test_the_app_orders_by_the_ids_of_address_and_payment_method(
    as_una: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    give(una["_id"], 100_00, "USD")
    address = as_una.post("/api/user/addresses", json=ADDRESS).json["data"]["address"]
    fill(db, una, (mug, 1))
    body = {"addressId": address["_id"], "paymentMethodId": "wallet"}
    answer = as_una.post("/api/cart/checkout", json=body)
    assert answer.status_code == 201, answer.json
    order = answer.json["data"]["order"]
    assert (order["paymentMethod"], order["paymentStatus"]) == ("wallet", "paid")
    assert order["shippingAddress"]["city"] == "London"


def test_another_ones_address_or_payment_method_is_not_there(
    app: Flask, as_una: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    other = client_of(app, make_user(db))
    address = other.post("/api/user/addresses", json=ADDRESS).json["data"]["address"]
    fill(db, una, (mug, 1))
    answer = as_una.post("/api/orders", json={"addressId": address["_id"], "paymentMethod": "wallet"})
    assert (answer.status_code, answer.json["code"]) == (404, "address_not_found")
    answer = ask(as_una, paymentMethodId=str(ObjectId()))
    assert (answer.status_code, answer.json["code"]) == (404, "payment_method_not_found")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"shippingAddress": ADDRESS}, "paymentMethod"),
        ({"paymentMethod": "wallet"}, "shippingAddress"),
        ({"paymentMethod": "wallet", "shippingAddress": ADDRESS, "addressId": "0" * 24}, "shippingAddress"),
        ({"paymentMethod": "cheque", "shippingAddress": ADDRESS}, "paymentMethod"),
        ({"paymentMethod": "wallet", "shippingAddress": ADDRESS | {"city": ""}}, "shippingAddress.city"),
        ({"paymentMethod": "wallet", "shippingAddress": ADDRESS, "total": 1}, "total"),
        ({"paymentMethod": "wallet", "shippingAddress": ADDRESS, "expectedTotal": "1"}, "expectedTotal"),
    ],
)
def test_what_cannot_be_meant_is_refused(as_una: FlaskClient, body: Document, wrong: str) -> None:
    answer = as_una.post("/api/orders", json=body)
    assert answer.status_code == 400
    assert wrong in {error["field"] for error in answer.json["errors"]}


def test_an_unpaid_order_says_again_where_to_pay(
    app: Flask, as_una: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    fill(db, una, (mug, 1))
    order = place(as_una, "card")
    again = as_una.post(f"/api/orders/{order['_id']}/pay", json={})
    assert again.status_code == 200, again.json
    assert again.json["data"]["payment"]["reference"] == f"sandbox_{order['_id']}"
    assert db["payments"].count_documents({}) == 1
    assert client_of(app, make_user(db)).post(f"/api/orders/{order['_id']}/pay", json={}).status_code == 404
    pay(as_una, order)
    assert as_una.post(f"/api/orders/{order['_id']}/pay", json={}).json["code"] == "order_not_payable"


def test_without_a_store_a_product_is_sold_all_the_same(as_una: FlaskClient, db: Database, una: Document) -> None:
    seller = make_store(db)
    lonely = make_product(db, storeId=None, sellerId=seller["sellerId"], price=1.0)
    fill(db, una, (lonely, 1))
    assert stored(db, place(as_una))["fulfilments"][0]["storeId"] is None
