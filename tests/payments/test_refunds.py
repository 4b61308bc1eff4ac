"""Refunds: the money goes back, and so do the coins; what was spent of them becomes a debt, never somebody's loss."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Account
from mixillo.core.db import transact
from tests.contracts.test_errors import assert_problem
from tests.factories.payments import buy, make_package, stored
from tests.factories.users import unknown_id
from tests.factories.wallets import balance, make_rich_user
from tests.payments.test_webhooks import assert_clean
from tests.wallets.test_ledger import present

Document = dict[str, Any]


@pytest.fixture
def paid(client: FlaskClient, payment: Document) -> Document:
    """The payment of 10.00 USD, paid, with its 1,000 coins credited."""
    assert client.post(f"/api/payments/{payment['_id']}/sandbox/complete").status_code == 200
    return payment


def refund(admin: FlaskClient, payment: Document, key: str | None = None, **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    path = f"/api/payments/{payment['_id']}/refund"
    return admin.post(path, json={"reason": "Bought by mistake"} | body, headers=headers)


def test_all_of_it_goes_back(
    admin: FlaskClient, paid: Document, db: Database, ops_db: Database, account: Account
) -> None:
    answer = refund(admin, paid)
    assert answer.status_code == 200
    shown = answer.json["data"]["payment"]
    assert (shown["status"], shown["refundAmount"]) == ("refunded", 10.0)
    assert balance(db, account) == 0
    entry = ops_db["auditlog"].find_one({"action": "payment.refunded"})
    assert entry["changes"] == {"amount": "10.00 USD", "reason": "Bought by mistake"}
    assert str(entry["targetId"]) == paid["_id"]
    assert_clean()


def test_a_part_of_it_goes_back_with_its_part_of_the_coins(
    admin: FlaskClient, paid: Document, db: Database, account: Account
) -> None:
    assert refund(admin, paid, amount=3.33).json["data"]["payment"]["status"] == "completed"
    assert balance(db, account) == 667
    problem = assert_problem(refund(admin, paid, amount=6.68), 409)
    assert problem["code"] == "payment_not_refundable"
    assert refund(admin, paid).json["data"]["payment"]["status"] == "refunded"
    assert balance(db, account) == 0
    assert_problem(refund(admin, paid), 409)
    assert_clean()


def test_what_was_given_away_becomes_a_debt_and_the_creator_keeps_it(
    admin: FlaskClient, paid: Document, db: Database, account: Account
) -> None:
    creator = make_rich_user(db, 5)
    transact(partial(ledger.post, present(account, creator, 800)))
    refund(admin, paid)
    wallet = db["wallets"].find_one({"userId": account.owner})
    assert (int(wallet["balance"]), int(wallet["debt"])) == (0, 800)
    assert balance(db, creator) == 565
    assert_clean()


def test_a_repeated_refund_is_one_refund_even_after_a_crash(
    app: Flask, admin: FlaskClient, paid: Document, db: Database, ops_db: Database, account: Account
) -> None:
    first = refund(admin, paid, "key", amount=2.5)
    again = refund(admin, paid, "key", amount=2.5)
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")
    # The worker died between the commit and the kept answer.
    ops_db["idempotencykeys"].delete_many({})
    assert refund(admin, paid, "key", amount=2.5).status_code == 200
    assert balance(db, account) == 750
    assert_problem(refund(admin, paid, "key", amount=2.6), 422)
    assert_clean()


def test_twenty_refunds_at_once_give_back_no_more_than_was_paid(
    app: Flask, admin: FlaskClient, paid: Document, db: Database, account: Account
) -> None:
    headers = dict(admin.environ_base)

    def give_back(_number: int) -> int:
        client = app.test_client()
        client.environ_base.update(headers)
        return int(refund(client, paid, amount=1).status_code)

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(give_back, range(20)))
    assert (statuses.count(200), statuses.count(409)) == (10, 10)
    assert (stored(db, paid)["status"], balance(db, account)) == ("refunded", 0)
    assert_clean()


@pytest.mark.parametrize("body", [{"amount": 0}, {"amount": -1}, {"amount": "1"}, {"amount": 1.005}, {"reason": "x"}])
def test_a_refund_is_of_an_amount_and_for_a_reason(
    admin: FlaskClient, paid: Document, db: Database, account: Account, body: Document
) -> None:
    problem = assert_problem(refund(admin, paid, **body), 400)
    assert [error["field"] for error in problem["errors"]] == list(body)
    assert balance(db, account) == 1000


def test_what_was_not_paid_here_cannot_be_given_back(
    admin: FlaskClient, payment: Document, db: Database, payer: Document
) -> None:
    assert_problem(refund(admin, payment), 409)
    old = {"userId": payer["_id"], "amount": 4.99, "currency": "USD", "status": "completed", "type": "wallet_topup"}
    old["_id"] = db["payments"].insert_one(old).inserted_id
    assert_problem(refund(admin, old), 409)
    assert_problem(refund(admin, {"_id": unknown_id()}), 404)


def test_a_refund_by_the_payer_is_refused(client: FlaskClient, paid: Document, db: Database, account: Account) -> None:
    assert_problem(refund(client, paid), 403)
    assert balance(db, account) == 1000


def test_the_refund_of_a_small_payment_takes_no_part_of_a_coin(
    app: Flask, admin: FlaskClient, client: FlaskClient, db: Database, account: Account
) -> None:
    payment = buy(client, make_package(db, 3, 0, "10.00"))["payment"]
    client.post(f"/api/payments/{payment['_id']}/sandbox/complete")
    for amount, left in ((3.33, 3), (0.01, 2), (6.65, 1), (0.01, 0)):
        assert refund(admin, payment, amount=amount).status_code == 200
        assert balance(db, account) == left
    assert_clean()
