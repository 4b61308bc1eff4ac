"""What a closed store sells is not on sale, and comes back as it was."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services import selling
from mixillo.blueprints.stores.services import closing, upkeep
from tests.factories.products import make_product
from tests.factories.users import unknown_id
from tests.stores.asking import Document, on_sale, set_status


def test_what_a_closed_store_sells_is_not_on_sale_and_comes_back_as_it_was(
    as_ada: FlaskClient, as_sam: FlaskClient, client: FlaskClient, store: Document, db: Database, ops_db: Database
) -> None:
    for name, fields in {
        "Bowl": {}, "Plate": {"status": "out_of_stock", "stock": 0}, "Draft": {"status": "draft", "isPublished": False},
        "Unpublished": {"isPublished": False},
    }.items():  # fmt: skip
        make_product(db, store, name=name, slug=name.lower(), **fields)
    make_product(db, name="Elsewhere")
    before = {p["name"]: (p["status"], p["isPublished"]) for p in db["products"].find()}
    for status in ("suspended", "closed"):
        answer = set_status(as_ada, store, status)
        assert answer.json["data"]["store"]["status"] == status
        assert on_sale(client) == ["Elsewhere"]
        assert client.get("/api/products/bowl").status_code == 404
        assert as_sam.post("/api/products", json={"name": "New", "description": "x", "price": 5}).status_code == 403
        assert set_status(as_ada, store, "active").status_code == 200
        after = {p["name"]: (p["status"], p["isPublished"]) for p in db["products"].find()}
        assert after == before
        assert db["products"].count_documents({"hiddenWithStore": {"$exists": True}}) == 0
    assert ops_db["auditlog"].count_documents({"action": "store.status_changed"}) == 4


def test_nothing_comes_up_while_the_store_is_closed(
    as_ada: FlaskClient, as_sam: FlaskClient, client: FlaskClient, store: Document, db: Database
) -> None:
    shown = make_product(db, store, name="Bowl")
    waiting = make_product(db, store, name="Vase", status="pending_approval", isPublished=False)
    set_status(as_ada, store, "suspended")
    assert as_sam.put(f"/api/products/{shown['slug']}", json={"price": 5, "stock": 7}).status_code == 200
    approved = as_ada.put(f"/api/products/admin/{waiting['_id']}/status", json={"status": "active"})
    assert approved.json["data"]["product"]["status"] == "active"
    assert as_ada.put(f"/api/products/admin/{shown['_id']}/status", json={"status": "active"}).status_code == 200
    assert on_sale(client) == []
    set_status(as_ada, store, "active")
    assert on_sale(client) == ["Bowl", "Vase"]


def test_products_that_did_not_follow_their_store_are_put_right(
    app: Flask, as_ada: FlaskClient, client: FlaskClient, store: Document, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the status and the products; the existing system changes a status; a race is lost."""
    make_product(db, store, name="Bowl")

    def die(*_: Any, **__: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(closing, "_hide", die)
        with pytest.raises(KeyboardInterrupt):
            set_status(as_ada, store, "suspended")
    assert on_sale(client) == ["Bowl"]
    with app.app_context():
        upkeep.look_after()
        assert on_sale(client) == []
        assert closing.align() == 0
        db["stores"].update_one({"_id": store["_id"]}, {"$set": {"status": "active"}})
        upkeep.look_after()
        assert on_sale(client) == ["Bowl"]


def test_setting_the_same_status_again_only_finishes_what_was_begun(
    as_ada: FlaskClient, store: Document, db: Database, ops_db: Database, client: FlaskClient
) -> None:
    set_status(as_ada, store, "closed")
    make_product(db, store, name="Late")
    assert set_status(as_ada, store, "closed").status_code == 200
    assert (on_sale(client), ops_db["auditlog"].count_documents({"action": "store.status_changed"})) == ([], 1)


def test_the_search_and_the_seller_hear_of_it(
    as_ada: FlaskClient, sam: Document, store: Document, db: Database, as_sam: FlaskClient
) -> None:
    product = make_product(db, store)
    told: list[Any] = []
    with selling.changed.connected_to(lambda _sender, product_ids: told.extend(product_ids)):
        set_status(as_ada, store, "suspended")
    assert told == [product["_id"]]
    assert db["users"].find_one({"_id": sam["_id"]})["sellerStatus"] == "suspended"
    assert as_sam.get("/api/stores/mine").json["data"]["store"]["rejectionReason"] == "Nothing is sent."
    set_status(as_ada, store, "active")
    assert db["users"].find_one({"_id": sam["_id"]})["sellerStatus"] == "approved"


def test_closing_needs_a_reason_and_only_known_statuses_are_set(as_ada: FlaskClient, store: Document) -> None:
    for status in ("suspended", "closed"):
        answer = as_ada.put(f"/api/stores/admin/{store['_id']}/status", json={"status": status})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "reason")
    assert set_status(as_ada, store, "pending").status_code == 400
    assert set_status(as_ada, {"_id": unknown_id()}, "closed").status_code == 404
