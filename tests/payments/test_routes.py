"""One's own payments, and nobody else's; what administrators see of all of them."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.payments.services import providers
from mixillo.config import PRODUCTION
from tests.contracts.test_errors import assert_problem
from tests.factories.auth import client_of
from tests.factories.payments import buy, make_package
from tests.factories.users import make_user
from tests.factories.wallets import balance
from tests.plans import faults, profiled

Document = dict[str, Any]


def test_one_sees_ones_own_payments_the_newest_first(
    app: Flask, client: FlaskClient, db: Database, payment: Document
) -> None:
    other = make_user(db)
    buy(client_of(app, other), make_package(db))
    newer = buy(client, make_package(db, 100, 0, "0.99"))["payment"]
    found = client.get("/api/payments").json["data"]
    assert [each["_id"] for each in found["payments"]] == [newer["_id"], payment["_id"]]
    assert found["payments"][0] == newer
    assert newer["metadata"]["coins"] == 100
    assert client.get("/api/payments?status=completed").json["data"]["payments"] == []
    assert len(client.get("/api/payments?type=coin_purchase&status=pending").json["data"]["payments"]) == 2


def test_a_list_continues_by_cursor(client: FlaskClient, db: Database) -> None:
    package = make_package(db)
    ids = [buy(client, package)["payment"]["_id"] for _ in range(5)]
    seen, query = [], "/api/payments?limit=2"
    while True:
        data = client.get(query).json["data"]
        seen += [each["_id"] for each in data["payments"]]
        if not data["pagination"]["hasMore"]:
            break
        query = f"/api/payments?limit=2&cursor={data['pagination']['nextCursor']}"
    assert sorted(seen) == sorted(ids)
    assert len(seen) == 5


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", "/sandbox/complete"), ("post", "/sandbox/fail")])
def test_somebody_elses_payment_is_not_there(
    app: Flask, db: Database, payer: Document, payment: Document, method: str, path: str
) -> None:
    stranger = client_of(app, make_user(db, role="admin"))
    assert_problem(getattr(stranger, method)(f"/api/payments/{payment['_id']}{path}"), 404)
    assert db["payments"].find_one()["status"] == "pending"


def test_paying_in_the_sandbox_credits_by_its_signed_event(
    client: FlaskClient, payment: Document, db: Database, ops_db: Database, account: Any
) -> None:
    path = f"/api/payments/{payment['_id']}/sandbox"
    declined = client.post(f"{path}/fail", json={"reason": "No"}).json["data"]["payment"]
    assert (declined["status"], declined["failureReason"]) == ("failed", "No")
    for _ in range(2):
        paid = client.post(f"{path}/complete").json["data"]["payment"]
        assert (paid["status"], paid["failureReason"]) == ("completed", None)
    assert_problem(client.post(f"{path}/fail"), 409)
    assert balance(db, account) == 1000
    assert {each["kind"] for each in ops_db["paymentevents"].find()} == {"failed", "succeeded"}


def test_a_payment_that_never_reached_the_provider_cannot_be_paid(
    client: FlaskClient, payment: Document, db: Database
) -> None:
    db["payments"].update_one({}, {"$unset": {"providerReference": ""}})
    assert_problem(client.post(f"/api/payments/{payment['_id']}/sandbox/complete"), 404)


def test_administrators_see_everybodys_with_who_pays(
    app: Flask, admin: FlaskClient, db: Database, payer: Document, payment: Document
) -> None:
    buy(client_of(app, make_user(db)), make_package(db))
    found = admin.get(f"/api/payments/admin/all?userId={payer['_id']}").json["data"]["payments"]
    assert [(each["_id"], each["user"]["username"]) for each in found] == [(payment["_id"], payer["username"])]
    assert len(admin.get("/api/payments/admin/all").json["data"]["payments"]) == 2
    shown = admin.get(f"/api/payments/admin/all/{payment['_id']}").json["data"]["payment"]
    assert shown["user"]["_id"] == str(payer["_id"])
    assert_problem(client_of(app, payer).get("/api/payments/admin/all"), 403)


def test_payments_of_the_existing_system_are_shown(admin: FlaskClient, db: Database, payer: Document) -> None:
    old = {"userId": payer["_id"], "amount": 4.99, "currency": "EUR", "status": "completed", "type": "order"}
    db["payments"].insert_one(old)
    (shown,) = admin.get("/api/payments/admin/all?total=false").json["data"]["payments"]
    assert (shown["amount"], shown["refundAmount"], shown["provider"], shown["metadata"]) == (4.99, 0, None, {})


def test_without_a_provider_nothing_is_sold_and_nothing_breaks(
    app: Flask, client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = replace(app.config["SETTINGS"], environment=PRODUCTION)
    assert providers.load(production, print) is None
    monkeypatch.setitem(app.extensions, providers.EXTENSION, None)
    package = make_package(db)
    problem = assert_problem(client.post("/api/coins/purchase", json={"packageId": str(package["_id"])}), 503)
    assert problem["code"] == "payments_unavailable"
    assert db["payments"].count_documents({}) == 0


def test_no_list_reads_more_than_it_shows(
    client: FlaskClient, admin: FlaskClient, db: Database, payer: Document, payment: Document
) -> None:
    queries = ("", "?status=pending", "?type=coin_purchase")
    with profiled(db) as entries:
        for query in queries:
            assert client.get(f"/api/payments{query}").status_code == 200
            assert admin.get(f"/api/payments/admin/all{query}").status_code == 200
        assert admin.get(f"/api/payments/admin/all?userId={payer['_id']}&status=pending").status_code == 200
    assert entries
    assert faults(entries) == []
