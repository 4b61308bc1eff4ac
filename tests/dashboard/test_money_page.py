"""The Money page: books, flows, wallets, and withdrawals that wait for a typed decision."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.blueprints.wallets.services import ledger, reconciling, withdrawals
from mixillo.core import clock
from mixillo.ops import reconciliations
from tests.dashboard.browsing import PASSWORD, Browse, Forward, csrf_of
from tests.factories.users import make_user
from tests.factories.wallets import earn, give
from tests.plans import faults, profiled
from tests.waiting import wait_until

BANK = {"holder": "Una Example", "iban": "DE02120300000000202051"}


@pytest.fixture
def una(app: Flask, db: Database) -> dict[str, Any]:
    """Somebody with 100 coins, and 40 more that were earned."""
    user = make_user(db, username="una")
    give(user["_id"], 100)
    earn(ledger.user(user["_id"]), 40)
    return user


@pytest.fixture
def waiting(una: dict[str, Any]) -> str:
    """The id of a withdrawal of 40 coins that waits."""
    held = withdrawals.request(
        ledger.user(una["_id"]), 40, method="bank", account_details=BANK, operation_id=ObjectId()
    )
    return str(withdrawals.id_of(held))


def press(client: FlaskClient, path: str, **form: str) -> TestResponse:
    page = client.get("/ops/money")
    headers = {"Referer": "http://localhost/ops/money"}
    return client.post(f"/ops/money/{path}", data={"csrf_token": csrf_of(page), **form}, headers=headers)


def told(client: FlaskClient) -> str:
    """Return the notice that is on the page now."""
    return re.sub("<[^>]*>", "", client.get("/ops/money").text.partition('role="alert">')[2].partition("</p>")[0])


def rows(client: FlaskClient, table: str, **query: str) -> list[dict[str, str]]:
    answer = client.get("/ops/money.csv", query_string={"table": table, **query})
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_an_empty_page_says_what_will_be_there(browser: Browse) -> None:
    page = browser().get("/ops/money").text
    for words in ("not been compared yet", "Nothing has moved today", "There is no wallet with coins yet",
                  "No wallet is frozen", "No withdrawal waits"):  # fmt: skip
        assert words in page


def test_the_books_are_compared_from_the_page_as_a_job(
    browser: Browse, db: Database, ops_db: Database, una: dict[str, Any]
) -> None:
    client = browser("operator")
    assert press(client, "reconcile").status_code == 303
    wait_until(lambda: ops_db["jobs"].find_one({"kind": reconciling.KIND, "state": "done"}))
    page = client.get("/ops/money").text
    assert "no drift" in page
    assert 'data-figure="Drift">0<' in page
    table = {row["account"]: row["coins"] for row in rows(client, "accounts")}
    assert table == {"users": "140", "issued": "-100", "revenue": "-40", "payouts": "0", "escrow": "0", "together": "0"}
    db["wallets"].update_one({"userId": una["_id"]}, {"$inc": {"balance": 5}})
    ops_db["reconciliations"].update_many({}, {"$set": {"at": clock.now() - timedelta(hours=2)}})
    reconciling.reconcile_when_due(ops_db)
    page = client.get("/ops/money").text
    assert "145 coins, the ledger says 140 coins" in page
    assert 'data-figure="Drift">1<' in page
    assert reconciliations.latest(ops_db)["driftCount"] == 1


def test_what_moved_today_is_listed_by_kind(browser: Browse, una: dict[str, Any]) -> None:
    client = browser("viewer")
    assert [(row["kind"], row["source"], row["target"], row["amount"]) for row in rows(client, "flows")] == [
        ("bonus", "issued", "users", "100"), ("earning", "revenue", "users", "40"),
    ]  # fmt: skip
    assert "gift" not in client.get("/ops/money?flows-search=bon").text.partition('id="money_flows"')[2][:3000]


def test_wallets_are_listed_the_largest_first_and_found(browser: Browse, db: Database, una: dict[str, Any]) -> None:
    rich = make_user(db, username="rita")
    give(rich["_id"], 5_000)
    give(rich["_id"], 1_250, "USD")
    client = browser("viewer")
    assert [(row["owner"], row["balance"]) for row in rows(client, "wallets")] == [("'@rita", "5000"), ("'@una", "140")]
    assert [row["balance"] for row in rows(client, "wallets", currency="USD")] == ["12.5"]
    for words in ("un", "una@example.com", str(una["_id"])):
        assert [row["owner"] for row in rows(client, "wallets", **{"wallets-search": words})] == ["'@una"]
    page = client.get("/ops/money?wallets-search=nobody").text
    assert "Nobody like “nobody” has a wallet with coins" in page
    assert 'value="nobody"' in page


def test_frozen_wallets_say_why(browser: Browse, db: Database, una: dict[str, Any]) -> None:
    db["wallets"].update_many({}, {"$set": {"isLocked": True, "lockReason": "Under <review>"}})
    client = browser("viewer")
    assert "Under &lt;review&gt;" in client.get("/ops/money").text
    assert [row["reason"] for row in rows(client, "frozen")] == ["Under <review>"]


def test_a_withdrawal_is_approved_once_its_words_are_typed(
    browser: Browse, db: Database, ops_db: Database, una: dict[str, Any], waiting: str
) -> None:
    client = browser()
    assert "approve 40</code>" in client.get("/ops/money").text
    press(client, f"withdrawals/{waiting}/approve", confirmation="approve 4")
    assert "type 'approve 40'" in told(client).replace("&#39;", "'")
    assert db["wallets"].find_one({"userId": una["_id"]})["pending"] == 40
    press(client, f"withdrawals/{waiting}/approve", confirmation=" approve 40 ")
    assert told(client) == "The withdrawal is approved."
    assert db["wallets"].find_one({"userId": una["_id"]})["balance"] == 100
    entry = ops_db["auditlog"].find_one({"action": "withdrawal.approved"})
    assert (entry["actor"]["kind"], entry["actor"]["name"]) == ("operator", "amira")
    press(client, f"withdrawals/{waiting}/approve", confirmation="approve 40")
    assert "posted already" in told(client)


def test_a_withdrawal_is_rejected_with_a_reason(browser: Browse, db: Database, waiting: str) -> None:
    client = browser()
    press(client, f"withdrawals/{waiting}/reject", confirmation="reject 40")
    assert "say why" in told(client)
    press(client, f"withdrawals/{waiting}/reject", confirmation="reject 40", reason="No such account")
    assert told(client) == "The withdrawal is rejected."
    assert db["transactions"].find_one({"status": "cancelled"})["failureReason"] == "No such account"


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_administrators_decide_and_see_where_the_money_goes(
    browser: Browse, db: Database, ops_db: Database, waiting: str, role: str
) -> None:
    client = browser(role)
    page = client.get("/ops/money").text
    assert "Approve" not in page
    assert "Where the money goes" not in page
    for verb in ("approve", "reject"):
        assert press(client, f"withdrawals/{waiting}/{verb}", confirmation=f"{verb} 40", reason="x").status_code == 403
    assert client.get(f"/ops/money/withdrawals/{waiting}").status_code == 403
    assert db["transactions"].count_documents({"status": "pending"}) == 1
    assert ops_db["auditlog"].count_documents({"action": {"$regex": "^withdrawal"}}) == 0


def test_deciding_takes_a_password_given_lately(browser: Browse, db: Database, waiting: str, forward: Forward) -> None:
    client = browser()
    forward(timedelta(minutes=16))
    page = client.get("/ops/money").text
    assert "Give your password to approve" in page
    for path in (f"withdrawals/{waiting}/approve", f"withdrawals/{waiting}/reject"):
        answer = press(client, path, confirmation="approve 40", reason="x")
        assert answer.headers["Location"].startswith("/ops/confirm")
    assert client.get(f"/ops/money/withdrawals/{waiting}").headers["Location"].startswith("/ops/confirm")
    assert db["transactions"].count_documents({"status": "pending"}) == 1
    form = client.get("/ops/confirm?next=/ops/money")
    client.post("/ops/confirm", data={"csrf_token": csrf_of(form), "password": PASSWORD, "next": "/ops/money"})
    assert "approve 40</code>" in client.get("/ops/money").text


def test_where_the_money_goes_is_on_a_page_of_its_own_and_the_look_recorded(
    browser: Browse, ops_db: Database, waiting: str
) -> None:
    client = browser()
    listed = client.get("/ops/money").text + client.get("/ops/money.csv?table=withdrawals").text
    assert BANK["iban"] not in listed
    assert BANK["iban"] in client.get(f"/ops/money/withdrawals/{waiting}").text
    assert ops_db["auditlog"].find_one({"action": "withdrawal.looked_at"})["actor"]["name"] == "amira"
    assert client.get(f"/ops/money/withdrawals/{ObjectId()}").status_code == 404
    assert client.get("/ops/money/withdrawals/nothing").status_code == 404
    assert client.get("/ops/money.csv?table=nothing").status_code == 404


def test_what_the_page_asks_is_found_by_indexes(
    browser: Browse, db: Database, ops_db: Database, una: dict[str, Any], waiting: str
) -> None:
    client = browser()
    reconciling.reconcile_when_due(ops_db)
    with profiled(db, ops_db) as entries:
        for query in ("", "?currency=USD", "?wallets-search=un"):
            assert client.get(f"/ops/money{query}").status_code == 200
    assert len(entries) > 10
    assert faults(entries) == []
