"""Orders on their way: who may move what, and the money that follows."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.wallets.services import ledger
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.commerce import make_coupon
from tests.factories.orders import fill, house, move, moved, on_shelf, pay, place, stored
from tests.factories.products import make_product
from tests.factories.users import make_user
from tests.factories.wallets import balance, give

Document = dict[str, Any]


@pytest.fixture
def mug(db: Database, store: Document) -> Document:
    return make_product(db, store, price=100.0, stock=5)


@pytest.fixture
def bowl(db: Database, other_store: Document) -> Document:
    return make_product(db, other_store, price=50.0, stock=5)


def wallet_of(db: Database, user: Document) -> int:
    return balance(db, ledger.user(user["_id"], "USD"))


def bought(client: FlaskClient, db: Database, buyer: Document, *goods: Document, method: str = "wallet") -> Document:
    """Order one of each of ``goods``, and pay for it."""
    if method == "wallet":
        give(buyer["_id"], 1_000_00, "USD")
    fill(db, buyer, *((each, 1) for each in goods))
    order = place(client, method)
    if method == "card":
        pay(client, order)
    return order


def test_an_order_goes_its_way_and_its_seller_is_paid_when_it_arrives(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, sam: Document, mug: Document
) -> None:
    order = bought(as_una, db, una, mug)  # 100.00 + 10.00 tax, free shipping
    for status in ("processing", "shipped"):
        assert moved(as_sam, order, status, note="On it", carrier="DHL", trackingNumber="JD1")["status"] == status
    assert house()["escrow"] == 110_00
    shown = moved(as_sam, order, "delivered")
    assert shown["fulfilments"][0]["payout"] | {"at": None} == {
        "amount": 110.0, "commission": 10.0, "net": 100.0, "refunded": 0.0, "at": None,
    }  # fmt: skip
    assert wallet_of(db, sam) == 100_00
    assert house() == {"escrow": 0, "payouts": -1_000_00, "revenue": 10_00}
    after = as_una.get(f"/api/orders/{order['_id']}").json["data"]["order"]
    assert (after["status"], after["canReview"], after["trackingNumber"], after["carrierName"]) == (
        "delivered", True, "JD1", "DHL",
    )  # fmt: skip
    assert [step["status"] for step in after["statusHistory"]] == [
        "pending", "confirmed", "processing", "shipped", "delivered",
    ]  # fmt: skip
    assert after["statusHistory"][2]["updatedBy"] == str(sam["_id"])
    assert after["deliveredAt"] is not None
    assert "payout" not in after["fulfilments"][0]
    review = as_una.post(f"/api/products/{mug['slug']}/reviews", json={"rating": 5})
    assert review.status_code == 201, review.json


def test_a_step_taken_twice_pays_once(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, sam: Document, mug: Document
) -> None:
    order = bought(as_una, db, una, mug)
    moved(as_sam, order, "delivered", "delivered")
    assert wallet_of(db, sam) == 100_00


def test_a_seller_moves_their_own_part_only(
    as_una: FlaskClient, as_sam: FlaskClient, as_ola: FlaskClient, db: Database, una: Document, sam: Document,
    ola: Document, mug: Document, bowl: Document,
) -> None:  # fmt: skip
    order = bought(as_una, db, una, mug, bowl)
    shown = moved(as_sam, order, "shipped")
    assert (shown["status"], [item["name"] for item in shown["items"]]) == ("shipped", [mug["name"]])
    assert (shown["subtotal"], shown["total"]) == (100.0, 110.0)
    after = stored(db, order)
    assert {part["sellerId"]: part["status"] for part in after["fulfilments"]} == {
        sam["_id"]: "shipped", ola["_id"]: "confirmed",
    }  # fmt: skip
    assert after["status"] == "confirmed"
    moved(as_ola, order, "delivered")
    assert (wallet_of(db, ola), wallet_of(db, sam)) == (50_00, 0)
    assert stored(db, order)["status"] == "shipped"
    moved(as_sam, order, "delivered")
    assert stored(db, order)["status"] == "delivered"
    answer = move(as_sam, order, "returned", storeId=str(bowl["storeId"]))
    assert (answer.status_code, answer.json["code"]) == (404, "order_not_found")


def test_whoever_has_no_part_in_an_order_does_not_find_it(
    app: Flask, as_una: FlaskClient, as_ola: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    order = bought(as_una, db, una, mug)
    stranger = client_of(app, make_user(db))
    for client in (stranger, as_ola):
        for path in ("", "/track", "/invoice"):
            assert client.get(f"/api/orders/{order['_id']}{path}").status_code == 404
        assert client.get(f"/api/orders/{order['orderNumber']}").status_code == 404
        assert client.put(f"/api/orders/{order['_id']}/cancel").status_code == 404
        assert client.post(f"/api/orders/{order['_id']}/return", json={"reason": "Too small"}).status_code == 404
    assert move(as_ola, order, "shipped").status_code == 404
    assert move(stranger, order, "shipped").status_code == 403
    assert move(as_una, order, "delivered").status_code == 403


def test_nothing_is_sent_that_nobody_paid(
    as_una: FlaskClient, as_sam: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    fill(db, una, (mug, 1))
    order = place(as_una, "card")
    for client in (as_sam, as_admin):
        answer = move(client, order, "shipped")
        assert (answer.status_code, answer.json["code"]) == (409, "order_not_paid")


def test_what_nobody_paid_is_cancelled_as_a_whole(
    as_una: FlaskClient, as_sam: FlaskClient, as_admin: FlaskClient, db: Database, una: Document, mug: Document,
    bowl: Document,
) -> None:  # fmt: skip
    fill(db, una, (mug, 1), (bowl, 1))
    order = place(as_una, "card")
    answer = move(as_sam, order, "cancelled")
    assert (answer.status_code, answer.json["code"]) == (409, "order_not_paid")
    assert (on_shelf(db, mug), on_shelf(db, bowl)) == ((5, 1), (5, 1))
    moved(as_admin, order, "cancelled")
    assert (on_shelf(db, mug), on_shelf(db, bowl)) == ((5, 0), (5, 0))
    assert pay(as_una, order).json["code"] == "payment_refused"


@pytest.mark.parametrize(
    ("way", "wrong"),
    [
        (["shipped"], "confirmed"), (["shipped"], "cancelled"), (["delivered"], "shipped"), ([], "returned"),
        (["cancelled"], "shipped"), (["delivered", "returned"], "delivered"),
    ],
)  # fmt: skip
def test_there_is_no_way_back(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, mug: Document, way: list[str], wrong: str
) -> None:
    order = bought(as_una, db, una, mug)
    moved(as_sam, order, *way)
    answer = move(as_sam, order, wrong)
    assert (answer.status_code, answer.json["code"]) == (409, "order_status_conflict")


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


def test_what_administrators_move_is_in_the_audit_log(
    as_una: FlaskClient, as_admin: FlaskClient, db: Database, ops_db: Database, una: Document, mug: Document
) -> None:
    order = bought(as_una, db, una, mug)
    answer = as_admin.put(f"/api/orders/admin/{order['_id']}/status", json={"status": "shipped", "note": "For Sam"})
    assert answer.status_code == 200
    entry = ops_db["auditlog"].find_one({"action": "order.status_changed"})
    assert entry["changes"] == {"before": {"status": ["confirmed"]}, "after": {"status": "shipped", "note": "For Sam"}}


def test_tracking_tells_what_has_happened(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, mug: Document
) -> None:
    order = bought(as_una, db, una, mug)
    url = "https://dhl.example/JD1"
    moved(as_sam, order, "shipped", carrier="Bike courier", trackingNumber="JD1", trackingUrl=url)
    parcel = db["shippings"].find_one({"userId": una["_id"]})
    assert (parcel["carrier"], parcel["status"], len(parcel["events"])) == ("Other", "in_transit", 1)
    told = {"status": "in_transit", "timestamp": clock.now(), "location": "Utrecht", "description": "Sorted"}
    db["shippings"].update_one(
        {"_id": parcel["_id"]}, {"$push": {"events": told}, "$set": {"currentLocation": "Utrecht"}}
    )
    tracking = as_una.get(f"/api/orders/{order['_id']}/track").json["data"]["tracking"]
    assert (tracking["status"], tracking["carrier"], tracking["trackingNumber"]) == ("shipped", "Bike courier", "JD1")
    assert (tracking["currentLocation"], tracking["trackingUrl"]) == ("Utrecht", url)
    assert [each["description"] for each in tracking["events"]] == [
        "Sorted", "Handed to the carrier", "Paid", "Order placed",
    ]  # fmt: skip
