"""Putting things into a cart, changing how many, taking them out; coupons too.

Every change takes over today's prices and drops what is gone, and says so in its answer: what a cart says has changed
is what has changed since its owner last touched it. How many of a thing are wanted stays as it is while there are
fewer: they may come back.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.cart.services import pricing, variants
from mixillo.blueprints.cart.services.owners import Owner
from mixillo.blueprints.cart.services.pricing import GONE, PRICE, Change, Priced, item_id, priced
from mixillo.blueprints.cart.services.quoting import quote
from mixillo.blueprints.products.models import ON_SALE, Product
from mixillo.blueprints.products.queries.catalogue import ProductNotFound
from mixillo.blueprints.products.services.stock import OutOfStock
from mixillo.core import clock, money
from mixillo.core.db import transact
from mixillo.errors import Conflict, NotFound, ValidationFailed

Document = dict[str, Any]
Wanted = Document | None
MOST_OF_ONE, MOST_ITEMS, MOST_COUPONS = 999, 100, 5


class ItemNotFound(NotFound):
    """There is no such thing in the cart."""

    code, title = "cart_item_not_found", "There is no such thing in the cart"


class CartFull(Conflict):
    """The cart holds as much as one can."""

    code, title = "cart_full", "The cart is full"


class OtherCurrency(Conflict):
    """The product is sold in another currency than what is in the cart; ``currency`` is that of the cart."""

    code, title = "other_currency", "The product is sold in another currency"


@dataclass(frozen=True, slots=True)
class Changed:
    """A cart after a change: its document, and what was not as its owner had left it."""

    cart: Document
    changes: tuple[Change, ...]
    item_id: ObjectId | None = None


Edit = Callable[[Document, Priced, ClientSession], ObjectId | None]


def add(owner: Owner, product_id: ObjectId, quantity: int, wanted: Wanted = None) -> Changed:
    """Put so many more of a product into the cart, in the variant ``wanted`` (see :func:`variants.meant`).

    :raises ProductNotFound: there is no such product on sale.
    :raises NoSuchVariant: it has no such variant.
    :raises OtherCurrency: it is sold in another currency than what is in the cart.
    :raises OutOfStock: there are not as many.
    :raises CartFull: there are too many different things in the cart.
    """

    def edit(cart: Document, goods: Priced, session: ClientSession) -> ObjectId:
        product = _on_sale(product_id, session)
        variant = variants.meant(product, wanted)
        if goods.lines and pricing.currency_of(product) != goods.currency:
            raise OtherCurrency(f"What is in the cart is sold in {goods.currency}.", currency=goods.currency)
        item = _same(cart["items"], product_id, variant)
        there = pricing.quantity_of(item) if item else 0
        if item is None:
            item = _new(product, variant)
            cart["items"].append(item)
        _set(cart, item, there + quantity, product, variant)
        return item_id(item)

    return _changed(owner, edit)


def set_quantity(owner: Owner, chosen: ObjectId, quantity: int) -> Changed:
    """Have so many of an item; none takes it out.

    :raises ItemNotFound: there is no such item.
    :raises OutOfStock: there are not as many.
    """
    return _changed(owner, lambda cart, _goods, session: _have(cart, _item(cart, chosen), quantity, session))


def set_product(owner: Owner, product_id: ObjectId, quantity: int, wanted: Wanted = None) -> Changed:
    """Have so many of a product that is in the cart, in the variant ``wanted`` if it is there in several.

    :raises ItemNotFound: it is not in the cart.
    :raises ValidationFailed: it is there in several variants, and none is named.
    :raises OutOfStock: there are not as many.
    """

    def edit(cart: Document, _goods: Priced, session: ClientSession) -> ObjectId:
        found = _of_product(cart, product_id, wanted, session)
        if len(found) > 1:
            raise ValidationFailed.of("variant", "Say which: it is in the cart in several variants.")
        return _have(cart, found[0], quantity, session)

    return _changed(owner, edit)


def remove(owner: Owner, chosen: ObjectId) -> Changed:
    """Take an item out.

    :raises ItemNotFound: there is no such item.
    """

    def edit(cart: Document, _goods: Priced, _session: ClientSession) -> None:
        cart["items"].remove(_item(cart, chosen))

    return _changed(owner, edit)


def remove_product(owner: Owner, product_id: ObjectId, wanted: Wanted = None) -> Changed:
    """Take a product out: in the variant ``wanted``, or in all.

    :raises ItemNotFound: it is not in the cart.
    """

    def edit(cart: Document, _goods: Priced, session: ClientSession) -> None:
        for item in _of_product(cart, product_id, wanted, session):
            cart["items"].remove(item)

    return _changed(owner, edit)


def clear(owner: Owner) -> Changed:
    """Take everything out, coupons too."""

    def edit(cart: Document, _goods: Priced, _session: ClientSession) -> None:
        cart |= {"items": [], "couponCodes": []}

    return _changed(owner, edit)


def apply_coupon(owner: Owner, code: str) -> Changed:
    """Use a coupon for what is in the cart.

    :raises CouponNotFound: there is none of this code.
    :raises CouponNotValid: it cannot be used for this, by this person, beside the coupons that are there.
    """

    def edit(cart: Document, _goods: Priced, session: ClientSession) -> None:
        found = quote(cart, codes=[code], session=session)
        asked = found.coupons[-1].code
        others = [each for each in cart.get("couponCodes") or [] if each != asked]
        cart["couponCodes"] = [*others, asked][-MOST_COUPONS:]

    return _changed(owner, edit)


def remove_coupon(owner: Owner, code: str | None = None) -> Changed:
    """Use a coupon no longer, or none at all; also fine when it is not used."""

    def edit(cart: Document, _goods: Priced, _session: ClientSession) -> None:
        codes = cart.get("couponCodes") or []
        cart["couponCodes"] = [each for each in codes if code and each.upper() != code.strip().upper()]

    return _changed(owner, edit)


def _changed(owner: Owner, edit: Edit) -> Changed:
    """Change the cart by ``edit``, over what has changed in it by itself, in one transaction."""

    def work(session: ClientSession) -> Changed:
        cart = owner.cart(session)
        before = priced(cart.get("items") or [], session)
        cart |= {"items": _taken_over(cart.get("items") or [], before), "couponCodes": cart.get("couponCodes") or []}
        chosen = edit(cart, before, session)
        after = priced(cart["items"], session)
        cart |= {
            "subtotal": money.stored(after.subtotal, after.currency),
            "itemsCount": sum(line.quantity for line in after.lines),
        }
        owner.save(cart, session)
        return Changed(cart, tuple(each for each in before.changes if each.kind in (PRICE, GONE)), chosen)

    return transact(work, turns_of=[owner.cart_id])


def _taken_over(items: list[Document], goods: Priced) -> list[Document]:
    """Return ``items`` at today's prices, without what is gone."""
    gone = {change.item_id for change in goods.changes if change.kind == GONE}
    prices = {line.id: money.stored(line.price, goods.currency) for line in goods.lines}
    return [
        item | {"_id": item_id(item)} | ({"price": prices[item_id(item)]} if item_id(item) in prices else {})
        for item in items
        if item_id(item) not in gone
    ]


def _have(cart: Document, item: Document, quantity: int, session: ClientSession) -> ObjectId:
    if quantity == 0:
        cart["items"].remove(item)
    else:
        product = _on_sale(item["productId"], session)
        _set(cart, item, quantity, product, variants.meant(product, item.get("variant")))
    return item_id(item)


def _set(cart: Document, item: Document, quantity: int, product: Document, variant: Document | None) -> None:
    """Have ``quantity`` of ``item``, if there are as many beside what other items want of the product."""
    if quantity > MOST_OF_ONE:
        raise ValidationFailed.of("quantity", f"At most {MOST_OF_ONE} of one thing.")
    if len(cart["items"]) > MOST_ITEMS:
        raise CartFull(f"At most {MOST_ITEMS} different things.")
    taken: Counter[Any] = Counter()
    for other in cart["items"]:
        if other is not item and other["productId"] == product["_id"]:
            variant_id = (other.get("variant") or {}).get("_id")
            wanted = pricing.quantity_of(other)
            taken.update({product["_id"]: wanted, (product["_id"], variant_id): wanted})
    left = pricing.left_of(product, variant, taken)
    if left is not None and left < quantity:
        raise OutOfStock.of(product["_id"], product, quantity, left)
    item["quantity"] = quantity


def _new(product: Document, variant: Document | None) -> Document:
    item = {
        "productId": product["_id"],
        "storeId": product.get("storeId"),
        "quantity": 0,
        "variant": variants.kept(variant),
        "price": money.stored(pricing.price_of(product, variant), pricing.currency_of(product)),
        "addedAt": clock.now(),
    }
    return {"_id": item_id(item)} | item


def _on_sale(product_id: ObjectId, session: ClientSession) -> Document:
    found: Document | None = Product.collection().find_one(
        {"_id": product_id} | ON_SALE, pricing.WITHOUT_TEXTS, session=session
    )
    if found is None:
        raise ProductNotFound
    return found


def _item(cart: Document, chosen: ObjectId) -> Document:
    found = next((item for item in cart["items"] if item_id(item) == chosen), None)
    if found is None:
        raise ItemNotFound
    return found


def _same(items: list[Document], product_id: ObjectId, variant: Document | None) -> Document | None:
    """Return the item of this product and variant."""
    of_product = (item for item in items if item["productId"] == product_id)
    return next((item for item in of_product if variants.is_same(item.get("variant"), variant)), None)


def _of_product(cart: Document, product_id: ObjectId, wanted: Wanted, session: ClientSession) -> list[Document]:
    found = [item for item in cart["items"] if item["productId"] == product_id]
    if wanted:
        variant = variants.meant(_on_sale(product_id, session), wanted)
        found = [item for item in found if variants.is_same(item.get("variant"), variant)]
    if not found:
        raise ItemNotFound
    return found
