"""Stock: nothing is promised twice, and what is promised stays there."""

from decimal import Decimal
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.products.services import stock
from mixillo.blueprints.products.services.stock import Goods, OutOfStock, VariantNeeded, available
from mixillo.core.db import transact
from tests.factories.products import make_product

Document = dict[str, Any]


@pytest.fixture
def mug(app: Flask, db: Database, store: Document) -> Document:
    """Ten mugs: four in sand, six in ink."""
    variants = [
        {"_id": ObjectId(), "name": "Colour", "value": value, "stock": n} for value, n in (("Sand", 4), ("Ink", 6))
    ]
    return make_product(db, store, stock=10, hasVariants=True, variants=variants)


def now(db: Database, product: Document) -> Document:
    found = db["products"].find_one({"_id": product["_id"]})
    assert found
    return found


def of(product: Document, quantity: int, variant: int | None = None) -> Goods:
    variant_id = None if variant is None else product["variants"][variant]["_id"]
    return Goods(product["_id"], variant_id, quantity, revenue=Decimal("12.50"))


def reserve(*goods: Goods) -> set[ObjectId]:
    return transact(lambda session: stock.reserve(goods, session))


def test_what_is_reserved_is_not_there_for_others(app: Flask, db: Database, store: Document) -> None:
    product = make_product(db, store, stock=3)
    assert reserve(of(product, 2)) == {product["_id"]}
    assert available(now(db, product)) == 1
    with pytest.raises(OutOfStock) as refused:
        reserve(of(product, 2))
    assert refused.value.extensions["items"][0] | {"name": ""} == {
        "productId": str(product["_id"]), "name": "", "wanted": 2, "available": 1,
    }  # fmt: skip


def test_two_lines_of_one_product_count_together(app: Flask, db: Database, store: Document) -> None:
    product = make_product(db, store, stock=3)
    with pytest.raises(OutOfStock):
        reserve(of(product, 2), of(product, 2))
    assert "reserved" not in now(db, product)
    reserve(of(product, 2), of(product, 1))
    assert available(now(db, product)) == 0


def test_each_variant_counts_for_itself_and_for_the_product(db: Database, mug: Document) -> None:
    sand, ink = (variant["_id"] for variant in mug["variants"])
    reserve(of(mug, 3, 0), of(mug, 1, 1))
    stored = now(db, mug)
    assert [available(stored, each) for each in (sand, ink, None)] == [1, 5, 6]
    with pytest.raises(OutOfStock):
        reserve(of(mug, 2, 0))
    with pytest.raises(OutOfStock):
        reserve(Goods(mug["_id"], ObjectId(), 1))
    with pytest.raises(VariantNeeded):
        reserve(of(mug, 1))
    assert now(db, mug) == stored


def test_selling_and_putting_back_end_where_they_began(db: Database, mug: Document) -> None:
    goods = [of(mug, 4, 0), of(mug, 6, 1)]
    reserve(*goods)
    transact(lambda session: stock.take(goods, session))
    sold = now(db, mug)
    assert (sold["stock"], sold["reserved"], sold["status"], sold["salesCount"]) == (0, 0, "out_of_stock", 10)
    assert str(sold["totalRevenue"]) == "25.00"
    transact(lambda session: stock.put_back(goods, session))
    back = now(db, mug)
    assert (back["stock"], back["reserved"], back["status"], back["salesCount"]) == (10, 0, "active", 0)
    assert [(each["stock"], each["reserved"]) for each in back["variants"]] == [(4, 0), (6, 0)]


def test_a_variant_without_a_stock_shares_that_of_the_product(app: Flask, db: Database, store: Document) -> None:
    product = make_product(db, store, stock=2, variants=[{"_id": ObjectId(), "name": "Size", "value": "L"}])
    reserve(of(product, 2, 0))
    assert available(now(db, product), product["variants"][0]["_id"]) == 0
    with pytest.raises(OutOfStock):
        reserve(of(product, 1, 0))


def test_where_nobody_counts_there_is_always_some(app: Flask, db: Database, store: Document) -> None:
    product = make_product(db, store, stock=0, trackInventory=False)
    assert available(product) is None
    assert reserve(of(product, 500)) == set()
    transact(lambda session: stock.take([Goods(product["_id"], None, 500, is_counted=False)], session))
    after = now(db, product)
    assert (after["stock"], after.get("reserved"), after["salesCount"]) == (0, None, 500)


def test_what_is_not_there_cannot_be_reserved(app: Flask, db: Database) -> None:
    with pytest.raises(OutOfStock):
        reserve(Goods(ObjectId(), None, 1))


def test_lists_show_what_can_be_bought_and_sellers_what_lies_there(
    client: FlaskClient, as_sam: FlaskClient, db: Database, mug: Document
) -> None:
    reserve(of(mug, 4, 0))
    path = f"/api/products/{mug['_id']}"
    public = client.get(path).json["data"]["product"]
    assert (public["stock"], [each["stock"] for each in public["variants"]]) == (6, [0, 6])
    own = as_sam.get(f"{path}/mine").json["data"]["product"]
    assert (own["stock"], own["reserved"], [each["stock"] for each in own["variants"]]) == (10, 4, [4, 6])


def test_sellers_keep_what_orders_wait_for(as_sam: FlaskClient, db: Database, mug: Document) -> None:
    reserve(of(mug, 3, 0))
    path, (sand, ink) = f"/api/products/{mug['_id']}", (str(variant["_id"]) for variant in mug["variants"])
    kept = [
        {"_id": sand, "name": "Colour", "value": "Sand", "stock": 3},
        {"name": "Colour", "value": "Red", "stock": 1},
    ]
    for refused in (
        [{"_id": sand, "name": "Colour", "value": "Sand", "stock": 2}],
        [{"_id": ink, "name": "Colour", "value": "Ink", "stock": 9}],
    ):
        answer = as_sam.put(path, json={"variants": refused})
        assert (answer.status_code, answer.json["code"]) == (409, "stock_reserved")
    assert as_sam.put(path, json={"variants": kept}).status_code == 200
    after = now(db, mug)
    assert [available(after, each["_id"]) for each in after["variants"]] == [0, 1]


def test_variants_that_share_a_stock_are_counted_together(app: Flask, db: Database, store: Document) -> None:
    variants = [{"_id": ObjectId(), "name": "Size", "value": size} for size in "SL"]
    product = make_product(db, store, stock=3, variants=variants)
    with pytest.raises(OutOfStock):
        reserve(of(product, 2, 0), of(product, 2, 1))
    reserve(of(product, 2, 0), of(product, 1, 1))
    assert available(now(db, product)) == 0
