"""Orders that are cancelled or sent back: goods, coupons and money return to where they came from."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import clock
from tests.factories.commerce import make_coupon
from tests.factories.orders import bought, fill, house, moved, on_shelf, pay, place, stored, wallet_of
from tests.factories.wallets import give

Document = dict[str, Any]


@pytest.mark.parametrize("method", ["wallet", "card", "cash_on_delivery"])
def test_cancelling_gives_goods_coupon_and_money_back(
    as_una: FlaskClient, db: Database, una: Document, mug: Document, method: str
) -> None:
    make_coupon(db, "ONCE")
    give(una["_id"], 1_000_00, "USD")
    fill(db, una, (mug, 1))
    order = place(as_una, method, couponCode="ONCE")
    if method == "card":
        pay(as_una, order)
    answer = as_una.post(f"/api/orders/{order['_id']}/cancel", json={"reason": "By mistake"})
    after = answer.json["data"]["order"]
    assert (after["status"], after["cancellationReason"]) == ("cancelled", "By mistake")
    assert stored(db, order)["paymentStatus"] == ("failed" if method == "cash_on_delivery" else "refunded")
    assert on_shelf(db, mug) == (5, 0)
    assert db["products"].find_one({"_id": mug["_id"]})["salesCount"] == 0
    assert db["coupons"].find_one({"code": "ONCE"})["usageCount"] == 0
    assert wallet_of(db, una) == 1_000_00
    assert house()["escrow"] == 0
    again = as_una.put(f"/api/orders/{order['_id']}/cancel")
    assert (again.status_code, on_shelf(db, mug)) == (200, (5, 0))


def test_what_is_on_its_way_cannot_be_cancelled(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, mug: Document, bowl: Document
) -> None:
    order = bought(as_una, db, una, mug, bowl)
    moved(as_sam, order, "shipped")
    answer = as_una.put(f"/api/orders/{order['_id']}/cancel")
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_cancellable")


def test_a_seller_cancels_their_part_and_the_rest_goes_on(
    as_una: FlaskClient, as_sam: FlaskClient, as_ola: FlaskClient, db: Database, una: Document, mug: Document,
    bowl: Document,
) -> None:  # fmt: skip
    order = bought(as_una, db, una, mug, bowl)
    moved(as_sam, order, "cancelled")
    after = stored(db, order)
    assert (after["status"], after["paymentStatus"]) == ("confirmed", "partially_refunded")
    assert (on_shelf(db, mug), on_shelf(db, bowl)) == ((5, 0), (4, 0))
    assert house()["escrow"] == 55_00
    moved(as_ola, order, "delivered")
    assert stored(db, order)["status"] == "delivered"
    assert house()["escrow"] == 0


@pytest.mark.parametrize("method", ["wallet", "card", "cash_on_delivery"])
def test_what_is_sent_back_is_clawed_back_from_its_seller(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, sam: Document, mug: Document, method: str
) -> None:
    order = bought(as_una, db, una, mug, method=method)
    before = wallet_of(db, una)
    moved(as_sam, order, "shipped", "delivered")
    assert (wallet_of(db, sam), house()["revenue"]) == (100_00, 10_00)
    path = f"/api/orders/{order['_id']}/return"
    assert as_sam.post(f"{path}/accept").json["code"] == "order_not_returnable"
    asked = as_una.post(path, json={"reason": "It does not fit"}).json["data"]["order"]
    assert (asked["status"], asked["fulfilments"][0]["returnReason"]) == ("delivered", "It does not fit")
    answer = as_sam.post(f"{path}/accept", json={"note": "It is back"})
    assert answer.status_code == 200, answer.json
    after = stored(db, order)
    assert (after["status"], after["paymentStatus"], after["canReview"]) == ("returned", "refunded", False)
    assert on_shelf(db, mug) == (5, 0)
    assert wallet_of(db, sam) == 0
    assert wallet_of(db, una) == (before if method == "card" else before + 110_00)
    assert (house()["escrow"], house()["revenue"]) == (0, 0)
    assert as_sam.post(f"{path}/accept").json["code"] == "order_not_returnable"


def test_a_seller_who_has_spent_it_owes_it(
    as_una: FlaskClient, as_sam: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, sam: Document,
    mug: Document,
) -> None:  # fmt: skip
    order = bought(as_una, db, una, mug)
    moved(as_sam, order, "delivered")
    pot = {"toUserId": str(una["_id"]), "amount": 60.0, "currency": "USD"}
    assert as_sam.post("/api/wallets/transfer", json=pot).status_code in (200, 201)
    before = wallet_of(db, una)
    moved(as_admin, order, "returned")
    assert wallet_of(db, una) == before + 110_00
    wallet = db["wallets"].find_one({"userId": sam["_id"], "currency": "USD"})
    assert (str(wallet["balance"]), str(wallet["debt"])) == ("0.00", "60.00")
    assert (house()["escrow"], house()["revenue"]) == (0, -60_00)


def test_a_return_can_be_declined_and_asked_for_again(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    order = bought(as_una, db, una, mug)
    path = f"/api/orders/{order['_id']}/return"
    assert as_una.post(path, json={"reason": "Too small"}).json["code"] == "order_not_returnable"
    moved(as_sam, order, "delivered")
    as_una.post(path, json={"reason": "Too small"})
    declined = as_sam.post(f"{path}/decline", json={"note": "It has been worn"}).json["data"]["order"]
    assert declined["statusHistory"][-1]["note"] == "Not taken back: It has been worn"
    assert as_una.post(path, json={"reason": "Truly too small"}).status_code == 200
    assert as_sam.post(f"{path}/accept").status_code == 200


def test_a_return_comes_too_late_after_thirty_days(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    order = bought(as_una, db, una, mug)
    moved(as_sam, order, "delivered")
    long_ago = {"$set": {"fulfilments.0.deliveredAt": clock.now() - timedelta(days=31)}}
    db["orders"].update_one({"orderNumber": order["orderNumber"]}, long_ago)
    answer = as_una.post(f"/api/orders/{order['_id']}/return", json={"reason": "Too small"})
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_returnable")


@pytest.mark.parametrize("method", ["wallet", "card", "cash_on_delivery"])
@pytest.mark.parametrize("is_paid_out", [False, True])
def test_an_administrator_gives_part_of_it_back(
    as_una: FlaskClient, as_sam: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, sam: Document,
    mug: Document, method: str, is_paid_out: bool,
) -> None:  # fmt: skip
    order = bought(as_una, db, una, mug, method=method)
    path = f"/api/orders/admin/{order['_id']}/refund"
    if is_paid_out:
        moved(as_sam, order, "delivered")
    answer = as_admin.post(path, json={"amount": 11.0, "reason": "A scratch"})
    if method == "cash_on_delivery" and not is_paid_out:
        assert (answer.status_code, answer.json["code"]) == (409, "order_not_refundable")
        return
    assert answer.status_code == 200, answer.json
    moved(as_sam, order, "delivered")
    assert stored(db, order)["paymentStatus"] == "partially_refunded"
    assert (wallet_of(db, sam), house()["revenue"], house()["escrow"]) == (90_00, 9_00, 0)
    too_much = as_admin.post(path, json={"amount": 99.01, "reason": "A scratch"})
    assert (too_much.status_code, too_much.json["code"]) == (409, "order_not_refundable")
    assert as_admin.post(path, json={"reason": "Broken"}).status_code == 200
    assert stored(db, order)["paymentStatus"] == "refunded"
    assert (wallet_of(db, sam), house()["revenue"], house()["escrow"]) == (0, 0, 0)
    actions = [entry["action"] for entry in db.client[f"{db.name}_ops"]["auditlog"].find()]
    assert actions.count("order.refunded") == 2
