"""What a cart costs."""

from typing import Any

import pytest
from bson import Decimal128, ObjectId
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.cart.services import carts
from mixillo.blueprints.cart.services.pricing import COUPON, GONE, OTHER_CURRENCY, PRICE, STOCK
from mixillo.blueprints.cart.services.quoting import Quote, quote
from mixillo.blueprints.coupons.services.validating import CouponNotFound, CouponNotValid
from mixillo.blueprints.shipping.services.offering import MethodNotAvailable, NotShippedThere
from tests.factories.commerce import make_cart, make_coupon, make_method, make_zone
from tests.factories.products import make_category, make_product
from tests.factories.users import make_user

Document = dict[str, Any]


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


@pytest.mark.parametrize("price", [19.989999999999998, 19.99000000001, Decimal128("19.99"), 19.990000000000002])
def test_prices_of_the_existing_system_are_read_to_the_cent(
    app: Flask, db: Database, una: Document, price: Any
) -> None:
    make_cart(db, una, (make_product(db, price=price), 3))
    found = quoted(app, una)
    assert (found.subtotal, found.changes) == (5997, ())


def test_halves_of_a_cent_of_tax_go_to_the_even_one(app: Flask, db: Database, una: Document) -> None:
    make_cart(db, una, (make_product(db, price=0.25), 1))
    assert quoted(app, una).tax == 2
    other = make_user(db)
    make_cart(db, other, (make_product(db, price=0.35), 1))
    assert quoted(app, other).tax == 4


def test_things_that_ship_free_ship_free_only_among_themselves(app: Flask, db: Database, una: Document) -> None:
    free = make_product(db, freeShipping=True)
    make_cart(db, una, (free, 1))
    assert quoted(app, una).shipping == 0
    other = make_user(db)
    make_cart(db, other, (free, 1), (make_product(db), 1))
    assert quoted(app, other).shipping == 599


def test_a_new_price_counts_and_is_told(app: Flask, db: Database, una: Document) -> None:
    mug = make_product(db, price=10)
    make_cart(db, una, (mug, 1))
    db["products"].update_one({"_id": mug["_id"]}, {"$set": {"price": 12.5}})
    found = quoted(app, una)
    assert found.subtotal == 1250
    assert [(c.kind, c.before, c.after) for c in found.changes] == [(PRICE, 1000, 1250)]


def test_there_is_no_more_in_the_lines_than_there_is(app: Flask, db: Database, una: Document) -> None:
    few, none = make_product(db, stock=5, reserved=3), make_product(db, stock=1, reserved=1)
    make_cart(db, una, (few, 4), (none, 1))
    found = quoted(app, una)
    assert [line.quantity for line in found.lines] == [2]
    assert [(c.kind, c.before, c.after) for c in found.changes] == [(STOCK, 4, 2), (STOCK, 1, 0)]


def test_two_lines_of_a_product_share_its_stock(app: Flask, db: Database, una: Document) -> None:
    small, large = ({"_id": ObjectId(), "name": "Size", "value": size} for size in "SL")
    shirt = make_product(db, stock=3, variants=[small, large])
    items = [{"_id": ObjectId(), "productId": shirt["_id"], "quantity": 2, "variant": each} for each in (small, large)]
    make_cart(db, una, items=items)
    found = quoted(app, una)
    assert [(line.variant["value"], line.quantity) for line in found.lines] == [("S", 2), ("L", 1)]


@pytest.mark.parametrize(
    "now", [{"status": "archived"}, {"isPublished": False}, {"variants": [{"name": "Size", "value": "M"}]}]
)
def test_what_is_not_on_sale_any_more_is_gone(app: Flask, db: Database, una: Document, now: Document) -> None:
    shirt = make_product(db, variants=[{"_id": ObjectId(), "name": "Size", "value": "S", "stock": 3}])
    variant = {"name": "Size", "value": "S"}
    make_cart(db, una, items=[{"productId": shirt["_id"], "quantity": 1, "variant": variant, "price": 12.5}])
    assert kinds(quoted(app, una)) == []
    db["products"].update_one({"_id": shirt["_id"]}, {"$set": now})
    found = quoted(app, una)
    assert (found.lines, kinds(found), found.changes[0].name) == ((), [GONE], shirt["name"])


def test_one_currency_counts_and_the_other_is_told(app: Flask, db: Database, una: Document) -> None:
    make_cart(db, una, (make_product(db, currency="EUR"), 1), (make_product(db, currency="USD"), 1))
    found = quoted(app, una)
    assert (found.currency, len(found.lines), kinds(found)) == ("EUR", 1, [OTHER_CURRENCY])


def test_coupons_come_off_before_tax_and_never_off_shipping(app: Flask, db: Database, una: Document) -> None:
    make_cart(db, una, (make_product(db, price=20), 2))
    coupon = make_coupon(db, "HALF", value=50)
    found = quoted(app, una, codes=["half"])
    assert (found.subtotal, found.discount, found.tax, found.shipping, found.total) == (4000, 2000, 200, 599, 2799)
    assert [(c.coupon_id, c.code, c.amount) for c in found.coupons] == [(coupon["_id"], "HALF", 2000)]


def test_a_percentage_has_a_cap_and_a_fixed_one_a_minimum(app: Flask, db: Database, una: Document) -> None:
    make_cart(db, una, (make_product(db, price=40), 1))
    make_coupon(db, "CAPPED", value=50, maxDiscount=7.5)
    assert quoted(app, una, codes=["CAPPED"]).discount == 750
    make_coupon(db, "FIVE", type="fixed", value=5, minPurchase=40)
    assert quoted(app, una, codes=["FIVE"]).discount == 500
    make_coupon(db, "LARGE", type="fixed", value=5, minPurchase=40.01)
    with pytest.raises(CouponNotValid) as refused:
        quoted(app, una, codes=["LARGE"])
    assert refused.value.extensions["reason"] == "minimum"
    make_coupon(db, "HUGE", type="fixed", value=500)
    assert quoted(app, una, codes=["HUGE"]).total == 599


def test_a_coupon_for_some_goods_leaves_the_others_alone(app: Flask, db: Database, una: Document) -> None:
    home = make_category(db, "Home")
    kitchen = make_category(db, "Kitchen", parentId=home["_id"])
    mug, lamp, book = make_product(db, price=10, category=kitchen["_id"]), make_product(db, price=20), make_product(db)
    make_cart(db, una, (mug, 1), (lamp, 1), (book, 1))
    make_coupon(db, "HOME", applicableCategories=[home["_id"]], applicableProducts=[lamp["_id"]])
    found = quoted(app, una, codes=["HOME"])
    assert [line.discount for line in found.lines] == [100, 200, 0]
    make_coupon(db, "TOYS", applicableProducts=[ObjectId()])
    with pytest.raises(CouponNotValid) as refused:
        quoted(app, una, codes=["TOYS"])
    assert refused.value.extensions["reason"] == "not_applicable"


def test_only_stackable_coupons_go_together_and_never_below_nothing(app: Flask, db: Database, una: Document) -> None:
    make_cart(db, una, (make_product(db, price=10), 1))
    make_coupon(db, "A", value=50, isStackable=True)
    make_coupon(db, "B", type="fixed", value=8, isStackable=True)
    make_coupon(db, "C", value=5)
    found = quoted(app, una, codes=["A", "B"])
    assert [each.amount for each in found.coupons] == [500, 500]
    assert found.total == found.shipping
    with pytest.raises(CouponNotValid):
        quoted(app, una, codes=["A", "C"])
    with pytest.raises(CouponNotValid):
        quoted(app, una, codes=["C", "A"])


def test_a_coupon_in_the_cart_that_is_no_longer_good_is_told_one_asked_for_is_refused(
    app: Flask, db: Database, una: Document
) -> None:
    make_coupon(db, "GONE", isActive=False)
    make_cart(db, una, (make_product(db), 1), couponCodes=["GONE", "NEVER"])
    found = quoted(app, una)
    assert [(c.kind, c.name, c.reason) for c in found.changes] == [
        (COUPON, "GONE", "inactive"), (COUPON, "NEVER", "not_found"),
    ]  # fmt: skip
    with pytest.raises(CouponNotFound):
        quoted(app, una, codes=["NEVER"])
    with pytest.raises(CouponNotValid):
        quoted(app, una, codes=["GONE"])


def test_a_coupon_in_one_currency_is_not_for_another(app: Flask, db: Database, una: Document) -> None:
    make_coupon(db, "EURO", currency="EUR")
    make_cart(db, una, (make_product(db, currency="GBP"), 1))
    with pytest.raises(CouponNotValid) as refused:
        quoted(app, una, codes=["EURO"])
    assert refused.value.extensions["reason"] == "currency"


def test_the_cheapest_way_of_shipping_is_taken_unless_another_is_asked_for(
    app: Flask, db: Database, una: Document
) -> None:
    make_zone(db, "Europe", "DE", "FR")
    make_method(db, "standard", 4.9, zonesSupported=["Europe"])
    make_method(db, "express", 14.9, type="express")
    make_cart(db, una, (make_product(db, price=60), 1))
    assert quoted(app, una, country="DE").shipping == 0
    assert quoted(app, una, country="US").shipping_method["code"] == "express"
    assert quoted(app, una, country="DE", method="express").shipping == 1490
    with pytest.raises(MethodNotAvailable):
        quoted(app, una, country="US", method="standard")
    db["shippingmethods"].delete_one({"code": "express"})
    with pytest.raises(NotShippedThere):
        quoted(app, una, country="US")
