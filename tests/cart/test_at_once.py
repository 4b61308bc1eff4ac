"""Carts that many change at the same time: two tabs, a phone, a request sent again."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.cart.services import carts, changing, merging
from mixillo.core.db import transact
from tests.factories.auth import client_of
from tests.factories.products import make_product

Document = dict[str, Any]
TOKEN = "X-Cart-Token"


def at_once(app: Flask, user: Document | None, times: int, work: Callable[[FlaskClient], int]) -> list[int]:
    """Let so many clients of ``user`` do ``work`` at the same moment; return the statuses, sorted."""
    gate, statuses = threading.Barrier(times), []
    clients = [client_of(app, user) for _ in range(times)]

    def run(client: FlaskClient) -> None:
        gate.wait()
        statuses.append(work(client))

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(statuses)


@pytest.fixture(params=["turns", "no turns"])
def taking_turns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one process, whose requests wait for each other, and as many processes, whose do not."""
    if request.param == "no turns":
        for module in (changing, merging):
            monkeypatch.setattr(module, "transact", lambda work, turns_of: transact(work))


@pytest.mark.usefixtures("taking_turns")
def test_of_things_put_in_at_once_none_is_lost(app: Flask, una: Document, db: Database) -> None:
    body = {"productId": str(make_product(db, stock=50)["_id"])}
    answers = at_once(app, una, 12, lambda client: client.post("/api/cart/add", json=body).status_code)
    assert answers == [200] * 12
    (cart,) = db["carts"].find()
    assert [item["quantity"] for item in cart["items"]] == [12]


def test_no_more_is_put_in_at_once_than_there_is(app: Flask, una: Document, db: Database) -> None:
    body = {"productId": str(make_product(db, stock=5)["_id"])}
    answers = at_once(app, una, 12, lambda client: client.post("/api/cart/add", json=body).status_code)
    assert answers == [200] * 5 + [409] * 7


@pytest.mark.usefixtures("taking_turns")
def test_a_guests_cart_comes_along_once_however_many_bring_it(app: Flask, una: Document, db: Database) -> None:
    body = {"productId": str(make_product(db, stock=50)["_id"]), "quantity": 2}
    headers = {TOKEN: client_of(app).post("/api/cart/add", json=body).headers[TOKEN]}
    assert at_once(app, una, 10, lambda client: client.get("/api/cart", headers=headers).status_code) == [200] * 10
    (cart,) = db["carts"].find()
    assert [item["quantity"] for item in cart["items"]] == [2]


def test_what_a_guest_put_in_is_not_lost_when_the_move_fails(
    app: Flask, una: Document, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"productId": str(make_product(db)["_id"])}
    headers = {TOKEN: client_of(app).post("/api/cart/add", json=body).headers[TOKEN]}
    client = client_of(app, una)
    with monkeypatch.context() as broken:
        broken.setattr(carts, "of", lambda *_: {}["nothing"])
        assert client.get("/api/cart", headers=headers).status_code == 500
    assert ops_db["guestcarts"].count_documents({}) == 1
    assert client.get("/api/cart", headers=headers).json["data"]["cart"]["itemsCount"] == 1
