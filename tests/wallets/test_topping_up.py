"""Paying into one's wallet: the money is there once its provider says so, and goes back with a refund."""

from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.core.idempotency import HEADER
from tests.factories.auth import client_of
from tests.factories.payments import event, refunded, tell
from tests.factories.wallets import balance
from tests.wallets.conftest import Person
from tests.wallets.test_ledger import assert_clean


def asked(person: Person, amount: Any = 20, path: str = "/api/wallets/top-up", **more: Any) -> Any:
    return person.client.post(path, json={"amount": amount, "currency": "EUR"} | more, headers={HEADER: "t"})


@pytest.mark.parametrize("path", ["/api/wallets/top-up", "/api/wallets/topup", "/api/wallet/topup"])
def test_what_was_paid_in_is_there_once_the_provider_says_so(app: Flask, db: Database, ben: Person, path: str) -> None:
    answer = asked(ben, 20.5, path)
    data = answer.json["data"]
    assert (answer.status_code, data["payment"]["status"], data["transaction"]["amount"]) == (201, "pending", 20.5)
    assert ben.client.get("/api/wallets?currency=EUR").json["data"]["wallet"]["balance"] == 0
    payment = db["payments"].find_one()
    hook, told = client_of(app), event(payment)
    assert [tell(hook, told) for _ in range(3)] == ["applied", "duplicate", "duplicate"]
    wallet = ben.client.get("/api/wallets?currency=EUR").json["data"]["wallet"]
    assert (wallet["balance"], wallet["withdrawableBalance"]) == (20.5, 0)
    (row,) = ben.client.get("/api/wallets/transactions").json["data"]["transactions"]
    assert (row["type"], row["amount"], row["referenceId"]) == ("purchase", 20.5, str(payment["_id"]))
    assert_clean()


def test_a_repeated_key_asks_for_one_payment(db: Database, ops_db: Database, ben: Person) -> None:
    first = asked(ben)
    assert asked(ben).data == first.data
    ops_db["idempotencykeys"].delete_many({})
    assert asked(ben).json["data"]["payment"]["_id"] == first.json["data"]["payment"]["_id"]
    assert db["payments"].count_documents({}) == 1


def test_a_refund_takes_the_money_back_and_what_was_spent_becomes_a_debt(
    app: Flask, db: Database, ben: Person, una: Person
) -> None:
    asked(ben)
    payment, hook = db["payments"].find_one(), client_of(app)
    tell(hook, event(payment))
    body = {"toUserId": str(una.id), "amount": 15, "currency": "EUR"}
    assert ben.client.post("/api/wallets/transfer", json=body).status_code == 201
    tell(hook, refunded(payment, 2000))
    wallet = ben.client.get("/api/wallets?currency=EUR").json["data"]["wallet"]
    assert (wallet["balance"], wallet["debt"]) == (0, 15)
    assert balance(db, una.account._replace(currency="EUR")) == 1500
    assert_clean()


@pytest.mark.parametrize(
    "body", [{"amount": 0}, {"amount": -1}, {"amount": 0.001}, {"currency": "coins"}, {"coins": 5}]
)
def test_nobody_pays_in_what_there_is_no_money_for(db: Database, ben: Person, body: dict[str, Any]) -> None:
    assert asked(ben, **{"amount": 20} | body).status_code == 400
    assert db["payments"].count_documents({}) == 0
