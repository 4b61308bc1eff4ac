"""Who hears of an order: its buyer and its sellers, after the commit, and nobody of one that came to nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.orders.services import telling
from mixillo.blueprints.orders.services.working import Work
from mixillo.core import realtime
from mixillo.core.realtime import emitted, user_room
from tests.factories.orders import ask, fill, moved, place
from tests.factories.products import make_product

Document = dict[str, Any]


@pytest.fixture
def mug(db: Database, store: Document) -> Document:
    return make_product(db, store, price=10.0, stock=5)


@pytest.fixture
def heard(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str, str]]]:
    """What was told about orders, to which room, and the status that anybody else could read at that moment."""
    told: list[tuple[str, str, str]] = []
    payloads: list[Document] = []
    emit = realtime.socketio.emit

    def note(name: str, payload: Document, **keywords: Any) -> None:
        payloads.append(payload)
        emit(name, payload, **keywords)

    def hear(event: str, *, room: str) -> None:
        if event == "order:updated":
            payload = payloads[-1]
            stored = db["orders"].find_one({"_id": ObjectId(payload["orderId"])}) or {}
            told.append((room, payload["status"], stored.get("status", "not there")))

    monkeypatch.setattr(realtime.socketio, "emit", note)
    with emitted.connected_to(hear):
        yield told


def test_buyer_and_seller_hear_of_every_step_when_it_is_done(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, sam: Document, mug: Document,
    heard: list[tuple[str, str, str]],
) -> None:  # fmt: skip
    fill(db, una, (mug, 1))
    order = place(as_una)
    rooms = (user_room(una["_id"]), user_room(sam["_id"]))
    assert heard == [(room, "confirmed", "confirmed") for room in rooms]
    heard.clear()
    moved(as_sam, order, "shipped")
    assert heard == [(room, "shipped", "shipped") for room in rooms]


def test_a_seller_hears_of_their_part(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, sam: Document, ola: Document,
    other_store: Document, mug: Document, heard: list[tuple[str, str, str]],
) -> None:  # fmt: skip
    fill(db, una, (mug, 1), (make_product(db, other_store, price=1.0), 1))
    order = place(as_una)
    heard.clear()
    moved(as_sam, order, "shipped")
    assert {room: status for room, status, _ in heard} == {
        user_room(una["_id"]): "confirmed", user_room(sam["_id"]): "shipped", user_room(ola["_id"]): "confirmed",
    }  # fmt: skip


def test_nobody_hears_of_an_order_that_came_to_nothing(
    as_una: FlaskClient, db: Database, una: Document, mug: Document, heard: list[tuple[str, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    fill(db, una, (mug, 1))
    monkeypatch.setattr(Work, "insert", lambda _self: 1 / 0)
    assert ask(as_una).status_code == 500
    assert heard == []


def test_other_features_hear_of_it_with_the_order_and_who_did_it(
    as_una: FlaskClient, as_sam: FlaskClient, db: Database, una: Document, sam: Document, mug: Document
) -> None:
    found: list[tuple[str, ObjectId | None, str]] = []

    def hear(_sender: Any, *, order: Document, occasion: str, actor: ObjectId | None) -> None:
        found.append((occasion, actor, order["status"]))

    fill(db, una, (mug, 1))
    with telling.order_changed.connected_to(hear):
        order = place(as_una)
        moved(as_sam, order, "delivered")
        as_una.post(f"/api/orders/{order['_id']}/return", json={"reason": "Too small"})
        as_sam.post(f"/api/orders/{order['_id']}/return/decline", json={"note": "It has been worn"})
    assert found == [
        ("placed", una["_id"], "confirmed"), ("moved", sam["_id"], "delivered"),
        ("return_requested", una["_id"], "delivered"), ("return_declined", sam["_id"], "delivered"),
    ]  # fmt: skip
