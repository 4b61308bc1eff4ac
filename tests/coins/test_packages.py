"""Coin packages: what is for sale, and what administrators do with the shelf."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.coins.routes.administering import PATHS
from mixillo.core import clock
from tests.contracts.test_errors import assert_problem
from tests.factories.auth import client_of
from tests.factories.payments import buy, make_package
from tests.factories.users import unknown_id
from tests.plans import faults, profiled

NEW = {"name": "500 coins", "coins": 500, "bonusCoins": 25, "price": 4.99}
Document = dict[str, Any]


def on_sale(client: FlaskClient, path: str = "/api/coins/packages") -> list[str]:
    return [each["_id"] for each in client.get(path).json["data"]["packages"]]


def create(admin: FlaskClient, **fields: Any) -> Document:
    answer = admin.post(PATHS[0], json=NEW | fields)
    assert answer.status_code == 201, answer.json
    package: Document = answer.json["data"]["package"]
    return package


def pay(client: FlaskClient, package: Document) -> None:
    payment = buy(client, package)["payment"]
    assert client.post(f"/api/payments/{payment['_id']}/sandbox/complete").status_code == 200


def test_everybody_sees_what_is_for_sale_in_its_order(app: Flask, db: Database) -> None:
    second = make_package(db, sortOrder=2)
    first = make_package(db, sortOrder=1, isPopular=True, validUntil=clock.now() + timedelta(hours=1))
    for hidden in ({"isActive": False}, {"deletedAt": clock.now()}, {"validUntil": clock.now() - timedelta(hours=1)}):
        package = make_package(db, isPopular=True, **hidden)
        assert_problem(client_of(app).get(f"/api/coins/packages/{package['_id']}"), 404)
    anybody = client_of(app)
    assert on_sale(anybody) == [str(first["_id"]), str(second["_id"])]
    assert on_sale(anybody, "/api/coins/packages/featured") == [str(first["_id"])]
    shown = anybody.get(f"/api/coins/packages/{first['_id']}").json["data"]["package"]
    assert (shown["coins"], shown["coinAmount"], shown["totalCoins"], shown["price"]) == (500, 500, 525, 4.99)
    assert (shown["popular"], shown["active"], shown["isLimitedTime"]) == (True, True, True)
    assert "purchaseCount" not in shown


def test_a_list_that_did_not_change_is_a_304_and_one_that_did_is_not(app: Flask, db: Database) -> None:
    make_package(db)
    first = client_of(app).get("/api/coins/packages")
    headers = {"If-None-Match": first.headers["ETag"]}
    assert client_of(app).get("/api/coins/packages", headers=headers).status_code == 304
    make_package(db)
    assert client_of(app).get("/api/coins/packages", headers=headers).status_code == 200


def test_the_old_path_says_where_the_new_one_is(app: Flask, db: Database) -> None:
    make_package(db)
    answer = client_of(app).get("/api/coins/coins/packages")
    assert answer.headers["Link"] == '</api/coins/packages>; rel="successor-version"'
    assert len(answer.json["data"]["packages"]) == 1


def test_packages_of_the_existing_system_are_read(app: Flask, db: Database) -> None:
    old = {"name": "Old", "coins": 100, "price": 0.99, "currency": "USD", "isActive": True, "purchaseCount": 7}
    db["coinpackages"].insert_one(old)
    (shown,) = client_of(app).get("/api/coins/packages").json["data"]["packages"]
    assert (shown["price"], shown["bonusCoins"], shown["sortOrder"]) == (0.99, 0, 0)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_dashboards_leads_to_the_same_shelf(app: Flask, admin: FlaskClient, path: str) -> None:
    body = {"name": "100 coins", "coinAmount": 100, "price": 0.99, "popular": True, "active": True}
    made = admin.post(path, json=body)
    package = made.json["data"]["package"]
    assert (made.status_code, package["coins"], package["isPopular"]) == (201, 100, True)
    assert client_of(app).get(made.headers["Location"]).json["data"]["package"]["_id"] == package["_id"]
    one = f"{path}/{package['_id']}"
    changed = admin.put(one, json={"coinAmount": 120, "price": 1.09}).json["data"]["package"]
    assert (changed["coins"], changed["price"], changed["name"]) == (120, 1.09, "100 coins")
    assert admin.patch(f"{one}/toggle").json["data"]["package"]["active"] is False
    assert [each["_id"] for each in admin.get(f"{path}?status=inactive").json["data"]["packages"]] == [package["_id"]]
    assert admin.get(f"{path}?status=active").json["data"]["packages"] == []
    assert admin.get(f"{path}/stats").json["data"]["stats"]["totalPackages"] == 1
    assert admin.get(f"{path}/transactions").json["data"]["transactions"] == []
    assert admin.delete(one).json["data"] == {"deleted": True, "wasBought": False}
    assert_problem(admin.delete(one), 404)


def test_every_change_is_in_the_audit_log(admin: FlaskClient, ops_db: Database) -> None:
    package = create(admin)
    one = f"{PATHS[0]}/{package['_id']}"
    admin.put(one, json={"price": 3.99})
    admin.patch(f"{one}/toggle")
    admin.delete(one)
    found = list(ops_db["auditlog"].find({"target": "coinpackages"}, sort=[("createdAt", 1), ("_id", 1)]))
    assert [each["action"] for each in found] == [
        "coin_package.created", "coin_package.changed", "coin_package.changed", "coin_package.removed",
    ]  # fmt: skip
    assert {str(each["targetId"]) for each in found} == {package["_id"]}
    assert [str(found[1]["changes"][side]["price"]) for side in ("before", "after")] == ["4.99", "3.99"]


def test_one_that_was_bought_stays_in_the_books_and_leaves_every_list(
    admin: FlaskClient, client: FlaskClient, db: Database
) -> None:
    package = create(admin)
    pay(client, package)
    assert admin.delete(f"{PATHS[0]}/{package['_id']}").json["data"] == {"deleted": True, "wasBought": True}
    assert on_sale(client) == []
    assert admin.get(PATHS[0]).json["data"]["packages"] == []
    assert db["coinpackages"].find_one()["deletedAt"]
    for answer in (
        client.post("/api/coins/purchase", json={"packageId": package["_id"]}),
        admin.put(f"{PATHS[0]}/{package['_id']}", json={"price": 1}),
        admin.patch(f"{PATHS[0]}/{package['_id']}/toggle"),
    ):
        assert_problem(answer, 404)


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"name": ""}, ["name"]),
        ({"coins": 0}, ["coins"]),
        ({"coins": 1.5}, ["coins"]),
        ({"coins": "5"}, ["coins"]),
        ({"coinAmount": 5}, ["coinAmount"]),
        ({"bonusCoins": -1}, ["bonusCoins"]),
        ({"price": 0}, ["price"]),
        ({"price": -1}, ["price"]),
        ({"price": 1.999}, ["price"]),
        ({"price": "1"}, ["price"]),
        ({"currency": "coins"}, ["currency"]),
        ({"isPopular": "yes"}, ["isPopular"]),
        ({"imageUrl": "javascript:alert(1)"}, ["imageUrl"]),
        ({"purchaseCount": 5}, ["purchaseCount"]),
        ({"_id": "64b7f3a2c9e77a0012ab34cd"}, ["_id"]),
        ({"$set": {"price": 1}}, ["$set"]),
        ({"price": {"$gt": 0}}, ["price"]),
    ],
)
def test_a_package_is_refused_field_by_field(
    admin: FlaskClient, db: Database, wrong: Document, fields: list[str]
) -> None:
    problem = assert_problem(admin.post(PATHS[0], json=NEW | wrong), 400)
    assert [error["field"] for error in problem["errors"]] == fields
    package = make_package(db)
    assert_problem(admin.put(f"{PATHS[0]}/{package['_id']}", json={"coins": 5} | wrong), 400)
    assert db["coinpackages"].find_one({"_id": package["_id"]}) == package


def test_another_currency_needs_another_price(admin: FlaskClient) -> None:
    one = f"{PATHS[0]}/{create(admin)['_id']}"
    assert_problem(admin.put(one, json={"currency": "EUR"}), 400)
    assert admin.put(one, json={"currency": "EUR", "price": 4.49}).json["data"]["package"]["currency"] == "EUR"


def test_only_administrators_touch_the_shelf(app: Flask, client: FlaskClient, db: Database) -> None:
    package = make_package(db)
    for path in PATHS:
        one = f"{path}/{package['_id']}"
        for method, target in (
            ("get", path), ("post", path), ("get", f"{path}/stats"), ("get", f"{path}/transactions"),
            ("put", one), ("delete", one), ("patch", f"{one}/toggle"),
        ):  # fmt: skip
            assert_problem(getattr(client, method)(target), 403)
            assert_problem(getattr(client_of(app), method)(target), 401)
    assert db["coinpackages"].find_one() == package


def test_figures_come_from_the_payments(app: Flask, admin: FlaskClient, db: Database, client: FlaskClient) -> None:
    cheap, dear = make_package(db, price="1.00", purchaseCount=999), make_package(db, price="9.99")
    euros = make_package(db, price="5.00", currency="EUR")
    for package in (cheap, cheap, cheap, dear, euros):
        pay(client, package)
    buy(client, dear)  # and does not pay
    last = db["payments"].find_one({"metadata.packageId": dear["_id"], "status": "completed"})
    refund = {"amount": 4.99, "reason": "Bought by mistake"}
    assert admin.post(f"/api/payments/{last['_id']}/refund", json=refund).status_code == 200
    old = clock.now() - timedelta(days=31)
    db["payments"].update_one({"metadata.packageId": cheap["_id"]}, {"$set": {"completedAt": old}})
    stats = admin.get(f"{PATHS[0]}/stats").json["data"]["stats"]
    assert {name: stats[name] for name in ("totalPurchases", "totalTransactions", "totalPackages")} == {
        "totalPurchases": 5, "totalTransactions": 6, "totalPackages": 3,
    }  # fmt: skip
    assert (stats["revenue"], stats["totalRevenue"]) == ({"USD": 8.0, "EUR": 5.0}, 8.0)
    assert stats["revenueLastMonth"] == 7.0
    assert stats["popularPackage"] == stats["topPackages"][0]["name"] == cheap["name"]
    listed = {each["_id"]: each for each in admin.get(PATHS[0]).json["data"]["packages"]}
    assert listed[str(cheap["_id"])]["purchaseCount"] == 3
    assert listed[str(dear["_id"])]["revenue"] == 5.0
    bought = admin.get(f"{PATHS[0]}/transactions?status=pending").json["data"]["transactions"]
    assert [each["metadata"]["packageId"] for each in bought] == [str(dear["_id"])]


def test_unknown_packages_are_not_there(admin: FlaskClient) -> None:
    for method, rule in (("put", ""), ("delete", ""), ("patch", "/toggle")):
        assert_problem(getattr(admin, method)(f"{PATHS[0]}/{unknown_id()}{rule}", json={}), 404)


def test_no_list_reads_more_than_it_shows(app: Flask, admin: FlaskClient, client: FlaskClient, db: Database) -> None:
    package = make_package(db, isPopular=True)
    pay(client, package)
    with profiled(db) as entries:
        for path in ("", "/featured", f"/{package['_id']}"):
            assert client_of(app).get(f"/api/coins/packages{path}").status_code == 200
        for path in ("", "?status=active", "/stats", "/transactions"):
            assert admin.get(f"{PATHS[0]}{path}").status_code == 200
        assert client.get("/api/coins/transactions").status_code == 200
        assert client.get("/api/coins/balance").status_code == 200
        assert client.get("/api/coins/earnings").status_code == 200
        assert client.post("/api/wallet/coins/buy", json={"coins": 500}).status_code == 201
        assert admin.delete(f"{PATHS[0]}/{package['_id']}").status_code == 200
    assert entries
    assert faults(entries) == []
