"""Every query of carts, coupons and shipping is found by an index, in the order that it is answered in."""

from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.coupons.models import CouponUse
from mixillo.blueprints.coupons.services.redeeming import Applied, give_back, redeem
from mixillo.core import clock
from mixillo.core.db import _ensured, transact
from tests.factories.auth import client_of
from tests.factories.commerce import make_coupon, make_method, make_rate, make_zone
from tests.factories.products import make_product
from tests.factories.users import make_user
from tests.plans import faults, profiled

Document = dict[str, Any]
TOKEN = "X-Cart-Token"
READS = [
    "/api/cart", "/api/cart/summary?country=DE", "/api/cart/items", "/api/coupons?limit=3", "/api/coupons/{coupon}",
    "/api/coupons/featured?limit=3", "/api/coupons/search?q=SAVE", "/api/coupons/my-coupons?limit=3",
    "/api/coupons/usage-history?limit=1", "/api/shipping/zones", "/api/shipping/methods",
    "/api/shipping/methods?country=DE",
]  # fmt: skip
ADMIN = [
    "/api/coupons/admin/all?limit=3", "/api/coupons/admin/all?isActive=true&limit=3", "/api/coupons/admin/stats",
    "/api/coupons/admin/all?search=SAVE&limit=2", "/api/coupons/admin/all?search={coupon}",
    "/api/coupons/admin/all?search=SAVE&isActive=true&limit=2",
    "/api/shipping/admin/zones?limit=1", "/api/shipping/admin/methods?limit=1", "/api/shipping/rates?limit=1",
    "/api/shipping/rates?shippingMethodId={method}&limit=1",
]  # fmt: skip


@pytest.fixture
def shop(app: Flask, db: Database, una: Document) -> Document:
    """Coupons of every kind, used by two people; zones, methods and rates; something in the cart."""
    db.drop_collection("couponuses")
    _ensured.discard(CouponUse.collection().full_name)
    for n in range(12):
        make_coupon(db, isFeatured=n % 2 == 0, isActive=n % 5 != 4, **({"isPublic": True} if n % 3 else {}))
    old = {"_id": ObjectId(), "code": "SAVEOLD", "type": "fixed", "value": 5.0, "createdAt": clock.now()}
    db["coupons"].insert_one(old)
    for coupon in db["coupons"].find({"isActive": True}):
        for user in (una, make_user(db)):
            applied = [Applied(coupon["_id"], coupon["code"], 150, "USD")]
            transact(lambda session, applied=applied, user=user: redeem(applied, user["_id"], ObjectId(), session))
    made = [make_zone(db, name, "DE") for name in "ABC"]
    methods = [make_method(db, f"m{n}", n, zonesSupported=[made[0]["name"]]) for n in range(4)]
    for method in methods:
        make_rate(db, method)
        make_rate(db, method, isActive=False)
    return {"coupon": db["coupons"].find_one({"isFeatured": True})["_id"], "method": methods[0]["_id"]}


def read_all(client: FlaskClient, paths: list[str], shop: Document, db: Database, ops_db: Database) -> list[Any]:
    """Read ``paths``, with the page behind where there is one, and return what was wrong about the plans."""
    wrong = []
    for path in (each.format(**shop) for each in paths):
        client.application.extensions["kept"].forget()
        with profiled(db, ops_db) as entries:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.json)
            if cursor := (answer.json["data"].get("pagination") or {}).get("nextCursor"):
                assert client.get(f"{path}&cursor={cursor}").status_code == 200
        wrong += [(path, fault) for fault in faults(entries)]
    return wrong


def test_reads_use_indexes(app: Flask, as_una: FlaskClient, db: Database, ops_db: Database, shop: Document) -> None:
    for _ in range(3):
        as_una.post("/api/cart/add", json={"productId": str(make_product(db)["_id"])})
    assert as_una.post("/api/cart/apply-coupon", json={"code": "saveold"}).status_code == 200
    assert read_all(as_una, READS, shop, db, ops_db) == []
    admin = client_of(app, make_user(db, role="admin"))
    assert read_all(admin, ADMIN, shop, db, ops_db) == []


def test_writes_use_indexes(app: Flask, as_una: FlaskClient, db: Database, ops_db: Database, shop: Document) -> None:
    guest, admin = client_of(app), client_of(app, make_user(db, role="admin"))
    mug, order = str(make_product(db, price=40)["_id"]), ObjectId()
    coupon = db["coupons"].find_one({"isActive": True})
    for each in range(20):
        db["carts"].insert_one({"_id": ObjectId(), "userId": ObjectId(), "items": [], "n": each})
        ops_db["guestcarts"].insert_one({"_id": ObjectId(), "items": [], "expiresAt": clock.now()})
    with profiled(db, ops_db) as entries:
        token = guest.post("/api/cart/items", json={"productId": mug}).headers[TOKEN]
        assert as_una.get("/api/cart", headers={TOKEN: token}).json["data"]["cart"]["itemsCount"] == 1
        item = as_una.post("/api/cart/items", json={"productId": mug}).json["data"]["item"]["_id"]
        made = {
            kind: admin.post(f"/api/{path}", json=body).headers["Location"]
            for kind, path, body in (
                ("coupon", "coupons", {"code": "NEW", "type": "fixed", "value": 5}),
                ("zone", "shipping/zones", {"name": "Z", "countries": ["JP"]}),
                ("method", "shipping/methods", {"name": "Z", "code": "zz", "cost": 1}),
                ("rate", "shipping/rates", {"shippingMethodId": str(shop["method"]), "rateType": "flat"}),
            )
        }
        for client, method, path, body in (
            (as_una, "put", f"/api/cart/items/{item}", {"quantity": 3}),
            (as_una, "post", "/api/cart/add", {"productId": mug}),
            (as_una, "put", "/api/cart/update", {"productId": mug, "quantity": 2}),
            (as_una, "post", "/api/coupons/validate", {"code": "new"}),
            (as_una, "post", "/api/coupons/apply", {"code": "new"}),
            (as_una, "delete", "/api/cart/remove-coupon", None), (as_una, "post", "/api/shipping/calculate", {}),
            (as_una, "delete", f"/api/cart/items/{item}", None), (as_una, "delete", "/api/cart", None),
            (admin, "put", made["coupon"], {"value": 6}), (admin, "delete", made["coupon"], None),
            (admin, "put", made["method"], {"cost": 2}), (admin, "delete", made["method"], None),
            (admin, "put", made["rate"], {"isActive": False}), (admin, "delete", made["rate"], None),
            (admin, "put", made["zone"], {"countries": ["CN"]}),
        ):  # fmt: skip
            answer = getattr(client, method)(path, json=body)
            assert answer.status_code == 200, (method, path, answer.json)
        applied = [Applied(coupon["_id"], coupon["code"], 150, "USD")]
        transact(lambda session: redeem(applied, ObjectId(), order, session))
        transact(lambda session: give_back(order, session))
    assert len(entries) > 60
    assert faults(entries) == []
