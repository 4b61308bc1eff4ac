"""One's own wallet over HTTP: looking, giving, withdrawing."""

from functools import partial
from typing import Any

import pytest
from pymongo.database import Database

from mixillo.core.db import database
from mixillo.core.idempotency import HEADER
from tests.factories.wallets import balance, give
from tests.wallets.conftest import Person
from tests.wallets.test_ledger import assert_clean, run_all

BANK = {"holder": "Una Example", "iban": "DE02120300000000202051"}


def sent(person: Person, to: Person, amount: Any, **more: Any) -> Any:
    key = {HEADER: more.pop("key")} if "key" in more else {}
    return person.client.post(
        "/api/wallets/transfer", json={"toUserId": str(to.id), "amount": amount, **more}, headers=key
    )


@pytest.mark.parametrize("path", ["/api/wallets", "/api/wallet"])
def test_a_wallet_is_opened_when_it_is_first_looked_at(db: Database, ben: Person, path: str) -> None:
    shown = ben.client.get(path).json["data"]["wallet"]
    assert (shown["userId"], shown["balance"], shown["coins"], shown["currency"]) == (str(ben.id), 0, 0, "coins")
    assert shown["_id"] == shown["id"] == ben.client.get(path).json["data"]["wallet"]["_id"]
    assert db["wallets"].count_documents({"userId": ben.id}) == 1


def test_a_wallet_that_is_opened_at_the_same_moment_is_one(db: Database, ben: Person) -> None:
    run_all([partial(ben.client.get, "/api/wallets")] * 8)
    assert db["wallets"].count_documents({"userId": ben.id}) == 1


def test_the_wallet_shows_what_can_be_spent_and_what_was_earned(una: Person) -> None:
    una.client.post("/api/wallets/withdraw", json={"amount": 30, "method": "bank", "accountDetails": BANK})
    shown = una.client.get("/api/wallets").json["data"]["wallet"]
    figures = [shown[name] for name in ("balance", "pending", "available", "withdrawableBalance", "totalEarnings")]
    assert figures == [140, 30, 110, 10, 40]
    assert (shown["frozen"], shown["isLocked"], shown["lockReason"]) == (False, False, None)
    assert "paymentMethods" not in shown


def test_a_user_has_one_wallet_for_each_currency(una: Person) -> None:
    give(una.id, 1250, "USD")
    dollars = una.client.get("/api/wallets?currency=USD").json["data"]["wallet"]
    assert (dollars["balance"], dollars["coins"], dollars["currency"]) == (12.5, 140, "USD")
    data = una.client.get("/api/wallets/balance?currency=USD").json["data"]
    assert (data["balance"], data["available"], data["wallet"]["_id"]) == (12.5, 12.5, dollars["_id"])
    assert una.client.get("/api/wallets?currency=JPY").status_code == 400


def test_what_moved_is_listed_the_latest_first_and_filtered(una: Person, ben: Person) -> None:
    give(una.id, 1250, "USD")
    assert sent(una, ben, 10).status_code == 201
    rows = una.client.get("/api/wallets/transactions").json["data"]["transactions"]
    assert [row["type"] for row in rows] == ["transfer", "bonus", "earning", "bonus"]
    assert [row["coins"] for row in rows] == [-10, 0, 40, 100]
    filtered = {"type=transfer": 1, "currency=USD": 1, "status=pending": 0, "type=bonus&currency=coins": 1,
                f"from={rows[1]['createdAt']}": 2, f"to={rows[2]['createdAt']}": 2}  # fmt: skip
    for query, count in filtered.items():
        answer = una.client.get(f"/api/wallets/transactions?{query}").json["data"]
        assert (len(answer["transactions"]), answer["pagination"]["total"]) == (count, count), query


def test_the_list_is_read_on_by_cursor(una: Person, ben: Person) -> None:
    for amount in range(1, 6):
        sent(una, ben, amount)
    seen, cursor = [], ""
    while cursor is not None:
        path = f"/api/wallets/transactions?limit=2&total=false{f'&cursor={cursor}' if cursor else ''}"
        data = una.client.get(path).json["data"]
        assert "total" not in data["pagination"]
        seen += [row["_id"] for row in data["transactions"]]
        cursor = data["pagination"]["nextCursor"]
    assert len(seen) == len(set(seen)) == 7


def test_one_movement_is_for_its_owner_and_administrators(una: Person, ben: Person, admin: Person) -> None:
    row = una.client.get("/api/wallets/transactions").json["data"]["transactions"][0]
    path = f"/api/wallets/transactions/{row['_id']}"
    assert una.client.get(path).json["data"]["transaction"] == row
    assert admin.client.get(path).status_code == 200
    assert ben.client.get(path).status_code == 404


def test_a_transfer_moves_coins_and_both_see_it(db: Database, una: Person, ben: Person) -> None:
    answer = sent(una, ben, 25, description="For lunch")
    row = answer.json["data"]["transaction"]
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/wallets/transactions/{row['_id']}"
    assert (row["amount"], row["balanceAfter"], row["relatedUser"]["username"]) == (-25, 115, "ben")
    assert (row["fromUserId"], row["toUserId"], row["metadata"]) == (str(una.id), str(ben.id), {"note": "For lunch"})
    (other,) = ben.client.get("/api/wallets/transactions").json["data"]["transactions"]
    assert (other["amount"], other["fromUserId"], other["toUserId"]) == (25, str(una.id), str(ben.id))
    assert db["wallets"].find_one({"userId": ben.id})["totalEarnings"] == 0
    assert_clean()


def test_a_transfer_is_refused_where_it_cannot_be(app: Any, db: Database, una: Person, ben: Person) -> None:
    assert sent(una, ben, 141).json["code"] == "insufficient_funds"
    assert sent(una, una, 1).status_code == 400
    assert una.client.post("/api/wallets/transfer", json={"toUserId": "0" * 24, "amount": 1}).status_code == 404
    db["users"].update_one({"_id": ben.id}, {"$set": {"status": "banned"}})
    assert sent(una, ben, 1).status_code == 404
    db["users"].update_one({"_id": ben.id}, {"$set": {"status": "active"}})
    una.client.post(f"/api/users/{ben.id}/block")
    assert sent(una, ben, 1).json["code"] == "USER_BLOCKED"
    assert sent(ben, una, 1).status_code == 404
    assert balance(db, una.account) == 140


@pytest.mark.parametrize(
    "body",
    [
        {"amount": 0}, {"amount": -5}, {"amount": 1.5}, {"amount": "5"}, {"amount": True}, {"amount": 1e400},
        {"amount": 10**15}, {"amount": 0.001, "currency": "USD"}, {"amount": 1, "currency": "JPY"}, {},
        {"amount": 1, "recipientId": "0" * 24}, {"amount": 1, "balance": 5}, {"amount": 1, "userId": "0" * 24},
        {"amount": 1, "$inc": {"balance": 5}}, {"amount": {"$gt": 0}}, {"amount": 1, "toUserId": {"$ne": None}},
        {"amount": 1, "description": "x" * 201},
    ],
)  # fmt: skip
def test_hostile_transfers_are_a_400_and_move_nothing(
    db: Database, una: Person, ben: Person, body: dict[str, Any]
) -> None:
    raw = {"toUserId": str(ben.id)} | body
    text = str(raw).replace("'", '"').replace("True", "true").replace("None", "null").replace("inf", "1e400")
    answer = una.client.post("/api/wallets/transfer", data=text, content_type="application/json")
    assert answer.status_code == 400
    assert (balance(db, una.account), balance(db, ben.account)) == (140, 0)


def test_only_so_much_leaves_within_a_day(db: Database, una: Person, ben: Person) -> None:
    give(una.id, 30_000)
    assert sent(una, ben, 9_999).status_code == 201
    refused = sent(una, ben, 2)
    assert (refused.status_code, refused.json["code"], refused.json["left"]) == (409, "transfer_limit_reached", 1)
    db["transactions"].update_many(
        {"userId": una.id}, [{"$set": {"createdAt": {"$subtract": ["$createdAt", 90_000_000]}}}]
    )
    assert sent(una, ben, 2).status_code == 201


def test_transfers_at_the_same_moment_keep_to_the_limit_and_to_what_there_is(
    app: Any, db: Database, una: Person, ben: Person
) -> None:
    give(una.id, 30_000)
    answers: list[int] = []
    run_all([lambda: answers.append(sent(una, ben, 4_000).status_code)] * 6)
    assert sorted(answers) == [201, 201, 409, 409, 409, 409]
    assert balance(db, ben.account) == 8_000
    assert_clean()


def test_a_repeated_key_sends_once_whatever_becomes_of_the_first_answer(db: Database, una: Person, ben: Person) -> None:
    first = sent(una, ben, 10, key="k1")
    again = sent(una, ben, 10, key="k1")
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")
    assert sent(una, ben, 11, key="k1").status_code == 422
    # The worker was killed between the commit and the kept answer.
    database().client[f"{db.name}_ops"]["idempotencykeys"].delete_many({})
    assert sent(una, ben, 10, key="k1").json["data"] == first.json["data"]
    assert balance(db, ben.account) == 10


def test_fifty_times_the_same_key_at_once_sends_once(db: Database, una: Person, ben: Person) -> None:
    answers: list[int] = []
    run_all([lambda: answers.append(sent(una, ben, 10, key="k").status_code)] * 50)
    assert set(answers) <= {201, 409, 429}
    assert balance(db, ben.account) == 10


def test_a_withdrawal_waits_and_never_shows_where_the_money_goes(una: Person) -> None:
    body = {"amount": 40, "method": "bank", "accountDetails": BANK}
    answer = una.client.post("/api/wallets/withdraw", json=body, headers={HEADER: "w"})
    data = answer.json["data"]
    assert answer.status_code == 201
    assert (data["transaction"]["status"], data["transaction"]["amount"]) == ("pending", -40)
    assert (data["withdrawal"]["status"], data["withdrawal"]["transactionId"]) == (
        "pending",
        data["transaction"]["_id"],
    )
    listed = una.client.get("/api/wallets/transactions?status=pending")
    assert BANK["iban"] not in answer.text + listed.text
    assert una.client.post("/api/wallets/withdraw", json=body, headers={HEADER: "w"}).data == answer.data
    refused = una.client.post("/api/wallets/withdraw", json=body | {"amount": 1})
    assert (refused.status_code, refused.json["code"]) == (409, "not_earned")


@pytest.mark.parametrize(
    "details", [{}, {"$where": "1"}, {"a.b": "1"}, {"iban": 5}, {"iban": ""}, {"iban": "x" * 201}, "text", None]
)
def test_account_details_are_short_texts_by_name(una: Person, details: Any) -> None:
    body = {"amount": 1, "method": "bank", "accountDetails": details}
    assert una.client.post("/api/wallets/withdraw", json=body).status_code == 400


def test_a_withdrawal_is_logged_without_where_the_money_goes(una: Person, capfd: pytest.CaptureFixture[str]) -> None:
    body = {"amount": 40, "method": "bank", "accountDetails": BANK}
    una.client.post("/api/wallets/withdraw", json=body)
    una.client.post("/api/wallets/withdraw", json=body)
    assert BANK["iban"] not in "".join(capfd.readouterr())
