"""What administrators do with wallets over HTTP, and the trace it leaves."""

from typing import Any

import pytest
from pymongo.database import Database

from mixillo.blueprints.wallets.models import ISSUED, PAYOUTS
from mixillo.blueprints.wallets.queries import books
from mixillo.core.idempotency import HEADER
from tests.factories.wallets import balance, give
from tests.wallets.conftest import Person
from tests.wallets.test_ledger import assert_clean

BANK = {"holder": "Una Example", "iban": "DE02120300000000202051"}
ADMIN_ROUTES = [
    ("get", "/api/wallets/admin/all", None),
    ("get", "/api/wallets/admin/stats", None),
    ("get", "/api/wallets/admin/withdrawals", None),
    ("get", "/api/wallets/admin/withdrawals/{withdrawal}", None),
    ("post", "/api/wallets/admin/withdrawals/{withdrawal}/approve", None),
    ("post", "/api/wallets/admin/withdrawals/{withdrawal}/reject", {"reason": "x"}),
    ("get", "/api/wallets/admin/{id}", None),
    ("post", "/api/wallets/admin/{id}/adjust", {"amount": 1, "type": "add", "reason": "x"}),
    ("post", "/api/wallets/{id}/add-funds", {"amount": 1, "description": "x"}),
    ("post", "/api/wallets/{id}/deduct-funds", {"amount": 1, "description": "x"}),
    ("post", "/api/wallets/{id}/freeze", {"reason": "x"}),
    ("post", "/api/wallets/{id}/unfreeze", {"reason": "x"}),
    ("get", "/api/admin/wallets/transactions", None),
    ("get", "/api/admin/wallets/transactions/stats", None),
    ("get", "/api/admin/wallets/{id}/transactions", None),
]


@pytest.fixture
def withdrawal(una: Person) -> str:
    """The id of a withdrawal of 40 coins that waits."""
    body = {"amount": 40, "method": "bank", "accountDetails": BANK}
    return una.client.post("/api/wallets/withdraw", json=body).json["data"]["withdrawal"]["_id"]


def audited(ops_db: Database, action: str) -> list[dict[str, Any]]:
    return list(ops_db["auditlog"].find({"action": action}))


@pytest.mark.parametrize("route", ADMIN_ROUTES, ids=lambda route: f"{route[0]} {route[1]}")
@pytest.mark.parametrize("role", ["user", "seller", None])
def test_only_administrators_administer(
    app: Any, db: Database, una: Person, ben: Person, withdrawal: str, route: tuple, role: str | None
) -> None:
    method, path, body = route
    client = ben.client
    if role is None:
        client = app.test_client()
    db["users"].update_one({"_id": ben.id}, {"$set": {"role": role or "user"}})
    before = list(db["wallets"].find()), list(db["transactions"].find())
    answer = getattr(client, method)(path.format(id=una.id, withdrawal=withdrawal), json=body)
    assert answer.status_code == (403 if role else 401)
    assert (list(db["wallets"].find()), list(db["transactions"].find())) == before


@pytest.mark.parametrize("path", ["", "/balance", "/transactions"])
def test_a_wallet_is_for_its_owner_and_administrators_by_either_id(
    db: Database, una: Person, ben: Person, admin: Person, path: str
) -> None:
    wallet = db["wallets"].find_one({"userId": una.id})
    for named in (una.id, wallet["_id"]):
        address = f"/api/wallets/{named}{path}"
        assert una.client.get(address).status_code == 200
        assert admin.client.get(address).status_code == 200
        assert ben.client.get(address).status_code == 404
    assert una.client.get(f"/api/wallets/{una.id}/balance").json["data"]["wallet"]["_id"] == str(wallet["_id"])


def test_wallets_are_listed_the_richest_first_and_filtered(
    db: Database, una: Person, ben: Person, admin: Person
) -> None:
    give(ben.id, 500)
    give(admin.id, 20)

    def listed(query: str = "") -> list[str]:
        data = admin.client.get(f"/api/wallets/admin/all?{query}").json["data"]
        assert data["pagination"]["total"] == len(data["wallets"])
        return [wallet["user"]["username"] for wallet in data["wallets"]]

    assert listed() == ["ben", "una", "ada"]
    assert listed("minBalance=100&maxBalance=140") == ["una"]
    assert listed("search=un") == ["una"]
    assert listed(f"search={ben.id}") == ["ben"]
    assert listed("search=una@example.com") == ["una"]
    assert listed("currency=USD") == []
    admin.client.post(f"/api/wallets/{una.id}/freeze", json={"reason": "Under review"})
    assert listed("frozen=true") == ["una"]
    assert listed("frozen=false") == ["ben", "ada"]


def test_the_figures_are_what_came_in_and_went_out(una: Person, admin: Person, withdrawal: str) -> None:
    expected = {"currency": "coins", "totalWallets": 1, "totalBalance": 140, "totalDeposits": 100,
                "totalWithdrawals": 0, "frozenWallets": 0, "pendingWithdrawals": 1}  # fmt: skip
    assert admin.client.get("/api/wallets/admin/stats").json["data"] == expected
    admin.client.post(f"/api/wallets/admin/withdrawals/{withdrawal}/approve")
    after = expected | {"totalBalance": 100, "totalWithdrawals": 40, "pendingWithdrawals": 0}
    assert admin.client.get("/api/wallets/admin/stats").json["data"] == after
    assert books.reconcile().house[PAYOUTS]["coins"] == 40


def test_everybodys_transactions_are_listed_searched_and_counted(
    una: Person, ben: Person, admin: Person, withdrawal: str
) -> None:
    give(ben.id, 500)

    def listed(query: str = "") -> list[str]:
        data = admin.client.get(f"/api/admin/wallets/transactions?{query}").json["data"]
        return [row["user"]["username"] for row in data["transactions"]]

    assert listed() == ["ben", "una", "una", "una"]
    assert listed("status=pending") == ["una"]
    assert listed("type=bonus&search=be") == ["ben"]
    one = una.client.get("/api/wallets/transactions").json["data"]["transactions"][0]["_id"]
    assert listed(f"search={one}") == ["una"]
    figures = admin.client.get("/api/admin/wallets/transactions/stats").json["data"]
    assert figures == {
        "totalTransactions": 4,
        "completedCount": 3,
        "pendingCount": 1,
        "failedCount": 0,
        "totalVolume": 640,
    }
    rows = admin.client.get(f"/api/admin/wallets/{ben.id}/transactions").json["data"]["transactions"]
    assert [row["amount"] for row in rows] == [500]


def test_an_administrator_adds_and_deducts_and_says_why(
    db: Database, ops_db: Database, una: Person, admin: Person
) -> None:
    path = f"/api/wallets/admin/{una.id}/adjust"
    added = admin.client.post(path, json={"amount": 10, "type": "add", "reason": "Sorry"}).json["data"]
    assert (added["wallet"]["balance"], added["transaction"]["amount"]) == (150, 10)
    deducted = admin.client.post(path, json={"amount": 30, "type": "deduct", "reason": "Booked twice"}).json["data"]
    assert (deducted["wallet"]["balance"], deducted["transaction"]["amount"]) == (120, -30)
    assert books.reconcile().house[ISSUED]["coins"] == -80
    (entry,) = audited(ops_db, "wallet.deducted_from")
    assert entry["actor"] == {"kind": "user", "id": admin.id, "name": "ada"}
    assert entry["changes"]["before"] == {"balance": "150 coins"}
    assert entry["changes"]["after"] == {"balance": "120 coins", "reason": "Booked twice", "earned": False}
    refused = admin.client.post(path, json={"amount": 121, "type": "deduct", "reason": "x"})
    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_funds")
    assert len(audited(ops_db, "wallet.deducted_from")) == 1
    for body in (
        {"amount": -5, "type": "add"},
        {"amount": 5, "type": "ADD"},
        {"amount": 5, "type": "add", "balance": 1},
    ):
        assert admin.client.post(path, json=body | {"reason": "x"}).status_code == 400
    assert_clean()


def test_what_is_added_can_be_withdrawn_only_if_it_was_earned(una: Person, admin: Person) -> None:
    path = f"/api/wallets/{una.id}/add-funds"
    assert (
        admin.client.post(path, json={"amount": 10, "description": "x"}).json["data"]["wallet"]["withdrawableBalance"]
        == 40
    )
    earned = admin.client.post(path, json={"amount": 10, "description": "x", "isEarning": True})
    assert earned.json["data"]["wallet"]["withdrawableBalance"] == 50
    gone = admin.client.post(f"/api/wallets/{una.id}/deduct-funds", json={"amount": 150, "description": "x"})
    assert (gone.json["data"]["wallet"]["balance"], gone.json["data"]["wallet"]["withdrawableBalance"]) == (10, 10)


def test_money_is_added_out_of_what_the_house_earned(ben: Person, admin: Person) -> None:
    body = {"amount": 12.34, "currency": "EUR", "description": "A prize"}
    data = admin.client.post(f"/api/wallets/{ben.id}/add-funds", json=body).json["data"]
    assert (data["wallet"]["balance"], data["wallet"]["currency"]) == (12.34, "EUR")
    assert books.reconcile().house["revenue"]["EUR"] == -1234
    assert admin.client.post("/api/wallets/" + "0" * 24 + "/add-funds", json=body).status_code == 404
    assert_clean()


def test_a_repeated_key_adjusts_once(db: Database, ops_db: Database, una: Person, admin: Person) -> None:
    body = {"amount": 10, "description": "x"}
    for _ in range(3):
        answer = admin.client.post(f"/api/wallets/{una.id}/add-funds", json=body, headers={HEADER: "k"})
        assert answer.json["data"]["transaction"]["balanceAfter"] == 150
        ops_db["idempotencykeys"].delete_many({})
    assert balance(db, una.account) == 150
    assert len(audited(ops_db, "wallet.added_to")) == 1


def test_nothing_leaves_a_wallet_that_an_administrator_froze(
    db: Database, ops_db: Database, una: Person, ben: Person, admin: Person
) -> None:
    give(una.id, 500, "EUR")
    frozen = admin.client.post(f"/api/wallets/{una.id}/freeze", json={"reason": "Under review"}).json["data"]["wallet"]
    assert (frozen["frozen"], frozen["lockReason"]) == (True, "Under review")
    for currency in ("coins", "EUR"):
        body = {"toUserId": str(ben.id), "amount": 1, "currency": currency}
        refused = una.client.post("/api/wallets/transfer", json=body)
        assert (refused.status_code, refused.json["code"]) == (409, "wallet_frozen")
    euros = db["wallets"].find_one({"userId": una.id, "currency": "EUR"})
    admin.client.post(f"/api/wallets/{euros['_id']}/unfreeze", json={"reason": "Reviewed"})
    assert una.client.post("/api/wallets/transfer", json=body).status_code == 201
    assert db["wallets"].find_one({"userId": una.id, "currency": "coins"})["isLocked"] is True
    assert len(audited(ops_db, "wallet.frozen")) == 2
    (thawed,) = audited(ops_db, "wallet.unfrozen")
    assert (thawed["targetId"], thawed["changes"]["before"]["isLocked"]) == (euros["_id"], True)


def test_a_withdrawal_is_approved_or_rejected_once(una: Person, admin: Person, withdrawal: str) -> None:
    (listed,) = admin.client.get("/api/wallets/admin/withdrawals").json["data"]["withdrawals"]
    assert (listed["_id"], listed["user"]["username"], listed["amount"]) == (withdrawal, "una", 40)
    path = f"/api/wallets/admin/withdrawals/{withdrawal}"
    done = admin.client.post(f"{path}/reject", json={"reason": "No such account"}).json["data"]["withdrawal"]
    assert (done["status"], done["decidedBy"], done["reason"]) == ("rejected", "ada", "No such account")
    assert admin.client.post(f"{path}/approve").status_code == 409
    assert admin.client.get("/api/wallets/admin/withdrawals").json["data"]["withdrawals"] == []
    (listed,) = admin.client.get("/api/wallets/admin/withdrawals?status=rejected").json["data"]["withdrawals"]
    row = una.client.get(f"/api/wallets/transactions/{listed['transactionId']}").json["data"]["transaction"]
    assert (row["status"], row["failureReason"]) == ("cancelled", "No such account")


def test_where_the_money_goes_is_shown_to_who_decides_and_the_look_is_recorded(
    ops_db: Database, admin: Person, withdrawal: str
) -> None:
    assert BANK["iban"] not in admin.client.get("/api/wallets/admin/withdrawals").text
    shown = admin.client.get(f"/api/wallets/admin/withdrawals/{withdrawal}").json["data"]["withdrawal"]
    assert shown["accountDetails"] == BANK
    (look,) = audited(ops_db, "withdrawal.looked_at")
    assert (look["actor"]["name"], str(look["targetId"])) == ("ada", withdrawal)
    assert BANK["iban"] not in admin.client.post(f"/api/wallets/admin/withdrawals/{withdrawal}/approve").text
