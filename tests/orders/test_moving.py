"""Orders on their way: who may move what, and who is paid when it arrives."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.orders import bought, fill, house, move, moved, on_shelf, pay, place, stored, wallet_of
from tests.factories.users import make_user

Document = dict[str, Any]


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


def test_a_seller_is_told_of_their_own_parcel_and_not_of_anothers(
    as_una: FlaskClient, as_sam: FlaskClient, as_ola: FlaskClient, db: Database, una: Document, mug: Document,
    bowl: Document,
) -> None:  # fmt: skip
    order = bought(as_una, db, una, mug, bowl)

    def told(client: FlaskClient) -> list[Any]:
        tracking = client.get(f"/api/orders/{order['_id']}/track").json["data"]["tracking"]
        return [tracking[name] for name in ("carrier", "trackingNumber", "trackingUrl")]

    of_sam = ["DHL", "SAM", "https://dhl.example/SAM"]
    moved(as_sam, order, "shipped", carrier="DHL", trackingNumber="SAM", trackingUrl=of_sam[2])
    assert (told(as_sam), told(as_ola), told(as_una)) == (of_sam, [None, None, None], of_sam)
    of_ola = ["UPS", "OLA", "https://ups.example/OLA"]
    moved(as_ola, order, "shipped", carrier="UPS", trackingNumber="OLA", trackingUrl=of_ola[2])
    assert (told(as_sam), told(as_ola)) == (of_sam, of_ola)
    assert told(as_una) in (of_sam, of_ola)


@pytest.mark.parametrize("last", ["delivered", "cancelled"])
def test_cash_is_paid_when_all_has_arrived_that_was_to(
    as_una: FlaskClient, as_sam: FlaskClient, as_ola: FlaskClient, as_admin: FlaskClient, db: Database, una: Document,
    mug: Document, bowl: Document, last: str,
) -> None:  # fmt: skip
    fill(db, una, (mug, 1), (bowl, 1))
    order = place(as_una)
    moved(as_sam, order, "delivered")
    assert stored(db, order)["paymentStatus"] == "pending"
    moved(as_ola, order, last)
    after = stored(db, order)
    assert (after["paymentStatus"], "paidAt" in after) == ("paid", True)
    paid = {"delivered": 165.0, "cancelled": 110.0}[last]
    assert float(str(after["paidAmount"])) == paid
    assert as_admin.get("/api/orders/admin/stats").json["data"]["revenue"] == paid


def test_cash_for_what_is_cancelled_or_comes_back_unseen_is_not_paid(
    as_una: FlaskClient, as_sam: FlaskClient, as_ola: FlaskClient, db: Database, una: Document, mug: Document,
    bowl: Document,
) -> None:  # fmt: skip
    fill(db, una, (mug, 1), (bowl, 1))
    order = place(as_una)
    moved(as_sam, order, "shipped", "returned")
    moved(as_ola, order, "cancelled")
    after = stored(db, order)
    assert (after["paymentStatus"], "paidAt" in after) == ("pending", False)
