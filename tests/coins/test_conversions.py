"""Paying out earned coins: what was earned, at the rate of the day, when an administrator says so."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.blueprints.coins.services import conversions
from mixillo.blueprints.wallets.services.ledger import Account
from tests.contracts.test_errors import assert_problem
from tests.factories.auth import client_of
from tests.factories.wallets import balance, earn, give
from tests.payments.test_webhooks import assert_clean

BANK = {"holder": "Ada Lovelace", "iban": "DE02120300000000202051"}
Document = dict[str, Any]


def convert(client: FlaskClient, coins: Any, key: str | None = None, **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/coins/convert", json={"coins": coins, "accountDetails": BANK} | body, headers=headers)


def earnings(client: FlaskClient) -> Document:
    found: Document = client.get("/api/coins/earnings").json["data"]["earnings"]
    return found


def test_what_was_earned_is_set_aside_and_leaves_when_an_administrator_approves(
    client: FlaskClient, admin: FlaskClient, db: Database, account: Account
) -> None:
    earn(account, 1000)
    answer = convert(client, 650)
    conversion = answer.json["data"]["conversion"]
    assert (answer.status_code, conversion["status"], conversion["amount"]) == (201, "pending", 650)
    assert conversion["payout"] == {"amount": 6.5, "currency": "USD", "rate": 0.01}
    assert "iban" not in answer.get_data(as_text=True)
    assert client.get("/api/coins/balance").json["data"] == {"balance": 1000, "available": 350, "currency": "coins"}
    assert earnings(client) == {
        "total": 1000, "withdrawable": 350, "pending": 650, "withdrawn": 0, "value": 3.5, "rate": 0.01,
        "currency": "USD",
    }  # fmt: skip
    approved = admin.post(f"/api/wallets/admin/withdrawals/{conversion['_id']}/approve")
    assert approved.status_code == 200, approved.json
    assert balance(db, account) == 350
    assert (earnings(client)["pending"], earnings(client)["withdrawn"]) == (0, 650)
    assert_clean()


def test_a_rejected_conversion_gives_the_coins_back(
    client: FlaskClient, admin: FlaskClient, db: Database, account: Account
) -> None:
    earn(account, 1000)
    conversion = convert(client, 650).json["data"]["conversion"]
    path = f"/api/wallets/admin/withdrawals/{conversion['_id']}/reject"
    assert admin.post(path, json={"reason": "No such account"}).status_code == 200
    assert (earnings(client)["withdrawable"], balance(db, account)) == (1000, 1000)
    assert_clean()


def test_coins_that_were_bought_or_given_are_not_paid_out(client: FlaskClient, account: Account) -> None:
    give(account.owner, 1000)  # type: ignore[arg-type]
    assert assert_problem(convert(client, 100), 409)["code"] == "not_earned"
    assert assert_problem(convert(client, 1001), 409)["code"] == "insufficient_funds"
    assert earnings(client)["withdrawable"] == 0


def test_a_repeated_conversion_is_one_even_after_a_crash(
    client: FlaskClient, ops_db: Database, account: Account
) -> None:
    earn(account, 1000)
    first, again = convert(client, 600, "one"), convert(client, 600, "one")
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")
    ops_db["idempotencykeys"].delete_many({})
    assert convert(client, 600, "one").json["data"]["conversion"]["_id"] == first.json["data"]["conversion"]["_id"]
    assert_problem(convert(client, 1, "one"), 422)
    assert earnings(client)["pending"] == 600
    assert_clean()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"coins": 0}, "coins"),
        ({"coins": -5}, "coins"),
        ({"coins": 1.5}, "coins"),
        ({"accountDetails": {}}, "accountDetails"),
        ({"accountDetails": {"$gt": "x"}}, "accountDetails.$gt.key"),
        ({"rate": 5}, "rate"),
        ({"payout": {"amount": 5}}, "payout"),
    ],
)
def test_nobody_names_the_rate(client: FlaskClient, account: Account, body: Document, field: str) -> None:
    earn(account, 1000)
    problem = assert_problem(convert(client, **{"coins": 10} | body), 400)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert earnings(client)["pending"] == 0


def test_the_rate_is_a_setting_that_everybody_sees(
    app: Flask, client: FlaskClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], coin_value=Decimal("0.00425")))
    assert client_of(app).get("/api/coins/conversion-rate").json["data"] == {"rate": 0.00425, "currency": "USD"}
    earn(account, 1000)
    assert convert(client, 999).json["data"]["conversion"]["payout"]["amount"] == 4.24
    assert_problem(convert(client, 1), 400)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the examples change nothing
@given(coins=st.integers(1, 10**9), rate=st.decimals("0.000001", "100", places=6))
def test_nobody_is_paid_a_cent_too_much_and_the_house_keeps_less_than_one(
    app: Flask, coins: int, rate: Decimal
) -> None:
    app.config["SETTINGS"], before = replace(app.config["SETTINGS"], coin_value=rate), app.config["SETTINGS"]
    try:
        with app.app_context():
            paid = Decimal(conversions.worth(coins)).scaleb(-2)
    finally:
        app.config["SETTINGS"] = before
    assert 0 <= coins * rate - paid < Decimal("0.01")


def test_somebody_without_a_wallet_has_nothing(client: FlaskClient, db: Database) -> None:
    assert client.get("/api/coins/balance").json["data"]["balance"] == 0
    assert earnings(client)["total"] == 0
    assert client.get("/api/coins/transactions").json["data"]["transactions"] == []
    assert db["wallets"].count_documents({}) == 0
