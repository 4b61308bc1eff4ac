"""Coupons in a cart: applied, taken out, refused with the reason."""

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.cart.reading import cart_of
from tests.factories.commerce import make_coupon
from tests.factories.products import make_product


@pytest.mark.parametrize("path", ["/api/cart/apply-coupon", "/api/coupons/apply"])
def test_a_coupon_is_applied_and_removed(as_una: FlaskClient, db: Database, path: str) -> None:
    as_una.post("/api/cart/add", json={"productId": str(make_product(db, price=30)["_id"])})
    make_coupon(db, "WELCOME10")
    cart = as_una.post(path, json={"code": " welcome10 "}).json["data"]["cart"]
    assert (cart["discount"], cart["couponCode"], cart["tax"]) == (3, "WELCOME10", 2.7)
    assert as_una.post(path, json={"code": "WELCOME10"}).json["data"]["cart"]["discount"] == 3
    assert cart_of(as_una)["coupons"][0]["amount"] == 3
    assert as_una.delete("/api/cart/remove-coupon?code=other").json["data"]["cart"]["discount"] == 3
    assert as_una.delete("/api/cart/remove-coupon").json["data"]["cart"]["discount"] == 0
    assert cart_of(as_una)["coupons"] == []


def test_coupons_that_are_not_good_are_refused_with_the_reason(as_una: FlaskClient, db: Database) -> None:
    make_coupon(db, "FIFTY", minPurchase=50)
    make_coupon(db, "ALONE")
    make_coupon(db, "OTHER", isStackable=True)
    apply = "/api/cart/apply-coupon"
    assert as_una.post(apply, json={"code": "ALONE"}).json["reason"] == "not_applicable"
    as_una.post("/api/cart/add", json={"productId": str(make_product(db, price=30)["_id"])})
    assert as_una.post(apply, json={"code": "NEVER"}).status_code == 404
    assert as_una.post(apply, json={"code": "FIFTY"}).json["reason"] == "minimum"
    assert as_una.post(apply, json={"code": "ALONE"}).status_code == 200
    assert as_una.post(apply, json={"code": "OTHER"}).json["reason"] == "not_stackable"


def test_asking_whether_a_coupon_is_good_changes_nothing(as_una: FlaskClient, db: Database) -> None:
    as_una.post("/api/cart/add", json={"productId": str(make_product(db, price=30)["_id"])})
    make_coupon(db, "GOOD", value=20)
    make_coupon(db, "BAD", isActive=False)
    asked = {code: as_una.post("/api/coupons/validate", json={"code": code}).json["data"] for code in
             ("GOOD", "BAD", "NEVER")}  # fmt: skip
    assert {code: (data["valid"], data["reason"], data["discount"]) for code, data in asked.items()} == {
        "GOOD": (True, None, 6), "BAD": (False, "inactive", 0), "NEVER": (False, "not_found", 0),
    }  # fmt: skip
    assert cart_of(as_una)["discount"] == 0
