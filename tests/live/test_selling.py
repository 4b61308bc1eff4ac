"""What a stream sells: orders of those who were there, of what it showed, for as long as they stand."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from mixillo.blueprints.live.models import ShoppingSession
from mixillo.blueprints.live.services import selling
from mixillo.blueprints.orders.models import Order
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.orders import fill, moved, pay, place
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user
from tests.live.conftest import Document, code
from tests.plans import faults, profiled


@pytest.fixture
def store(db: Database, ada: Document) -> Document:
    return make_store(db, ada)


@pytest.fixture
def product(as_ada: FlaskClient, db: Database, store: Document, stream: Document) -> Document:
    """Something of Ada's, shown in her stream, which Bob is in."""
    ShoppingSession.ensure_collection()
    made = make_product(db, store, price=40, stock=50)
    assert as_ada.post(f"/api/live/{stream['_id']}/products", json={"productId": str(made["_id"])}).status_code == 201
    return made


@pytest.fixture(autouse=True)
def bob_watches(db: Database, bob: Document, stream: Document) -> None:
    came = clock.now() - timedelta(minutes=1)
    db["liveparticipants"].insert_one(
        {"livestreamId": stream["_id"], "userId": bob["_id"], "joinedAt": came, "visits": 1}
    )


def sales(client: FlaskClient, stream: Document) -> tuple[int, float]:
    shown = client.get(f"/api/live/{stream['_id']}/sales").json["data"]["sales"]
    return shown["orders"], shown["revenue"]


def buy(
    app: Flask, db: Database, buyer: Document, *lines: tuple[Document, int], method: str = "cash_on_delivery"
) -> Document:
    fill(db, buyer, *lines)
    return place(client_of(app, buyer), method)


def test_orders_of_what_is_shown_add_up(
    app: Flask, as_ada: FlaskClient, db: Database, ada: Document, bob: Document, store: Document, stream: Document,
    product: Document,
) -> None:  # fmt: skip
    assert sales(as_ada, stream) == (0, 0)
    other = make_product(db, store, price=15)
    elsewhere = make_product(db, make_store(db, make_user(db)), price=7)
    first = buy(app, db, bob, (product, 2), (other, 1), (elsewhere, 1))
    buy(app, db, bob, (product, 1))
    assert sales(as_ada, stream) == (2, 120)
    kept = db["liveshoppingsessions"].find_one()
    assert kept
    assert (kept["totalOrders"], kept["totalRevenue"].to_decimal(), kept["currency"]) == (2, 120, "USD")
    assert [str(each["orderId"]) for each in kept["orders"]][0] == first["_id"]
    assert kept["orders"][0]["productIds"] == [product["_id"]]
    shown = as_ada.get(f"/api/live/{stream['_id']}/sales").json["data"]["sales"]
    assert (shown["viewers"], shown["conversionRate"], shown["currency"]) == (1, 200, "USD")


def test_an_order_counts_when_it_is_paid_and_is_taken_back_when_it_is_cancelled(
    app: Flask, as_ada: FlaskClient, db: Database, bob: Document, stream: Document, product: Document
) -> None:
    order = buy(app, db, bob, (product, 1), method="card")
    assert sales(as_ada, stream) == (0, 0)
    assert pay(client_of(app, bob), order).status_code == 200
    assert sales(as_ada, stream) == (1, 40)
    assert client_of(app, bob).put(f"/api/orders/{order['_id']}/cancel", json={"reason": "No"}).status_code == 200
    assert sales(as_ada, stream) == (0, 0)
    assert len((db["liveshoppingsessions"].find_one() or {})["orders"]) == 1


def test_what_is_given_back_is_taken_off_in_proportion(
    app: Flask, as_ada: FlaskClient, as_admin: FlaskClient, db: Database, bob: Document, stream: Document,
    product: Document,
) -> None:  # fmt: skip
    order = buy(app, db, bob, (product, 1), method="card")
    pay(client_of(app, bob), order)
    quarter = {"amount": round(order["total"] / 4, 2), "reason": "Late"}
    given_back = as_admin.post(f"/api/orders/admin/{order['_id']}/refund", json=quarter)
    assert given_back.status_code < 300, given_back.json
    orders, revenue = sales(as_ada, stream)
    assert orders == 1
    assert revenue == pytest.approx(30, abs=0.02)


def test_what_is_told_twice_or_out_of_turn_is_written_once(
    app: Flask, as_ada: FlaskClient, db: Database, bob: Document, stream: Document, product: Document
) -> None:
    buy(app, db, bob, (product, 1))
    stored = db["orders"].find_one()
    assert stored
    for _ in range(2):
        selling.hear_order(None, order=stored | {"status": "cancelled"}, occasion="placed")
    assert sales(as_ada, stream) == (1, 40)
    assert len((db["liveshoppingsessions"].find_one() or {})["orders"]) == 1


def test_what_did_not_come_of_the_stream_is_not_counted(
    app: Flask, as_ada: FlaskClient, db: Database, ada: Document, bob: Document, store: Document, stream: Document,
    product: Document,
) -> None:  # fmt: skip
    buy(app, db, make_user(db), (product, 1))  # was not there
    buy(app, db, bob, (make_product(db, store), 1))  # was not shown
    db["livestreams"].update_one({}, {"$set": {"endedAt": clock.now() - timedelta(minutes=16), "status": "ended"}})
    buy(app, db, bob, (product, 1))  # too late
    assert sales(as_ada, stream) == (0, 0)
    assert db["liveshoppingsessions"].count_documents({"orders.0": {"$exists": True}}) == 0
    db["livestreams"].update_one({}, {"$set": {"endedAt": clock.now() - timedelta(minutes=14)}})
    buy(app, db, bob, (product, 1))
    assert sales(as_ada, stream) == (1, 40)


def test_an_order_stands_whatever_becomes_of_the_stream(
    app: Flask, db: Database, bob: Document, product: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_any: object) -> None:
        raise AutoReconnect

    monkeypatch.setattr(selling, "attribute", fail)
    assert buy(app, db, bob, (product, 1))["status"] == "confirmed"


def test_only_the_host_sees_the_figures(as_bob: FlaskClient, stream: Document) -> None:
    assert code(as_bob.get(f"/api/live/{stream['_id']}/sales")) == "live_not_found"


def test_figures_of_the_existing_system_stay_in_the_sums(
    app: Flask, as_ada: FlaskClient, db: Database, bob: Document, stream: Document, product: Document
) -> None:
    old = {"orderId": bob["_id"], "placedAt": clock.now(), "total": 12.5}
    db["liveshoppingsessions"].update_one({}, {"$push": {"orders": old}})
    buy(app, db, bob, (product, 1))
    assert sales(as_ada, stream) == (2, 52.5)


def test_an_order_finds_its_stream_by_indexes(
    app: Flask, db: Database, ops_db: Database, bob: Document, product: Document
) -> None:
    buy(app, db, bob, (product, 1))
    order = Order.collection().find_one()
    assert order
    with profiled(db, ops_db) as entries:
        selling.hear_order(None, order=order, occasion="placed")
    assert entries
    assert faults(entries) == []


def test_a_delivered_order_stays_and_one_that_is_sent_back_goes(
    app: Flask, as_ada: FlaskClient, as_admin: FlaskClient, db: Database, bob: Document, stream: Document,
    product: Document,
) -> None:  # fmt: skip
    order = buy(app, db, bob, (product, 1))
    moved(as_admin, order, "confirmed", "processing", "shipped", "delivered")
    assert sales(as_ada, stream) == (1, 40)
    moved(as_admin, order, "returned")
    assert sales(as_ada, stream) == (0, 0)
