"""Zones, methods, rates, and what they add up to."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.commerce import make_method, make_zone
from tests.factories.products import make_product, make_store
from tests.factories.users import unknown_id

Document = dict[str, Any]
METHOD = {"name": "Express", "code": "express", "type": "express", "cost": 14.9, "estimatedDays": 1}


def costs(client: FlaskClient, product: Document, country: str | None = None, quantity: int = 1) -> dict[str, float]:
    body = {"items": [{"productId": str(product["_id"]), "quantity": quantity}]} | (
        {"country": country} if country else {}
    )
    answer = client.post("/api/shipping/calculate", json=body)
    assert answer.status_code == 200, answer.json
    return {option["code"]: option["cost"] for option in answer.json["data"]["options"]}


def test_without_methods_there_is_the_flat_rate(as_una: FlaskClient, db: Database) -> None:
    assert costs(as_una, make_product(db, price=50)) == {"standard": 5.99}
    assert costs(as_una, make_product(db, price=50.01)) == {"standard": 0}


def test_methods_go_where_their_zones_are(as_una: FlaskClient, db: Database) -> None:
    make_zone(db, "EU", "DE", "FR")
    make_zone(db, "Off", "US", isActive=False)
    make_method(db, "eu", 4, zonesSupported=["EU"])
    make_method(db, "us", 9.5, zonesSupported=["US", "Off"])
    make_method(db, "world", 20, type="express")
    make_method(db, "off", 1, isActive=False)
    mug = make_product(db)
    assert costs(as_una, mug, "DE") == {"eu": 4, "world": 20}
    assert costs(as_una, mug, "US") == {"us": 9.5, "world": 20}
    assert costs(as_una, mug, "JP") == {"world": 20}
    assert list(costs(as_una, mug)) == ["eu", "us", "world"]
    methods = as_una.get("/api/shipping/methods?country=DE").json["data"]["methods"]
    assert [method["code"] for method in methods] == ["eu", "world"]
    assert [zone["name"] for zone in as_una.get("/api/shipping/zones").json["data"]["zones"]] == ["EU"]


def test_who_is_in_a_hurry_pays_unless_the_method_says_otherwise(as_una: FlaskClient, db: Database) -> None:
    make_method(db, "economy", 3.0, type="economy")
    make_method(db, "express", 15.0, type="express")
    make_method(db, "night", 25.0, type="overnight", freeAbove=100)
    assert costs(as_una, make_product(db, price=60)) == {"economy": 0, "express": 15, "night": 25}
    assert costs(as_una, make_product(db, price=100)) == {"economy": 0, "express": 15, "night": 25}
    assert costs(as_una, make_product(db, price=101)) == {"economy": 0, "express": 15, "night": 0}


def test_a_stores_own_method_is_for_its_goods_alone(as_una: FlaskClient, db: Database) -> None:
    store = make_store(db)
    make_method(db, "bike", 1.0, storeId=store["_id"])
    assert costs(as_una, make_product(db, store)) == {"bike": 1, "standard": 5.99}
    assert costs(as_una, make_product(db)) == {"standard": 5.99}
    make_method(db, "post", 5.0)
    assert costs(as_una, make_product(db, store)) == {"bike": 1, "post": 5}
    assert costs(as_una, make_product(db)) == {"post": 5}


def test_rates_come_before_the_cost_the_most_special_first(as_admin: FlaskClient, db: Database) -> None:
    make_zone(db, "EU", "DE", "FR")
    method = make_method(db, "post", 30, type="express")
    rates = [
        {"rateType": "flat", "baseRate": {"amount": 12}},
        {"rateType": "flat", "baseRate": {"amount": 8, "currency": "USD"}, "toLocation": {"zones": ["EU"]}},
        {"rateType": "flat", "baseRate": {"amount": 9, "currency": "GBP"}, "toLocation": {"country": "FR"}},
        {"rateType": "weight_based", "baseRate": {"amount": 1}, "toLocation": {"country": "DE"},
         "weightRates": [{"minWeight": 0, "maxWeight": 2, "rate": 2.5},
                         {"minWeight": 2, "rate": 4, "additionalWeightRate": 1.5}]},
        {"rateType": "value_based", "toLocation": {"country": "JP"},
         "valueRates": [{"minValue": 0, "maxValue": 100, "rate": 10, "isPercentage": True}]},
        {"rateType": "flat", "baseRate": {"amount": 1}, "toLocation": {"country": "CA"}, "isActive": False},
        {"rateType": "flat", "baseRate": {"amount": 2}, "toLocation": {"country": "CA"},
         "conditions": {"minOrderValue": 200}},
    ]  # fmt: skip
    for rate in rates:
        answer = as_admin.post("/api/shipping/rates", json=rate | {"shippingMethodId": str(method["_id"])})
        assert answer.status_code == 201, answer.json
    mug = make_product(db, price=33.33, weight=1.5)
    asked = {country: costs(as_admin, mug, country)["post"] for country in ("US", "FR", "DE", "JP", "CA")}
    assert asked == {"US": 12, "FR": 8, "DE": 3.5, "JP": 3.33, "CA": 12}
    assert costs(as_admin, mug, "DE", quantity=2)["post"] == 1 + 4 + 1.5
    assert costs(as_admin, mug, "JP", quantity=4)["post"] == 12
    assert costs(as_admin, mug, "CA", quantity=8)["post"] == 2


def test_rates_by_distance_of_the_existing_system_do_not_apply(as_una: FlaskClient, db: Database) -> None:
    method = make_method(db, "post", 7)
    db["shippingrates"].insert_one(
        {"rateId": "old", "shippingMethodId": method["_id"], "rateType": "distance_based", "baseRate": {"amount": 1.0}}
    )
    assert costs(as_una, make_product(db)) == {"post": 7}


def test_without_items_it_is_the_cart_that_is_shipped(as_una: FlaskClient, db: Database) -> None:
    make_method(db, "post", 7, type="express")
    assert as_una.post("/api/shipping/calculate", json={}).json["data"]["options"] == []
    as_una.post("/api/cart/add", json={"productId": str(make_product(db, price=10)["_id"]), "quantity": 2})
    found = as_una.post("/api/shipping/calculate", json={"country": "DE"}).json["data"]
    assert (found["subtotal"], found["options"][0]["cost"]) == (20, 7)
    cart = as_una.get("/api/cart?country=DE&shippingMethod=post").json["data"]["cart"]
    assert (cart["shipping"], cart["shippingMethod"]["code"]) == (7, "post")
    assert as_una.get("/api/cart?shippingMethod=ufo").json["code"] == "shipping_method_not_available"
    assert as_una.get("/api/cart/summary?shippingMethod=ufo").status_code == 409


def test_administrators_look_after_it_on_the_record(as_admin: FlaskClient, db: Database, ops_db: Database) -> None:
    zone = as_admin.post("/api/shipping/zones", json={"name": "EU", "countries": ["DE"]})
    method = as_admin.post("/api/shipping/methods", json=METHOD | {"zonesSupported": ["EU"]})
    method_id = method.json["data"]["method"]["_id"]
    flat = {"shippingMethodId": method_id, "rateType": "flat", "baseRate": {"amount": 3}}
    rate = as_admin.post("/api/shipping/rates", json=flat | {"toLocation": {"zones": ["EU"]}})
    for made, kind in ((zone, "zone"), (method, "method"), (rate, "rate")):
        assert made.status_code == 201, made.json
        assert as_admin.get(made.headers["Location"]).json["data"][kind] == made.json["data"][kind]
    assert as_admin.delete(zone.headers["Location"]).json["code"] == "shipping_zone_in_use"
    as_admin.put(zone.headers["Location"], json={"name": "Europe"})
    assert db["shippingmethods"].find_one()["zonesSupported"] == ["Europe"]
    assert db["shippingrates"].find_one()["toLocation"]["zones"] == ["Europe"]
    changed = as_admin.put(method.headers["Location"], json={"cost": 12.5, "freeAbove": 80, "zonesSupported": []})
    assert (changed.json["data"]["method"]["cost"], changed.json["data"]["method"]["freeAbove"]) == (12.5, 80)
    assert as_admin.put(rate.headers["Location"], json={"isActive": False}).json["data"]["rate"]["isActive"] is False
    for path, kind in (("admin/zones", "zones"), ("admin/methods", "methods"), ("rates", "rates"),
                       (f"rates?shippingMethodId={method_id}", "rates")):  # fmt: skip
        assert len(as_admin.get(f"/api/shipping/{path}").json["data"][kind]) == 1
    assert as_admin.delete(method.headers["Location"]).status_code == 200
    assert db["shippingrates"].count_documents({}) == 0
    assert as_admin.delete(zone.headers["Location"]).status_code == 200
    assert as_admin.delete(rate.headers["Location"]).status_code == 404
    actions = [entry["action"] for entry in ops_db["auditlog"].find().sort("_id")]
    assert actions == [
        "shipping_zone.created", "shipping_method.created", "shipping_rate.created", "shipping_zone.changed",
        "shipping_method.changed", "shipping_rate.changed", "shipping_method.removed", "shipping_zone.removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("zones", {"name": "EU", "countries": ["Germany"]}), ("zones", {"countries": ["DE"]}),
        ("methods", METHOD | {"cost": -1}), ("methods", METHOD | {"cost": 1.005}),
        ("methods", METHOD | {"zonesSupported": ["Moon"]}), ("methods", METHOD | {"storeId": str(unknown_id())}),
        ("methods", METHOD | {"code": "A b"}), ("methods", METHOD | {"cost": "NaN"}),
        ("rates", {"shippingMethodId": str(unknown_id()), "rateType": "flat"}),
        ("rates", {"shippingMethodId": str(unknown_id()), "rateType": "distance_based"}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(as_admin: FlaskClient, path: str, body: Document) -> None:
    assert as_admin.post(f"/api/shipping/{path}", json=body).status_code == 400


def test_codes_of_methods_are_unique(as_admin: FlaskClient, db: Database) -> None:
    make_method(db, "express", 5)
    assert as_admin.post("/api/shipping/methods", json=METHOD).json["code"] == "shipping_code_taken"
    other = make_method(db, "slow", 5)
    path = f"/api/shipping/methods/{other['_id']}"
    assert as_admin.put(path, json={"code": "express"}).json["code"] == "shipping_code_taken"


def test_only_administrators_look_after_shipping(as_una: FlaskClient, app: Flask, db: Database) -> None:
    method = make_method(db, "post", 5)
    assert as_una.post("/api/shipping/methods", json=METHOD).status_code == 403
    assert as_una.put(f"/api/shipping/methods/{method['_id']}", json={"cost": 0}).status_code == 403
    assert client_of(app).delete(f"/api/shipping/methods/{method['_id']}").status_code == 401
    assert as_una.get("/api/shipping/rates").status_code == 403
