"""Lists of orders, single ones, figures and invoices: each sees what concerns them, by an index."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.orders.services import upkeep
from mixillo.core import clock
from tests import plans
from tests.factories.auth import client_of
from tests.factories.orders import fill, moved, place, stored
from tests.factories.products import make_product
from tests.factories.users import make_user
from tests.factories.wallets import give

Document = dict[str, Any]


@pytest.fixture
def mug(db: Database, store: Document) -> Document:
    return make_product(db, store, price=10.0, stock=100)


def bought(client: FlaskClient, db: Database, buyer: Document, *goods: Document, **more: Any) -> Document:
    fill(db, buyer, *((each, 1) for each in goods))
    return place(client, **more)


def old_order(db: Database, buyer: Document, seller: Document, **fields: Any) -> Document:
    """Store an order as the existing system wrote it: doubles, no parts."""
    document = {
        "_id": ObjectId(), "userId": buyer["_id"], "orderNumber": f"ORD-OLD-{str(ObjectId())[-6:].upper()}",
        "items": [{"productId": ObjectId(), "storeId": ObjectId(), "name": "Old", "price": 9.99, "quantity": 1,
                   "total": 9.99, "variant": {"size": "L"}}],
        "subtotal": 9.99, "tax": 1.0, "shipping": 5.99, "discount": 0, "total": 16.98, "currency": "USD",
        "shippingAddress": {"fullName": "Ada", "city": "London"}, "paymentMethod": "card", "paymentStatus": "paid",
        "status": "shipped", "statusHistory": [{"status": "pending", "timestamp": clock.now()}],
        "sellerId": seller["_id"], "createdAt": clock.now() - timedelta(days=40), "updatedAt": clock.now(),
    } | fields  # fmt: skip
    db["orders"].insert_one(document)
    return document


def listed(client: FlaskClient, path: str) -> Document:
    answer = client.get(path)
    assert answer.status_code == 200, answer.json
    data: Document = answer.json["data"]
    return data


def test_the_newest_comes_first_and_totals_are_those_of_the_filter(
    app: Flask, as_una: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    numbers = [bought(as_una, db, una, mug)["orderNumber"] for _ in range(3)]
    other = make_user(db)
    bought(client_of(app, other), db, other, mug)
    cancelled = bought(as_una, db, una, mug)
    as_una.put(f"/api/orders/{cancelled['_id']}/cancel")
    data = listed(as_una, "/api/orders?status=confirmed&limit=2")
    assert [order["orderNumber"] for order in data["orders"]] == numbers[:0:-1]
    assert (data["pagination"]["total"], data["pagination"]["pages"]) == (3, 2)
    rest = listed(as_una, f"/api/orders?status=confirmed&limit=2&cursor={data['pagination']['nextCursor']}")
    assert [order["orderNumber"] for order in rest["orders"]] == numbers[:1]
    assert listed(as_una, "/api/orders")["pagination"]["total"] == 4


def test_an_order_is_found_by_its_id_and_by_its_number(
    as_una: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    order = bought(as_una, db, una, mug)
    for text in (order["_id"], order["orderNumber"], order["orderNumber"].lower()):
        assert listed(as_una, f"/api/orders/{text}")["order"] == order
    assert as_una.get("/api/orders/ORD-1").status_code == 404


def test_an_order_from_before_reads_right_and_moves_without_money(
    as_una: FlaskClient, as_sam: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, sam: Document
) -> None:
    old = old_order(db, una, sam)
    order = listed(as_una, f"/api/orders/{old['_id']}")["order"]
    assert (order["total"], order["fulfilments"][0]["amount"], order["fulfilments"][0]["status"]) == (
        16.98,
        16.98,
        "shipped",
    )
    assert order["shippingAddress"]["phone"] is None
    assert moved(as_sam, order, "delivered")["status"] == "delivered"
    assert db["transactions"].count_documents({}) == 0
    answer = as_admin.post(f"/api/orders/admin/{old['_id']}/refund", json={"reason": "Broken"})
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_refundable")
    assert stored(db, order)["paymentStatus"] == "paid"


def test_a_seller_sees_what_concerns_them_of_each_order(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, sam: Document, other_store: Document,
    mug: Document,
) -> None:  # fmt: skip
    bowl = make_product(db, other_store, price=20.0)
    both = bought(as_una, db, una, mug, bowl)
    bought(as_una, db, una, bowl)
    moved(as_sam, both, "processing")
    data = listed(as_sam, "/api/orders/seller")
    (order,) = data["orders"]
    assert ([item["name"] for item in order["items"]], order["status"]) == ([mug["name"]], "processing")
    assert (order["subtotal"], order["paymentId"], order["sellerId"]) == (10.0, None, str(sam["_id"]))
    assert {step["storeId"] for step in order["statusHistory"]} == {None, str(mug["storeId"])}
    assert data["pagination"]["total"] == 1
    assert listed(as_sam, "/api/orders/seller?status=confirmed")["orders"] == []
    assert as_una.get("/api/orders/seller").status_code == 403


@pytest.mark.parametrize("search", ["number", "beginning", "id", "username", "email"])
def test_administrators_find_orders_by_number_and_buyer(
    app: Flask, as_una: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, mug: Document, search: str
) -> None:
    order = bought(as_una, db, una, mug)
    other = make_user(db)
    bought(client_of(app, other), db, other, mug)
    number = order["orderNumber"]
    texts = {"number": number, "beginning": number[:-2].lower(), "id": order["_id"], "username": una["username"],
             "email": una["email"]}  # fmt: skip
    data = listed(as_admin, f"/api/orders/admin/all?search={texts[search]}")
    assert [(each["orderNumber"], each["user"]["username"]) for each in data["orders"]] == [(number, una["username"])]
    assert data["pagination"]["total"] == 1


def test_what_is_searched_for_never_becomes_an_expression(
    as_una: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    bought(as_una, db, una, mug)
    for text in ("ORD-.*", ".*", "ORD-[", "$where"):
        assert listed(as_admin, f"/api/orders/admin/all?search={text}")["orders"] == []


def test_figures_count_by_status_and_leave_out_what_was_given_back(
    as_una: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, sam: Document, mug: Document
) -> None:
    give(una["_id"], 100_00, "USD")
    bought(as_una, db, una, mug, method="wallet")
    refunded = bought(as_una, db, una, mug, method="wallet")
    as_una.put(f"/api/orders/{refunded['_id']}/cancel")
    bought(as_una, db, una, mug)
    old_order(db, una, sam)
    found = listed(as_admin, "/api/orders/admin/stats")
    assert (found["total"], found["confirmed"], found["cancelled"], found["shipped"], found["today"]) == (4, 2, 1, 1, 3)
    assert (found["revenue"], found["currency"]) == (33.97, "USD")


def test_an_invoice_says_what_was_bought_and_escapes_it(
    as_una: FlaskClient, as_sam: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, store: Document,
    other_store: Document,
) -> None:  # fmt: skip
    nasty = make_product(db, store, name="<script>alert(1)</script>", price=10.0)
    bowl = make_product(db, other_store, name="Bowl", price=20.0)
    order = bought(as_una, db, una, nasty, bowl)
    for client in (as_una, as_admin):
        answer = client.get(f"/api/orders/{order['_id']}/invoice")
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        assert "<script" not in answer.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
        assert (order["orderNumber"] in answer.text, "Bowl" in answer.text, "38.99 USD" in answer.text) == (True,) * 3
        nonce = answer.text.partition('nonce="')[2].partition('"')[0]
        assert f"style-src 'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    of_seller = as_sam.get(f"/api/orders/{order['_id']}/invoice").text
    assert ("alert(1)" in of_seller, "Bowl" in of_seller) == (True, False)


def test_every_list_uses_its_index(
    as_una: FlaskClient, as_sam: FlaskClient, as_admin: FlaskClient, app: Flask, db: Database, ops_db: Database,
    una: Document, sam: Document, mug: Document,
) -> None:  # fmt: skip
    for _ in range(30):
        old_order(db, make_user(db), make_user(db), fulfilments=[{"sellerId": sam["_id"], "status": "shipped"}])
    order = bought(as_una, db, una, mug, method="card")
    first = listed(as_una, "/api/orders?limit=1")
    with plans.profiled(db) as entries:
        for client, paths in (
            (as_una, ["", "?status=pending", "?page=2", f"/{order['_id']}", f"/{order['orderNumber']}",
                      f"/{order['_id']}/track", f"/{order['_id']}/invoice"]),
            (as_sam, ["/seller", "/seller?status=shipped", "/seller?limit=1&page=3"]),
            (as_admin, ["/admin/all", "/admin/all?status=shipped", "/admin/all?paymentStatus=paid",
                        "/admin/all?status=shipped&paymentStatus=paid", f"/admin/all?search={una['username']}",
                        "/admin/all?search=ORD-OLD", "/admin/stats", f"/admin/{order['_id']}"]),
        ):  # fmt: skip
            for path in paths:
                listed(client, f"/api/orders{path}") if "invoice" not in path else client.get(f"/api/orders{path}")
        moved(as_admin, order, "cancelled")
    assert first["pagination"]["total"] == 1
    assert plans.faults(entries) == []


def test_upkeep_looks_by_indexes(
    app: Flask, as_una: FlaskClient, db: Database, una: Document, sam: Document, mug: Document
) -> None:
    bought(as_una, db, una, mug, method="card")
    db["orders"].update_many({}, {"$set": {"expiresAt": clock.now() - timedelta(hours=1)}})
    with plans.profiled(db) as entries, app.app_context():
        assert upkeep.look_after() == (1, 0)
    assert plans.faults(entries) == []
