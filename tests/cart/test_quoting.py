"""What a cart costs."""

from typing import Any

import pytest
from bson import Decimal128
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.cart.services import carts
from mixillo.blueprints.cart.services.quoting import Quote, quote
from tests.factories.commerce import make_cart
from tests.factories.products import make_product
from tests.factories.users import make_user

Document = dict[str, Any]


@pytest.fixture
def una(db: Database) -> Document:
    return make_user(db)


def quoted(app: Flask, user: Document, **asked: Any) -> Quote:
    with app.app_context():
        return quote(carts.of(user["_id"]), **asked)


def kinds(found: Quote) -> list[str]:
    return [change.kind for change in found.changes]


def test_an_empty_cart_costs_nothing(app: Flask, una: Document) -> None:
    found = quoted(app, una)
    assert (found.total, found.shipping, found.tax, found.lines, found.shipping_method) == (0, 0, 0, (), None)


def test_tax_and_shipping_are_added_to_the_goods(app: Flask, db: Database, una: Document) -> None:
    make_cart(db, una, (make_product(db, price=12.35), 2), (make_product(db, price=Decimal128("5.05")), 1))
    found = quoted(app, una)
    assert (found.subtotal, found.tax, found.shipping, found.total) == (2975, 298, 599, 3872)
    assert found.shipping_method["code"] == "standard"


def test_goods_for_more_than_fifty_ship_free_and_for_fifty_do_not(app: Flask, db: Database, una: Document) -> None:
    make_cart(db, una, (make_product(db, price=50.00), 1))
    assert quoted(app, una).shipping == 599
    other = make_user(db)
    make_cart(db, other, (make_product(db, price=50.01), 1))
    assert quoted(app, other).shipping == 0
