"""Totals of random carts, coupons and currencies, held against exact decimals that are reckoned another way."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import gcd
from typing import Any

from bson import Decimal128, ObjectId
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.blueprints.cart.services.quoting import Quote, quote
from mixillo.blueprints.cart.services.showing import shown
from mixillo.blueprints.coupons.services.discounts import spread
from mixillo.core import money

Document = dict[str, Any]
CENT = Decimal("0.01")
cents = st.integers(1, 20_000)


def as_stored(amount: Decimal, how: str) -> Any:
    """Return an amount as documents hold it: a decimal, or the double of the existing system, as near as it gets."""
    near = {"decimal": Decimal128(amount), "double": float(amount), "above": float(amount) * (1 + 2e-16)}
    return near[how] if how in near else float(amount) - 1e-9


@st.composite
def prices(draw: Any) -> tuple[Decimal, Any]:
    """A price, and how it is stored."""
    amount = Decimal(draw(cents)) * CENT
    return amount, as_stored(amount, draw(st.sampled_from(["decimal", "double", "above", "below"])))


@st.composite
def coupons(draw: Any, products: int) -> Document:
    """A coupon for all goods or for some, that may be stacked."""
    is_percentage = draw(st.booleans())
    value = Decimal(draw(st.integers(1, 10_000))) * CENT if is_percentage else Decimal(draw(cents)) * CENT
    chosen = draw(st.sets(st.integers(0, products - 1)))
    return {
        "_id": ObjectId(), "code": f"C{ObjectId()}".upper(), "isStackable": True, "chosen": chosen,
        "type": "percentage" if is_percentage else "fixed", "value": Decimal128(value),
        "maxDiscount": Decimal128(Decimal(draw(cents)) * CENT) if draw(st.booleans()) else None,
    }  # fmt: skip


@st.composite
def baskets(draw: Any) -> Document:
    """Lines of a cart (price, its stored form, quantity, ships free), a currency, and coupons."""
    lines = draw(st.lists(st.tuples(prices(), st.integers(1, 20), st.booleans()), min_size=1, max_size=6))
    used = draw(st.lists(coupons(len(lines)), max_size=3))
    return {"lines": lines, "currency": draw(st.sampled_from(money.FIAT)), "coupons": used}


def rounded(amount: Fraction) -> Decimal:
    """Return ``amount`` to the cent, halves to the even one."""
    return (Decimal(round(amount * 100)) * CENT).quantize(CENT, rounding=ROUND_HALF_EVEN)


def discounts(basket: Document) -> list[Decimal]:
    """Return what each coupon takes off, reckoned with fractions over what is left of what it is for.

    How a discount falls on lines matters only for coupons that are for other lines; so it is taken from the service's
    own :func:`spread`, whose promises have a test of their own.
    """
    left = [price * quantity for (price, _), quantity, _ in basket["lines"]]
    amounts = []
    for coupon in basket["coupons"]:
        chosen = sorted(coupon["chosen"]) or list(range(len(left)))
        base, value = sum(left[n] for n in chosen), coupon["value"].to_decimal()
        if coupon["type"] == "fixed":
            amount = min(value, base)
        else:
            amount = rounded(Fraction(base) * Fraction(value) / 100)
            if coupon["maxDiscount"] is not None:
                amount = min(amount, coupon["maxDiscount"].to_decimal())
        for n, share in zip(chosen, spread(int(amount * 100), [int(left[n] * 100) for n in chosen]), strict=True):
            left[n] -= share * CENT
        amounts.append(amount)
    return amounts


def stored(db: Database, basket: Document) -> Document:
    """Store the products and the coupons, and return the cart."""
    for collection in ("products", "coupons"):
        db[collection].delete_many({})
    products = [
        {
            "_id": ObjectId(), "name": "Thing", "sellerId": ObjectId(), "price": kept, "currency": basket["currency"],
            "stock": 100, "status": "active", "isPublished": True, "freeShipping": free, "slug": str(ObjectId()),
            "sku": str(ObjectId()),
        }
        for (_, kept), _, free in basket["lines"]
    ]  # fmt: skip
    db["products"].insert_many(products)
    for coupon in basket["coupons"]:
        named = {"applicableProducts": [products[n]["_id"] for n in coupon["chosen"]]}
        db["coupons"].insert_one({name: coupon[name] for name in coupon if name != "chosen"} | named)
    items = [
        {"productId": product["_id"], "quantity": quantity, "price": product["price"]}
        for product, (_, quantity, _) in zip(products, basket["lines"], strict=True)
    ]
    return {"_id": ObjectId(), "userId": None, "items": items, "couponCodes": [c["code"] for c in basket["coupons"]]}


def decimals(found: Quote) -> tuple[Decimal, ...]:
    return tuple(Decimal(units) * CENT for units in (found.subtotal, found.discount, found.shipping, found.tax))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(basket=baskets())
def test_totals_are_exact_for_any_cart_coupons_and_currency(app: Flask, db: Database, basket: Document) -> None:
    cart = stored(db, basket)
    with app.app_context():
        found, view = quote(cart), shown(cart)
    off = discounts(basket)
    subtotal = sum(price * quantity for (price, _), quantity, _ in basket["lines"])
    discount = sum(off, Decimal(0))
    tax = rounded(Fraction(subtotal - discount) / 10)
    free = subtotal > 50 or all(ships_free for _, _, ships_free in basket["lines"])
    shipping = Decimal(0) if free else Decimal("5.99")

    assert decimals(found) == (subtotal, discount, shipping, tax)
    assert Decimal(found.total) * CENT == subtotal - discount + shipping + tax
    assert [Decimal(each.amount) * CENT for each in found.coupons] == off
    assert found.changes == ()
    assert sum(line.discount for line in found.lines) == found.discount
    assert all(0 <= line.discount <= line.total for line in found.lines)
    assert found.currency == basket["currency"]
    assert Decimal(str(view["total"])) == Decimal(found.total) * CENT
    assert Decimal(str(view["subtotal"])) == subtotal


@given(weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=20), data=st.data())
def test_a_discount_is_spread_to_the_last_cent_and_never_over_a_line(weights: list[int], data: Any) -> None:
    amount = data.draw(st.integers(0, sum(weights)))
    parts = spread(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    whole = sum(weights)
    assert all(
        abs(Fraction(part) - Fraction(amount * w, whole or 1)) < 1 for part, w in zip(parts, weights, strict=True)
    )


def test_every_percentage_takes_halves_of_a_cent_to_the_even_one() -> None:
    """Of each percentage with two decimals, the amounts of which it is so many cents and a half: doubles miss some."""
    for hundredths in range(1, 10_001):
        common = gcd(hundredths, 10_000)
        if 5_000 % common:
            continue
        step = 10_000 // common
        first = 5_000 // common * pow(hundredths // common, -1, step) % step
        for units in (first, first + step, first + 987 * step):
            exact = Fraction(units * hundredths, 10_000)
            assert exact % 1 == Fraction(1, 2)
            assert money.percentage(units, Decimal(hundredths).scaleb(-2)) == round(exact)
