"""Payments of orders: told in any order and however often, before and after the order has expired."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.orders.services import expiring, paying, refunding, upkeep
from mixillo.blueprints.payments.services import providers
from mixillo.blueprints.payments.services.errors import PaymentsUnavailable
from mixillo.core import clock
from tests.factories.commerce import make_coupon
from tests.factories.orders import ask, fill, house, on_shelf, pay, place, stored
from tests.factories.payments import declined, event, refunded, sandbox, tell
from tests.factories.products import make_product

Document = dict[str, Any]


@pytest.fixture
def mug(db: Database, store: Document) -> Document:
    return make_product(db, store, price=10.0, stock=2)


@pytest.fixture
def order(as_una: FlaskClient, db: Database, una: Document, mug: Document) -> Document:
    """Both mugs, by card, with a coupon; not paid yet."""
    make_coupon(db, "ONCE", usageLimit=1)
    fill(db, una, (mug, 2))
    return place(as_una, "card", couponCode="ONCE")


@pytest.fixture
def payment(as_una: FlaskClient, order: Document) -> Document:
    """The order's payment, as the API shows it."""
    found: Document = as_una.get(f"/api/payments/{order['_id']}").json["data"]["payment"]
    return found


def late(db: Database, order: Document) -> None:
    """Let the time of an order be over."""
    stored(db, order)
    an_hour_ago = {"$set": {"expiresAt": clock.now() - timedelta(hours=1)}}
    db["orders"].update_one({"orderNumber": order["orderNumber"]}, an_hour_ago)
    db["payments"].update_one({"orderId": stored(db, order)["_id"]}, an_hour_ago)


def expire(app: Flask) -> int:
    with app.app_context():
        return expiring.expire()


def uses(db: Database) -> int:
    coupon = db["coupons"].find_one({"code": "ONCE"})
    assert coupon
    assert coupon["usageCount"] == db["couponuses"].count_documents({})
    return int(coupon["usageCount"])


def test_an_unpaid_order_expires_with_all_that_it_kept(
    app: Flask, as_una: FlaskClient, db: Database, mug: Document, order: Document
) -> None:
    assert (on_shelf(db, mug), uses(db)) == ((2, 2), 1)
    assert expire(app) == 0
    late(db, order)
    assert expire(app) == 1
    assert expire(app) == 0
    after = as_una.get(f"/api/orders/{order['_id']}").json["data"]["order"]
    assert (after["status"], after["paymentStatus"]) == ("cancelled", "failed")
    assert after["cancellationReason"] == "It was not paid in time"
    assert (on_shelf(db, mug), uses(db)) == ((2, 0), 0)
    answer = pay(as_una, order)
    assert (answer.status_code, answer.json["code"]) == (409, "payment_refused")


def test_a_payment_after_the_time_but_before_the_sweeper_counts(
    app: Flask, as_una: FlaskClient, db: Database, mug: Document, order: Document
) -> None:
    late(db, order)
    assert pay(as_una, order).status_code == 200
    assert expire(app) == 0
    assert stored(db, order)["status"] == "confirmed"
    assert on_shelf(db, mug) == (0, 0)


def test_a_payment_whose_event_was_lost_is_found_when_the_order_would_expire(
    app: Flask, client: FlaskClient, db: Database, ops_db: Database, mug: Document, order: Document
) -> None:
    ops_db["sandboxpayments"].update_one({"_id": f"sandbox_{order['_id']}"}, {"$set": {"state": "succeeded"}})
    late(db, order)
    assert expire(app) == 0
    assert (stored(db, order)["status"], stored(db, order)["paymentStatus"]) == ("confirmed", "paid")
    assert house() == {"escrow": 25_79, "payouts": -25_79, "revenue": 0}


def test_a_payment_after_expiry_gets_the_goods_if_they_are_still_there(
    app: Flask, client: FlaskClient, db: Database, mug: Document, order: Document, payment: Document
) -> None:
    late(db, order)
    expire(app)
    assert tell(client, event(payment)) == "applied"
    after = stored(db, order)
    assert (after["status"], after["paymentStatus"]) == ("confirmed", "paid")
    assert not {"cancelledAt", "expiredAt", "cancellationReason"} & after.keys()
    assert (on_shelf(db, mug), uses(db)) == ((0, 0), 1)
    assert house() == {"escrow": 25_79, "payouts": -25_79, "revenue": 0}


@pytest.mark.parametrize("taken", ["goods", "coupon"])
def test_a_payment_after_expiry_goes_back_if_something_is_gone(
    app: Flask, as_una: FlaskClient, client: FlaskClient, db: Database, una: Document, mug: Document, order: Document,
    payment: Document, ops_db: Database, taken: str,
) -> None:  # fmt: skip
    late(db, order)
    expire(app)
    if taken == "goods":
        fill(db, una, (mug, 1))
        place(as_una)
    else:
        db["coupons"].update_one({"code": "ONCE"}, {"$set": {"usageCount": 1}})
    shelf = on_shelf(db, mug)
    ops_db["sandboxpayments"].update_one({"_id": f"sandbox_{order['_id']}"}, {"$set": {"state": "succeeded"}})
    assert tell(client, event(payment)) == "applied"
    after = as_una.get(f"/api/orders/{order['_id']}").json["data"]["order"]
    assert (after["status"], after["paymentStatus"], after["refundedAmount"]) == ("cancelled", "refunded", 25.79)
    assert after["statusHistory"][-1]["note"] == paying.SOLD_OUT_MEANWHILE
    assert [refund["isDone"] for refund in after["refunds"]] == [True]
    assert on_shelf(db, mug) == shelf
    assert house() == {"escrow": 0, "payouts": 0, "revenue": 0}
    assert db["payments"].find_one({"_id": stored(db, order)["_id"]})["status"] == "refunded"


def test_a_payment_of_an_order_that_its_buyer_cancelled_goes_back(
    as_una: FlaskClient, client: FlaskClient, db: Database, ops_db: Database, mug: Document, order: Document,
    payment: Document,
) -> None:  # fmt: skip
    assert as_una.put(f"/api/orders/{order['_id']}/cancel").status_code == 200
    assert (on_shelf(db, mug), uses(db)) == ((2, 0), 0)
    ops_db["sandboxpayments"].update_one({"_id": f"sandbox_{order['_id']}"}, {"$set": {"state": "succeeded"}})
    tell(client, event(payment))
    after = stored(db, order)
    assert (after["status"], after["paymentStatus"]) == ("cancelled", "refunded")
    assert on_shelf(db, mug) == (2, 0)
    assert house() == {"escrow": 0, "payouts": 0, "revenue": 0}


FACTS: tuple[Callable[[Document], Any], ...] = (declined, event, lambda paid: refunded(paid, 5_00))


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
def test_whatever_is_told_in_whatever_order_ends_the_same(
    client: FlaskClient, db: Database, mug: Document, order: Document, payment: Document, sequence: tuple[int, ...]
) -> None:
    told = [FACTS[n](payment) for n in sequence]
    for _ in range(2):
        for each in told:
            tell(client, each)
    after = stored(db, order)
    assert (after["status"], after["paymentStatus"]) == ("confirmed", "partially_refunded")
    assert on_shelf(db, mug) == (0, 0)
    assert house() == {"escrow": 20_79, "payouts": -20_79, "revenue": 0}
    assert str(after["fulfilments"][0]["refunded"]) == "5.00"


def test_the_same_payment_told_twice_counts_once(
    client: FlaskClient, db: Database, mug: Document, order: Document, payment: Document
) -> None:
    assert [tell(client, event(payment)) for _ in range(3)] == ["applied", "known", "known"]
    once = event(payment)
    assert [tell(client, once) for _ in range(2)] == ["known", "duplicate"]
    assert on_shelf(db, mug) == (0, 0)
    assert house() == {"escrow": 25_79, "payouts": -25_79, "revenue": 0}


def test_what_the_provider_gives_back_by_itself_is_not_paid_out(
    as_una: FlaskClient, client: FlaskClient, as_sam: FlaskClient, db: Database, order: Document, payment: Document
) -> None:
    pay(as_una, order)
    tell(client, refunded(payment, 25_79))
    assert stored(db, order)["paymentStatus"] == "refunded"
    answer = as_sam.put(f"/api/orders/{order['_id']}/status", json={"status": "delivered"})
    assert answer.status_code == 200
    assert house() == {"escrow": 0, "payouts": 0, "revenue": 0}


def test_a_refund_that_the_provider_did_not_take_is_asked_for_again(
    app: Flask, as_una: FlaskClient, db: Database, order: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(as_una, order)

    def unavailable(*_arguments: Any) -> None:
        raise PaymentsUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(sandbox(app), "refund", unavailable)
        assert as_una.post(f"/api/orders/{order['_id']}/cancel").status_code == 200
    waiting = stored(db, order)
    assert (waiting["status"], waiting["paymentStatus"], waiting["refunds"][0]["state"]) == ("cancelled", "paid", "due")
    with app.app_context():
        assert upkeep.look_after() == (0, 1)
        assert upkeep.look_after() == (0, 0)
    after = stored(db, order)
    assert (after["paymentStatus"], after["refunds"][0]["state"]) == ("refunded", "done")
    assert "refundDueAt" not in after
    assert house() == {"escrow": 0, "payouts": 0, "revenue": 0}


def test_a_refund_that_is_asked_for_twice_is_given_once(
    app: Flask, as_una: FlaskClient, as_admin: FlaskClient, db: Database, ops_db: Database, order: Document,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pay(as_una, order)
    seen: list[Document] = []
    with monkeypatch.context() as patch:
        patch.setattr(refunding, "ask", seen.append)
        body = {"amount": 5.0, "reason": "A scratch"}
        assert as_admin.post(f"/api/orders/admin/{order['_id']}/refund", json=body).status_code == 200
    with app.app_context():
        for _ in range(2):  # of a process that was killed before it could write down that it had asked
            refunding.ask(seen[0])
    assert int(ops_db["sandboxpayments"].find_one({"_id": f"sandbox_{order['_id']}"})["refunded"]) == 5_00
    assert house() == {"escrow": 20_79, "payouts": -20_79, "revenue": 0}


def test_a_provider_that_does_not_answer_leaves_an_order_that_can_be_paid_later(
    app: Flask, as_una: FlaskClient, db: Database, una: Document, store: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    bowl = make_product(db, store, price=1.0, stock=1)
    fill(db, una, (bowl, 1))

    def unavailable(*_arguments: Any) -> None:
        raise PaymentsUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(sandbox(app), "open", unavailable)
        answer = ask(as_una, "card", key="later")
        assert answer.status_code == 503
    again = ask(as_una, "card", key="later")
    assert again.status_code == 201
    order = again.json["data"]["order"]
    assert pay(as_una, order).status_code == 200
    assert stored(db, order)["status"] == "confirmed"
    assert db["orders"].count_documents({}) == 1


def test_without_a_provider_nothing_is_reserved(
    app: Flask, as_una: FlaskClient, db: Database, una: Document, mug: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db, una, (mug, 1))
    monkeypatch.setitem(app.extensions, providers.EXTENSION, None)
    answer = ask(as_una, "card")
    assert (answer.status_code, answer.json["code"]) == (503, "payments_unavailable")
    assert on_shelf(db, mug) == (2, 0)
