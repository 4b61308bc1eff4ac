"""Many at once: the last things are sold once each, and nobody is turned away for a conflict."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.orders.services import expiring
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.commerce import make_coupon
from tests.factories.orders import ask, fill, house, on_shelf, place
from tests.factories.payments import event, tell
from tests.factories.products import make_product
from tests.factories.users import make_user
from tests.factories.wallets import give

Document = dict[str, Any]
METHODS = ("cash_on_delivery", "wallet", "card")


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do all ``works`` at once, each in a thread of its own, and return what they returned."""
    results: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(number: int) -> None:
        start.wait()
        try:
            results[number] = works[number]()
        except Exception as error:  # whatever it is, the test shows it
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def crowd(app: Flask, db: Database, people: int, *lines: tuple[Document, int]) -> list[tuple[FlaskClient, str]]:
    """Return so many buyers with full carts, and how they want to pay."""
    found = []
    for number in range(people):
        user, method = make_user(db), METHODS[number % len(METHODS)]
        if method == "wallet":
            give(user["_id"], 1_000_00, "USD")
        fill(db, user, *lines)
        found.append((client_of(app, user), method))
    return found


def outcomes(buyers: Sequence[tuple[FlaskClient, str]], **more: Any) -> Counter[str]:
    """Let all ``buyers`` order at once and count what they are told."""

    def one(client: FlaskClient, method: str) -> str:
        answer = ask(client, method, **more)
        return "ordered" if answer.status_code == 201 else str(answer.json.get("code"))

    return Counter(map(str, at_once(*(lambda c=c, m=m: one(c, m) for c, m in buyers))))  # type: ignore[misc]


def sold_once(app: Flask, db: Database, people: int) -> None:
    mug = make_product(db, price=10.0, stock=10)
    found = outcomes(crowd(app, db, people, (mug, 1)))
    assert found == {"ordered": 10, "out_of_stock": people - 10}
    orders = list(db["orders"].find({"items.productId": mug["_id"]}))
    assert len({order["userId"] for order in orders}) == len(orders) == 10
    waiting = sum(order["status"] == "pending" for order in orders)
    assert on_shelf(db, mug) == (waiting, waiting)
    paid = sum(order["paymentMethod"] == "wallet" for order in db["orders"].find())
    assert house()["escrow"] == paid * 16_99


def test_forty_want_the_last_ten(app: Flask, db: Database) -> None:
    sold_once(app, db, 40)


@pytest.mark.slow
def test_two_hundred_want_the_last_ten_twenty_times(app: Flask, db: Database) -> None:
    for _ in range(20):
        sold_once(app, db, 200)


def test_two_things_wanted_the_other_way_round_do_not_wait_for_each_other(app: Flask, db: Database) -> None:
    mug, bowl = (make_product(db, price=10.0, stock=10) for _ in range(2))
    buyers = [*crowd(app, db, 15, (mug, 1), (bowl, 1)), *crowd(app, db, 15, (bowl, 1), (mug, 1))]
    assert outcomes(buyers) == {"ordered": 10, "out_of_stock": 20}
    assert on_shelf(db, mug) == on_shelf(db, bowl)


def test_fifty_want_the_last_use_of_a_coupon(app: Flask, db: Database) -> None:
    mug = make_product(db, price=10.0, stock=100)
    make_coupon(db, "LAST", usageLimit=1)
    assert outcomes(crowd(app, db, 50, (mug, 1)), couponCode="LAST") == {"ordered": 1, "coupon_not_valid": 49}
    assert db["coupons"].find_one({"code": "LAST"})["usageCount"] == 1
    assert sum(on_shelf(db, mug)) in (99, 101)


def test_one_cart_ordered_twenty_times_at_once_is_ordered_once(
    app: Flask, as_una: FlaskClient, db: Database, una: Document
) -> None:
    mug = make_product(db, price=10.0, stock=100)
    fill(db, una, (mug, 1))
    found = outcomes([(client_of(app, una), "cash_on_delivery") for _ in range(20)])
    assert found == {"ordered": 1, "cart_empty": 19}
    assert on_shelf(db, mug) == (99, 0)


def test_one_key_sent_twenty_times_at_once_gives_one_order(
    app: Flask, as_una: FlaskClient, db: Database, una: Document
) -> None:
    mug = make_product(db, price=10.0, stock=100)
    fill(db, una, (mug, 1))
    found = outcomes([(client_of(app, una), "card") for _ in range(20)], key="once")
    assert set(found) <= {"ordered", "idempotency_key_in_use"}
    assert db["orders"].count_documents({}) == 1
    assert on_shelf(db, mug) == (100, 1)


@pytest.mark.parametrize("run", range(3))
def test_whether_paying_or_expiring_is_faster_nothing_is_lost(
    app: Flask, as_una: FlaskClient, db: Database, ops_db: Database, una: Document, run: int
) -> None:
    mug = make_product(db, price=10.0, stock=12)
    orders = []
    for _ in range(12):
        fill(db, una, (mug, 1))
        orders.append(place(as_una, "card"))
    ops_db["sandboxpayments"].update_many({}, {"$set": {"state": "succeeded"}})
    payments = [as_una.get(f"/api/payments/{order['_id']}").json["data"]["payment"] for order in orders]
    over = {"$set": {"expiresAt": clock.now() - timedelta(hours=1)}}
    db["orders"].update_many({}, over)
    # The provider's own memory is gone, so that the sweeper cannot find out and both really race.
    ops_db["sandboxpayments"].update_many({}, {"$set": {"state": "canceled"}})

    def expire() -> None:
        with app.app_context():
            expiring.expire()

    clients = [client_of(app) for _ in payments]
    told = [lambda c=c, p=p: tell(c, event(p)) for c, p in zip(clients, payments, strict=True)]  # type: ignore[misc]
    assert [each for each in at_once(*told, expire, expire) if isinstance(each, Exception)] == []
    found = list(db["orders"].find())
    assert {(order["status"], order["paymentStatus"]) for order in found} == {("confirmed", "paid")}
    assert on_shelf(db, mug) == (0, 0)
    assert house() == {"escrow": 12 * 16_99, "payouts": -12 * 16_99, "revenue": 0}
