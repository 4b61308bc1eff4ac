"""Coupons as everybody, their users and administrators see them."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.commerce import make_coupon
from tests.factories.products import make_category, make_product
from tests.factories.users import make_user, unknown_id

Document = dict[str, Any]
NEW = {"code": "summer15", "type": "percentage", "value": 15, "minPurchase": 30, "maxDiscount": 20.5, "usageLimit": 2}


def codes(client: FlaskClient, path: str, of: str = "coupons") -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.json
    return [each["code"] for each in answer.json["data"][of]]


def stored_use(db: Database, coupon: Document, user: Document, **fields: Any) -> None:
    use = {"couponId": coupon["_id"], "userId": user["_id"], "orderId": ObjectId(), "code": coupon["code"]}
    db["couponuses"].insert_one(use | {"amount": 4.5, "currency": "EUR", "createdAt": clock.now()} | fields)


def test_lists_show_what_can_be_used_now_and_nothing_secret(as_una: FlaskClient, db: Database) -> None:
    now = clock.now()
    make_coupon(db, "OPEN", validFrom=now - timedelta(days=1), validUntil=now + timedelta(days=1), usageLimit=9)
    make_coupon(db, "STAR", isFeatured=True)
    for hidden in (
        {"isPublic": False}, {"isActive": False}, {"validUntil": now - timedelta(seconds=1)},
        {"validFrom": now + timedelta(hours=1)}, {"usageLimit": 1, "usageCount": 1},
    ):  # fmt: skip
        make_coupon(db, **hidden)
    assert codes(as_una, "/api/coupons") == ["STAR", "OPEN"]
    assert codes(as_una, "/api/coupons/featured") == ["STAR"]
    assert codes(as_una, "/api/coupons/search?q=op") == ["OPEN"]
    assert codes(as_una, "/api/coupons/search?q=.*") == []
    (first, _) = as_una.get("/api/coupons").json["data"]["coupons"]
    assert not {"usageCount", "usageLimit", "isPublic"} & set(first)


def test_one_sees_which_coupons_one_may_still_use(as_una: FlaskClient, una: Document, db: Database) -> None:
    once, twice, free = make_coupon(db, perUserLimit=1), make_coupon(db, perUserLimit=2), make_coupon(db)
    for coupon in (once, twice, free):
        stored_use(db, coupon, una)
        stored_use(db, coupon, make_user(db))
    found = as_una.get("/api/coupons/my-coupons").json["data"]["coupons"]
    assert {each["code"]: each["usesLeft"] for each in found} == {twice["code"]: 1, free["code"]: None}


def test_one_sees_ones_own_uses_alone(as_una: FlaskClient, una: Document, db: Database) -> None:
    coupon = make_coupon(db)
    stored_use(db, coupon, una)
    stored_use(db, coupon, make_user(db))
    (use,) = as_una.get("/api/coupons/usage-history").json["data"]["uses"]
    assert (use["couponId"], use["code"], use["amount"], use["currency"]) == (
        str(coupon["_id"]), coupon["code"], 4.5, "EUR",
    )  # fmt: skip


def test_a_coupon_that_is_not_public_is_nobodys_but_the_administrators(
    as_una: FlaskClient, as_admin: FlaskClient, db: Database
) -> None:
    secret, open_one = make_coupon(db, isPublic=False), make_coupon(db)
    assert as_una.get(f"/api/coupons/{secret['_id']}").status_code == 404
    assert as_una.get(f"/api/coupons/{open_one['_id']}").json["data"]["coupon"]["code"] == open_one["code"]
    assert as_admin.get(f"/api/coupons/{secret['_id']}").json["data"]["coupon"]["isPublic"] is False
    assert as_admin.get(f"/api/coupons/{unknown_id()}").status_code == 404


def test_administrators_make_change_and_remove_coupons_on_the_record(
    as_admin: FlaskClient, db: Database, ops_db: Database
) -> None:
    made = as_admin.post("/api/coupons", json=NEW)
    assert made.status_code == 201
    coupon = made.json["data"]["coupon"]
    assert (coupon["code"], coupon["value"], coupon["maxDiscount"], coupon["usageCount"]) == ("SUMMER15", 15, 20.5, 0)
    path = made.headers["Location"]
    assert as_admin.get(path).json["data"]["coupon"] == coupon
    changed = as_admin.put(path, json={"value": 12.5, "maxDiscount": None}).json["data"]["coupon"]
    assert (changed["value"], changed["maxDiscount"], changed["minPurchase"]) == (12.5, None, 30)
    assert as_admin.post("/api/coupons", json=NEW | {"code": "SUMMER15"}).json["code"] == "coupon_code_taken"
    assert as_admin.delete(path).json["data"]["deleted"] is True
    assert db["coupons"].count_documents({}) == 0
    actions = [entry["action"] for entry in ops_db["auditlog"].find().sort("_id")]
    assert actions == ["coupon.created", "coupon.changed", "coupon.removed"]


def test_a_coupon_that_was_used_is_only_switched_off(as_admin: FlaskClient, db: Database) -> None:
    coupon = make_coupon(db, usageCount=1)
    answer = as_admin.delete(f"/api/coupons/{coupon['_id']}")
    assert answer.json["data"]["deleted"] is False
    assert db["coupons"].find_one()["isActive"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": 101}, {"value": 0}, {"value": 1.005}, {"type": "gift"}, {"code": "a b"}, {"usageLimit": 0},
        {"validFrom": "2026-02-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}, {"usageCount": 0},
        {"applicableProducts": ["64b7f3a2c9e77a0012ab34cd"]}, {"applicableCategories": ["64b7f3a2c9e77a0012ab34cd"]},
        {"minPurchase": -1}, {"currency": "coins"}, {"isActive": "yes"}, {"value": {"$gt": 0}},
    ],
)  # fmt: skip
def test_coupons_that_make_no_sense_are_refused(as_admin: FlaskClient, db: Database, wrong: Document) -> None:
    assert as_admin.post("/api/coupons", json=NEW | wrong).status_code == 400
    coupon = make_coupon(db, validFrom=clock.now())
    if "code" not in wrong:
        assert as_admin.put(f"/api/coupons/{coupon['_id']}", json=wrong).status_code == 400


def test_a_change_is_held_against_the_whole_coupon(as_admin: FlaskClient, db: Database) -> None:
    fixed = make_coupon(db, type="fixed", value=500)
    assert as_admin.put(f"/api/coupons/{fixed['_id']}", json={"type": "percentage"}).status_code == 400
    product, category = make_product(db), make_category(db)
    named = {"applicableProducts": [str(product["_id"])], "applicableCategories": [str(category["_id"])]}
    found = as_admin.put(f"/api/coupons/{fixed['_id']}", json=named).json["data"]["coupon"]
    assert found["applicableProducts"] == named["applicableProducts"]


def test_administrators_find_coupons_and_their_figures(as_admin: FlaskClient, una: Document, db: Database) -> None:
    off, old, used = (
        make_coupon(db, "OFF", isActive=False), make_coupon(db, "OLD", validUntil=clock.now() - timedelta(days=1)),
        make_coupon(db, "OLIVE", usageCount=2),
    )  # fmt: skip
    for amount, currency in ((1.5, "EUR"), (2.25, "EUR"), (3, "USD")):
        stored_use(db, used, una, amount=amount, currency=currency)
    assert codes(as_admin, "/api/coupons/admin/all") == ["OLIVE", "OLD", "OFF"]
    assert codes(as_admin, "/api/coupons/admin/all?isActive=false") == ["OFF"]
    assert codes(as_admin, "/api/coupons/admin/all?search=ol") == ["OLD", "OLIVE"]
    assert codes(as_admin, f"/api/coupons/admin/all?search={off['_id']}") == ["OFF"]
    figures = as_admin.get("/api/coupons/admin/stats").json["data"]
    assert figures == {
        "total": 3, "active": 1, "expired": 1, "inactive": 1, "uses": 2, "discounts": {"EUR": 3.75, "USD": 3},
    }  # fmt: skip
    assert old["code"] == "OLD"


def test_only_administrators_look_after_coupons(app: Flask, as_una: FlaskClient, db: Database) -> None:
    coupon = make_coupon(db)
    for client in (as_una, client_of(app, make_user(db, role="seller"))):
        assert client.post("/api/coupons", json=NEW).status_code == 403
        assert client.put(f"/api/coupons/{coupon['_id']}", json={"value": 99}).status_code == 403
        assert client.delete(f"/api/coupons/{coupon['_id']}").status_code == 403
        assert client.get("/api/coupons/admin/all").status_code == 403
