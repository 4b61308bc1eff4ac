"""Buying credits: the tier's discount and bonus, the first purchase, and nothing before it is paid."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.blueprints.supporters.queries.quotes import quote
from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import ledger
from tests.factories.auth import client_of
from tests.factories.gifts import make_gift, send
from tests.factories.supporters import make_packages, make_tiers
from tests.factories.users import make_user
from tests.factories.wallets import balance

User = dict[str, Any]


def buy(client: FlaskClient, package: dict[str, Any], key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/supporters/packages/purchase", json={"packageId": str(package["_id"])}, headers=headers)


def pay(client: FlaskClient, bought: Any) -> None:
    payment = bought.json["data"]["payment"]["_id"]
    assert client.post(f"/api/payments/{payment}/sandbox/complete").status_code == 200


def coins(db: Database, user: User) -> int:
    return balance(db, ledger.user(user["_id"]))


def test_packages_on_sale_are_listed_in_their_order(db: Database, as_ada: FlaskClient) -> None:
    make_packages(db)
    db["creditpackages"].update_one({"name": "mega"}, {"$set": {"status": "inactive"}})
    listed = as_ada.get("/api/supporters/packages").json["data"]["packages"]
    assert [package["name"] for package in listed] == ["starter", "basic", "premium", "ultra"]
    assert listed[1]["price"] == {"amount": 4.99, "currency": "USD"}
    popular = as_ada.get("/api/supporters/packages?popular=true").json["data"]["packages"]
    assert [package["name"] for package in popular] == ["basic"]


def test_credits_arrive_when_the_payment_completes_and_once(db: Database, bob: User, as_bob: FlaskClient) -> None:
    make_tiers(db)
    bought = buy(as_bob, make_packages(db)["basic"])
    assert bought.status_code == 201, bought.json
    assert bought.json["data"]["payment"]["amount"] == 4.99
    assert coins(db, bob) == 0
    pay(as_bob, bought)
    pay(as_bob, bought)
    assert coins(db, bob) == 550
    assert books.reconcile().is_clean


def test_the_first_purchase_brings_its_bonus_once(db: Database, bob: User, as_bob: FlaskClient) -> None:
    mega = make_packages(db)["mega"]
    first, second = buy(as_bob, mega), buy(as_bob, mega)
    for bought in (first, second):
        quoted = bought.json["data"]["quote"]
        assert (quoted["isFirstPurchase"], quoted["totalCredits"]) == (True, 4500)
    pay(as_bob, second)
    assert coins(db, bob) == 4500
    pay(as_bob, first)
    assert coins(db, bob) == 8500
    assert buy(as_bob, mega).json["data"]["quote"]["firstTimeBonus"] == 0


def test_a_higher_tier_pays_less_and_gets_more(db: Database, ada: User, as_ada: FlaskClient, bob: User) -> None:
    make_tiers(db)
    send(as_ada, make_gift(db, 2_000), bob["_id"])
    before = coins(db, ada)
    bought = buy(as_ada, make_packages(db)["basic"])
    quoted = bought.json["data"]["quote"]
    assert (quoted["price"]["amount"], quoted["discount"], quoted["tierBonus"], quoted["tier"]) == (
        4.49,
        0.5,
        55,
        "gold",
    )
    pay(as_ada, bought)
    assert coins(db, ada) == before + 605


def test_a_package_for_higher_tiers_is_refused(db: Database, as_bob: FlaskClient) -> None:
    make_tiers(db)
    ultra = make_packages(db)["ultra"]
    assert (buy(as_bob, ultra).status_code, buy(as_bob, ultra).json["code"]) == (409, "tier_too_low")
    assert as_bob.get(f"/api/supporters/packages/{ultra['_id']}/quote").status_code == 409
    assert db["payments"].count_documents({}) == 0


@pytest.mark.parametrize("field", ["status", "availability"])
def test_what_is_not_on_sale_cannot_be_bought(db: Database, as_bob: FlaskClient, field: str) -> None:
    starter = make_packages(db)["starter"]
    ended = {"status": "inactive", "availability": {"endDate": starter["createdAt"]}}[field]
    db["creditpackages"].update_one({"_id": starter["_id"]}, {"$set": {field: ended}})
    assert buy(as_bob, starter).status_code == 404


def test_a_repeated_key_asks_for_one_payment(db: Database, as_bob: FlaskClient) -> None:
    starter = make_packages(db)["starter"]
    first, second = buy(as_bob, starter, "k"), buy(as_bob, starter, "k")
    assert second.data == first.data
    assert db["payments"].count_documents({}) == 1


@pytest.mark.parametrize("field", ["price", "credits", "paymentTransactionId", "userId"])
def test_the_buyer_decides_nothing_but_the_package(db: Database, as_bob: FlaskClient, field: str) -> None:
    body = {"packageId": str(make_packages(db)["starter"]["_id"]), field: "1"}
    assert as_bob.post("/api/supporters/packages/purchase", json=body).status_code == 400


def test_a_refund_takes_the_credits_back(
    db: Database, app: Flask, bob: User, as_bob: FlaskClient, as_admin: FlaskClient
) -> None:
    bought = buy(as_bob, make_packages(db)["basic"])
    pay(as_bob, bought)
    payment = bought.json["data"]["payment"]["_id"]
    for amount, left in ((2.00, 330), (2.99, 0)):
        answer = as_admin.post(f"/api/payments/{payment}/refund", json={"amount": amount, "reason": "Asked for"})
        assert answer.status_code == 200, answer.json
        assert coins(db, bob) == left
    assert db["wallets"].find_one({"userId": bob["_id"]})["debt"] == 0
    assert books.reconcile().is_clean


def test_buyers_are_ranked_without_what_was_refunded(
    db: Database, app: Flask, bob: User, as_bob: FlaskClient, as_admin: FlaskClient
) -> None:
    packages, eve = make_packages(db), make_user(db)
    as_eve = client_of(app, eve)
    pay(as_eve, buy(as_eve, packages["starter"]))
    bought = buy(as_bob, packages["basic"])
    pay(as_bob, bought)
    payment = bought.json["data"]["payment"]["_id"]
    as_admin.post(f"/api/payments/{payment}/refund", json={"reason": "Asked for"})
    lines = as_bob.get("/api/supporters/leaderboard/spenders?period=week").json["data"]["leaderboard"]
    assert [(line["user"]["username"], line["totalCoins"], line["purchases"]) for line in lines] == [
        (eve["username"], 100, 1)
    ]


@given(
    amount=st.integers(1, 10**7), credits_=st.integers(1, 10**6), bonus=st.integers(0, 10**6),
    off=st.integers(0, 100), tier_off=st.integers(0, 100), multiplier=st.sampled_from([1, 1.05, 1.1, 1.15, 1.2]),
)  # fmt: skip
def test_an_offer_never_asks_more_than_the_price_nor_gives_less_than_the_package(
    amount: int, credits_: int, bonus: int, off: int, tier_off: int, multiplier: float
) -> None:
    price = {"amount": amount / 100, "currency": "USD"}
    package = {"price": price, "credits": credits_, "bonusCredits": bonus, "discountPercentage": off}
    offered = quote(package, {"discountPercentage": tier_off, "bonusCreditsMultiplier": multiplier})
    assert 1 <= offered.price <= amount
    assert offered.price + offered.discount == amount
    assert offered.total(is_first=False) >= credits_ + bonus
    assert offered.tier_bonus <= (credits_ + bonus) * 0.2 + 1
