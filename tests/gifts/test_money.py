"""No coin is made or lost by gifts: whatever the price, the share and the number of those who give at once."""

import threading
from itertools import count
from random import Random
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.blueprints.gifts.services import sending
from mixillo.blueprints.gifts.services.pricing import MAX_PRICE, MAX_QUANTITY, price_of
from mixillo.blueprints.gifts.services.sending import Wish
from mixillo.blueprints.wallets.models import REVENUE
from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import ledger
from mixillo.core.security import Viewer
from tests.factories.auth import client_of
from tests.factories.gifts import make_gift, send
from tests.factories.users import make_user
from tests.factories.wallets import balance, give

PRICES = st.integers(1, MAX_PRICE)
PERCENTS = st.integers(0, 100) | st.floats(0, 100, allow_nan=False)
QUANTITIES = st.integers(1, MAX_QUANTITY)
HOT = 4


@given(PRICES, PERCENTS, QUANTITIES)
def test_shares_add_up_and_the_creators_is_rounded_down(price: int, percent: float, quantity: int) -> None:
    found = price_of({"price": price, "creatorEarningsPercent": percent}, quantity)
    assert (found.unit, found.total) == (price, price * quantity)
    assert found.earnings >= 0
    assert found.fee >= 0
    assert found.earnings + found.fee == found.total
    exact = found.total * percent / 100
    assert found.earnings <= exact * (1 + 1e-12)
    assert exact - found.earnings < 1 + exact * 1e-12


@pytest.mark.usefixtures("db")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_sender_loses_exactly_what_creator_and_house_get(migrated_app: Flask, mongo_client: Any, data: Any) -> None:
    db = mongo_client["mixillo_test"]
    price, percent, quantity = data.draw(st.integers(1, 10_000)), data.draw(PERCENTS), data.draw(QUANTITIES)
    gift = make_gift(db, price, creatorEarningsPercent=percent)
    sender, creator = make_user(db), make_user(db)
    there = price * quantity + data.draw(st.integers(-price, 1_000))
    give(sender["_id"], max(1, there))
    before = books.reconcile().house[REVENUE]["coins"]
    try:
        outcome = sending.send(viewer(sender), wish(gift, creator, quantity), ObjectId())
    except ledger.InsufficientFunds:
        assert max(1, there) < price * quantity
        assert balance(db, ledger.user(sender["_id"])) == max(1, there)
        assert balance(db, ledger.user(creator["_id"])) == 0
        return
    earned = balance(db, ledger.user(creator["_id"]))
    assert balance(db, ledger.user(sender["_id"])) == outcome["newBalance"] == there - price * quantity
    assert earned + books.reconcile().house[REVENUE]["coins"] - before == price * quantity
    assert books.reconcile().is_clean


def viewer(user: dict[str, Any]) -> Viewer:
    return Viewer(user["_id"], user["username"], "user", None)


def wish(gift: dict[str, Any], creator: dict[str, Any], quantity: int) -> Wish:
    return Wish(gift["_id"], creator["_id"], quantity, "profile", {}, None, is_anonymous=False)


@pytest.fixture
def unlimited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let people ask as often as they like."""
    monkeypatch.setitem(app.config, "RATE_LIMIT", None)


@pytest.fixture
def hot(db: Database) -> list[dict[str, Any]]:
    """Four people whom everybody gives to, and who give."""
    people = [make_user(db) for _ in range(HOT)]
    for person in people:
        give(person["_id"], 500)
    return people


def storm(app: Flask, db: Database, hot: list[dict[str, Any]], threads: int, operations: int) -> list[Any]:
    """Let ``threads`` send gifts between the ``hot`` ones, ``operations`` together; return the answers."""
    gifts = [make_gift(db, price) for price in (1, 7, 40, 90)]
    numbers = count()
    answers: list[Any] = []

    def rain(seed: int) -> None:
        random = Random(seed)
        clients = {person["_id"]: client_of(app, person) for person in hot}
        while (number := next(numbers)) < operations:
            sender, creator = random.sample(hot, 2)
            answers.append(send(clients[sender["_id"]], random.choice(gifts), creator["_id"], key=f"{number}"))

    workers = [threading.Thread(target=rain, args=(seed,)) for seed in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers


def assert_conserved(db: Database, hot: list[dict[str, Any]], answers: list[Any]) -> None:
    found = books.reconcile()
    assert (found.drifts, found.negative, found.is_clean) == ([], 0, True)
    held = sum(balance(db, ledger.user(person["_id"])) for person in hot)
    assert held + found.house[REVENUE]["coins"] == HOT * 500
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} <= {"insufficient_funds"}
    sent = {answer.json["data"]["transaction"]["_id"] for answer in answers if answer.status_code == 201}
    assert sent == {str(record["_id"]) for record in db["gifttransactions"].find({}, ["_id"])}
    assert len(sent) == sum(answer.status_code == 201 for answer in answers)


@pytest.mark.slow
@pytest.mark.usefixtures("unlimited")
def test_sixteen_at_once_on_four_wallets_lose_nothing_and_none_fails_for_a_conflict(
    app: Flask, db: Database, hot: list[dict[str, Any]]
) -> None:
    answers = storm(app, db, hot, threads=16, operations=300)
    assert len(answers) == 300
    assert_conserved(db, hot, answers)


@pytest.mark.slow
@pytest.mark.usefixtures("unlimited")
def test_five_thousand_gifts_on_four_wallets_lose_nothing(app: Flask, db: Database, hot: list[dict[str, Any]]) -> None:
    answers = storm(app, db, hot, threads=16, operations=5_000)
    assert len(answers) == 5_000
    assert_conserved(db, hot, answers)
