"""A store's figures are those of its products and orders."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128, ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.stores.services import upkeep
from mixillo.core import clock
from tests.factories.products import make_product
from tests.factories.users import unknown_id
from tests.stores.asking import Document, page


@pytest.fixture
def sold(db: Database, store: Document, una: Document) -> list[Document]:
    """Products with reviews and sales, and orders of all kinds, of this store, of another, and of both."""
    bowl = make_product(db, store, salesCount=5, rating=4.5, reviewsCount=2, status="active")
    plate = make_product(db, store, salesCount=1, rating=3.0, reviewsCount=1, status="out_of_stock")
    make_product(db, store, status="draft", isPublished=False)
    other = make_product(db)

    def item(product: Document, quantity: int, total: Any) -> Document:
        return {"productId": product["_id"], "storeId": product["storeId"], "quantity": quantity, "total": total}

    def order(*items: Document, status: str = "delivered", paid: str = "paid", days: int = 1, **more: Any) -> None:
        db["orders"].insert_one(
            {"_id": ObjectId(), "userId": una["_id"], "orderNumber": str(ObjectId()), "items": items, "status": status,
             "paymentStatus": paid, "currency": "EUR", "createdAt": clock.now() - timedelta(days=days)} | more
        )  # fmt: skip

    mine, theirs = {"storeId": store["_id"]}, {"storeId": other["storeId"]}
    order(item(bowl, 2, Decimal128("0.20")), item(plate, 1, 0.1))
    order(item(bowl, 1, Decimal128("0.10")), item(other, 9, Decimal128("900")), status="processing",
          fulfilments=[mine | {"status": "shipped"}, theirs | {"status": "processing"}])  # fmt: skip
    order(item(bowl, 1, 7.0), status="pending", paid="pending")
    order(item(bowl, 1, 7.0), status="delivered", paid="partially_refunded",
          fulfilments=[mine | {"status": "returned"}])  # fmt: skip
    order(item(bowl, 3, Decimal128("30")), currency="USD", days=300)
    order(item(other, 1, Decimal128("5")))
    return [bowl, plate]


def test_stats_are_those_of_products_and_orders(as_sam: FlaskClient, sold: list[Document]) -> None:
    stats = as_sam.get("/api/stores/linen-and-clay/stats").json["data"]["stats"]
    assert (stats["products"]["active"], stats["products"]["draft"], stats["productsOnSale"]) == (1, 1, 2)
    assert (stats["totalSales"], stats["reviewsCount"], stats["rating"]) == (6, 3, 4.0)
    assert stats["ordersByStatus"] == {"delivered": 1, "pending": 1, "returned": 1, "shipped": 1}
    assert (stats["orders"], stats["unitsSold"]) == (4, 4)
    assert (stats["revenue"], stats["currency"], stats["revenueByCurrency"]) == (0.4, "EUR", {"EUR": 0.4})
    year = as_sam.get("/api/stores/linen-and-clay/stats?days=365").json["data"]["stats"]
    assert (year["revenueByCurrency"], year["currency"], year["unitsSold"]) == ({"EUR": 0.4, "USD": 30.0}, "USD", 7)
    assert Decimal(str(year["revenueByCurrency"]["EUR"])) == Decimal("0.4")


def test_administrators_see_the_same_stats(as_ada: FlaskClient, as_sam: FlaskClient, sold: list[Document]) -> None:
    path = "/api/stores/linen-and-clay/stats"
    assert as_ada.get(path).json == as_sam.get(path).json
    assert as_ada.get(f"/api/stores/{unknown_id()}/stats").status_code == 404
    assert as_ada.get(f"{path}?days=0").status_code == 400


def test_a_store_without_anything_has_figures_of_nothing(as_sam: FlaskClient) -> None:
    stats = as_sam.get("/api/stores/linen-and-clay/stats").json["data"]["stats"]
    assert (stats["orders"], stats["revenue"], stats["rating"], stats["currency"]) == (0, 0, 0, "USD")


def test_figures_of_stores_follow_their_products(
    app: Flask, client: FlaskClient, sold: list[Document], db: Database, ops_db: Database
) -> None:
    with app.app_context():
        assert upkeep.refresh() == 2
        assert upkeep.refresh() == 0
    shown = page(client)["store"]
    figures = (shown["productsCount"], shown["totalSales"], shown["rating"], shown["reviewsCount"])
    assert figures == (2, 6, 4.0, 3)
    db["products"].delete_many({})
    with app.app_context():
        upkeep.look_after()
        db["stores"].update_many({}, {"$set": {"totalSales": 9}})
        upkeep.look_after()  # not due again yet
        assert db["stores"].count_documents({"totalSales": 9, "productsCount": 0}) == 2
        ops_db["storeupkeep"].update_one({}, {"$set": {"at": clock.now() - timedelta(hours=1)}})
        upkeep.look_after()
        assert db["stores"].count_documents({"totalSales": 0}) == 2
