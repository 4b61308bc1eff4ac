"""Buying coins: one payment per operation, and the coins when it was paid, as they were offered."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.wallets.services.ledger import Account
from mixillo.core import realtime
from tests.contracts.test_errors import assert_problem
from tests.factories.auth import client_of
from tests.factories.payments import buy, event, make_package, stored, tell
from tests.factories.users import make_user, unknown_id
from tests.factories.wallets import balance, give
from tests.payments.test_webhooks import assert_clean

Document = dict[str, Any]


def complete(client: FlaskClient, payment: Document) -> Any:
    return client.post(f"/api/payments/{payment['_id']}/sandbox/complete")


def test_a_purchase_waits_for_its_payment_and_is_then_credited_with_the_bonus(
    client: FlaskClient, db: Database, account: Account
) -> None:
    package = make_package(db)
    answer = client.post("/api/coins/purchase", json={"packageId": str(package["_id"]), "paymentMethodId": "card-1"})
    data = answer.json["data"]
    payment, transaction, checkout = data["payment"], data["transaction"], data["checkout"]
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/payments/{payment['_id']}")
    assert (payment["status"], payment["amount"], payment["currency"]) == ("pending", 4.99, "USD")
    assert (transaction["_id"], transaction["coins"], transaction["type"]) == (payment["_id"], 525, "coin_purchase")
    assert checkout["url"].endswith(f"/api/payments/{payment['_id']}/sandbox/complete")
    assert client.get("/api/coins/balance").json["data"]["balance"] == 0
    assert client.get("/api/coins/transactions").json["data"]["transactions"] == []

    assert complete(client, payment).json["data"]["payment"]["status"] == "completed"
    assert client.get("/api/coins/balance").json["data"] == {"balance": 525, "available": 525, "currency": "coins"}
    (row,) = client.get("/api/coins/transactions").json["data"]["transactions"]
    assert (row["coins"], row["type"], row["status"]) == (525, "coin_purchase", "completed")
    assert row["referenceId"] == payment["_id"]
    assert_clean()


def test_whoever_is_about_to_pay_gets_what_was_offered(client: FlaskClient, db: Database, account: Account) -> None:
    package = make_package(db)
    payment = buy(client, package)["payment"]
    db["coinpackages"].update_one({}, {"$set": {"coins": 1, "bonusCoins": 0, "price": 99.0}})
    complete(client, payment)
    assert (balance(db, account), stored(db, payment)["status"]) == (525, "completed")


def test_fifty_requests_under_one_key_are_one_payment(
    app: Flask, client: FlaskClient, db: Database, buyer: Document
) -> None:
    package = make_package(db)
    barrier = threading.Barrier(50)
    token = client.environ_base["HTTP_AUTHORIZATION"]

    def ask(_number: int) -> Any:
        one = client_of(app)
        one.environ_base["HTTP_AUTHORIZATION"] = token
        barrier.wait()
        body = {"packageId": str(package["_id"])}
        return one.post("/api/coins/purchase", json=body, headers={"Idempotency-Key": "one"})

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 409}
    assert db["payments"].count_documents({}) == 1
    bodies = {answer.data for answer in answers if answer.status_code == 201}
    assert len(bodies) == 1
    assert ask_again(client, package).data in bodies


def ask_again(client: FlaskClient, package: Document) -> Any:
    body = {"packageId": str(package["_id"])}
    return client.post("/api/coins/purchase", json=body, headers={"Idempotency-Key": "one"})


def test_a_key_belongs_to_one_body_and_one_person(app: Flask, client: FlaskClient, db: Database) -> None:
    package, other = make_package(db), make_package(db)
    ask_again(client, package)
    assert_problem(ask_again(client, other), 422)
    assert ask_again(client_of(app, make_user(db)), other).status_code == 201
    assert db["payments"].count_documents({}) == 2


def test_a_worker_that_dies_before_its_answer_is_kept_asks_once(
    client: FlaskClient, db: Database, ops_db: Database, account: Account
) -> None:
    package = make_package(db)
    first = ask_again(client, package).json["data"]
    ops_db["idempotencykeys"].delete_many({})
    again = ask_again(client, package).json["data"]
    assert again["payment"]["_id"] == first["payment"]["_id"]
    assert again["checkout"] == first["checkout"]
    complete(client, first["payment"])
    ops_db["idempotencykeys"].delete_many({})
    assert ask_again(client, package).json["data"]["payment"]["status"] == "completed"
    assert balance(db, account) == 525


def test_a_worker_that_dies_before_it_has_asked_the_provider_asks_then(
    client: FlaskClient, db: Database, ops_db: Database
) -> None:
    package = make_package(db)
    first = ask_again(client, package).json["data"]
    ops_db["idempotencykeys"].delete_many({})
    ops_db["sandboxpayments"].delete_many({})
    db["payments"].update_one({}, {"$unset": {"providerReference": ""}})
    ask_again(client, package)
    assert complete(client, first["payment"]).status_code == 200


def test_the_owner_hears_of_it_after_the_commit(client: FlaskClient, db: Database, account: Account) -> None:
    payment, heard = buy(client, make_package(db))["payment"], []

    def listen(name: str, room: str) -> None:
        heard.append((name, room, balance(db, account), stored(db, payment)["status"]))

    with realtime.emitted.connected_to(listen):
        complete(client, payment)
    room = realtime.user_room(account.owner)
    assert heard == [("wallet:updated", room, 525, "completed"), ("payment:updated", room, 525, "completed")]


def test_a_frozen_wallet_is_credited_all_the_same(client: FlaskClient, db: Database, account: Account) -> None:
    give(account.owner, 1)  # type: ignore[arg-type]
    payment = buy(client, make_package(db))["payment"]
    db["wallets"].update_one({"userId": account.owner}, {"$set": {"isLocked": True}})
    assert complete(client, payment).status_code == 200
    assert balance(db, account) == 526


def test_so_many_coins_are_the_package_of_so_many(client: FlaskClient, db: Database) -> None:
    package = make_package(db, 500)
    make_package(db, 100)
    data = client.post("/api/wallet/coins/buy", json={"coins": 500}).json["data"]
    assert data["payment"]["metadata"]["packageId"] == str(package["_id"])
    assert_problem(client.post("/api/wallet/coins/buy", json={"coins": 7}), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "packageId"),
        ({"packageId": "1"}, "packageId"),
        ({"packageId": {"$gt": ""}}, "packageId"),
        ({"packageId": "64b7f3a2c9e77a0012ab34cd", "price": 0.01}, "price"),
        ({"packageId": "64b7f3a2c9e77a0012ab34cd", "coins": 1_000_000}, "coins"),
        ({"packageId": "64b7f3a2c9e77a0012ab34cd", "userId": "64b7f3a2c9e77a0012ab34cd"}, "userId"),
        ({"packageId": "64b7f3a2c9e77a0012ab34cd", "paymentMethodId": "x" * 256}, "paymentMethodId"),
    ],
)
def test_nobody_names_the_price_or_the_coins(client: FlaskClient, db: Database, body: Document, field: str) -> None:
    problem = assert_problem(client.post("/api/coins/purchase", json=body), 400)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert db["payments"].count_documents({}) == 0


def test_what_is_not_for_sale_cannot_be_bought(client: FlaskClient, db: Database) -> None:
    inactive = make_package(db, isActive=False)
    for package_id in (inactive["_id"], unknown_id()):
        assert_problem(client.post("/api/coins/purchase", json={"packageId": str(package_id)}), 404)


def test_a_purchase_after_a_refund_repays_the_debt_first(
    app: Flask, client: FlaskClient, db: Database, account: Account
) -> None:
    give(account.owner, 1)  # type: ignore[arg-type]
    db["wallets"].update_one({"userId": account.owner}, {"$set": {"debt": 100}})
    tell(client_of(app), event(buy(client, make_package(db))["payment"]))
    assert balance(db, account) == 426
