"""The lines of a cart at today's prices and stock, and what has changed since its owner last changed it."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.cart.services import variants
from mixillo.blueprints.cart.services.variants import NoSuchVariant
from mixillo.blueprints.products.models import CURRENCY, ON_SALE, Product
from mixillo.blueprints.products.queries.availability import available
from mixillo.core import money

Document = dict[str, Any]
PRICE, STOCK, GONE, OTHER_CURRENCY, COUPON = CHANGES = ("price", "stock", "gone", "currency", "coupon")
SOLD_WITH = tuple(ON_SALE["status"]["$in"])
# Long texts are not needed, all the rest of a product may be.
WITHOUT_TEXTS = {"description": 0, "metaDescription": 0, "tags": 0}


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one thing. Amounts are minor units of the cart's currency; ``price`` is that of one.

    ``discount`` is the part of all discounts that falls on the line; ``variant`` is as orders keep it.
    """

    id: ObjectId
    product_id: ObjectId
    variant_id: ObjectId | None
    store_id: ObjectId | None
    seller_id: ObjectId
    name: str
    variant: Document | None
    image: str | None
    category: ObjectId | None
    price: int
    quantity: int
    total: int
    free_shipping: bool
    slug: str | None = None
    available: int | None = None
    weight: Decimal = Decimal(0)
    discount: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What is no longer as it was put into the cart. ``before`` and ``after`` are prices or quantities.

    - ``price``: another price than when the cart was last changed.
    - ``stock``: there is less than wanted; the line has what there is, or is left out where there is nothing.
    - ``gone``: no longer on sale, or no longer in this variant.
    - ``currency``: it is sold in another currency than the first thing in the cart.
    - ``coupon``: the coupon ``name`` cannot be used (now), for ``reason``.
    """

    kind: str
    name: str
    item_id: ObjectId | None = None
    product_id: ObjectId | None = None
    before: int | None = None
    after: int | None = None
    reason: str | None = None


@dataclass
class Priced:
    """The lines of a cart that can be bought, their currency, and what has changed."""

    currency: str = CURRENCY
    lines: list[Line] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    taken: Counter[Any] = field(default_factory=Counter)

    @property
    def subtotal(self) -> int:
        """What the lines cost together."""
        return sum(line.total for line in self.lines)


def priced(items: Sequence[Document], session: ClientSession | None = None) -> Priced:
    """Return ``items`` of a cart at today's prices, as far as they are there."""
    wanted = {"_id": {"$in": [item["productId"] for item in items]}}
    found = {each["_id"]: each for each in Product.collection().find(wanted, WITHOUT_TEXTS, session=session)}
    there = (found[item["productId"]] for item in items if is_on_sale(found.get(item["productId"])))
    result = Priced(currency=next(map(currency_of, there), CURRENCY))
    for item in items:
        _add(result, item, found.get(item["productId"]))
    return result


def is_on_sale(product: Document | None) -> bool:
    """Return whether a stored product is there to be bought."""
    return product is not None and product.get("isPublished") is True and product.get("status") in SOLD_WITH


def item_id(item: Document) -> ObjectId:
    """Return the id of an item; of one that was stored without, one that follows from what it is."""
    if found := item.get("_id"):
        return found
    return ObjectId(hashlib.sha256(repr((item["productId"], item.get("variant"))).encode()).digest()[:12])


def quantity_of(item: Document) -> int:
    """Return how many of an item are wanted; the existing system may have stored doubles."""
    return max(1, int(item.get("quantity") or 1))


def price_of(product: Document, variant: Document | None) -> int:
    """Return what one costs, in minor units of the product's currency."""
    own = (variant or {}).get("price")
    return money.minor(product.get("price") if own is None else own, currency_of(product))


def left_of(product: Document, variant: Document | None, taken: Counter[Any]) -> int | None:
    """Return how many there are beside those that are ``taken`` by other lines; ``None``: any number."""
    variant_id = (variant or {}).get("_id")
    whole, own = available(product), available(product, variant_id)
    if whole is None or own is None:
        return None
    return max(0, min(whole - taken[product["_id"]], own - taken[product["_id"], variant_id]))


def _add(result: Priced, item: Document, product: Document | None) -> None:
    """Add the line of ``item``, or say why there is none."""
    wanted = quantity_of(item)
    about = ((product or {}).get("name") or "", item_id(item), item["productId"])
    try:
        if product is None or not is_on_sale(product):
            raise NoSuchVariant
        variant = variants.meant(product, item.get("variant"))
    except NoSuchVariant:
        result.changes.append(Change(GONE, *about, wanted, 0))
        return
    if currency_of(product) != result.currency:
        result.changes.append(Change(OTHER_CURRENCY, *about, wanted, 0, currency_of(product)))
        return
    price, before = price_of(product, variant), item.get("price")
    if before is not None and money.minor(before, result.currency) != price:
        result.changes.append(Change(PRICE, *about, money.minor(before, result.currency), price))
    left = left_of(product, variant, result.taken)
    quantity = wanted if left is None else min(wanted, left)
    if quantity < wanted:
        result.changes.append(Change(STOCK, *about, wanted, quantity))
    if quantity:
        variant_id = (variant or {}).get("_id")
        result.taken.update({product["_id"]: quantity, (product["_id"], variant_id): quantity})
        result.lines.append(_line(item, product, variant, price, quantity, left))


def _line(
    item: Document, product: Document, variant: Document | None, price: int, quantity: int, left: int | None
) -> Line:
    return Line(
        id=item_id(item),
        product_id=product["_id"],
        variant_id=(variant or {}).get("_id"),
        store_id=product.get("storeId"),
        seller_id=product["sellerId"],
        name=product.get("name") or "",
        variant=variants.named(variant),
        image=(variant or {}).get("image") or _image(product),
        category=product.get("category"),
        price=price,
        quantity=quantity,
        total=price * quantity,
        free_shipping=bool(product.get("freeShipping")),
        slug=product.get("slug"),
        available=left,
        weight=money.decimal(product.get("weight")) * quantity,
    )


def _image(product: Document) -> str | None:
    images = sorted(product.get("images") or [], key=lambda image: image.get("sortOrder") or 0)
    return images[0].get("url") if images else None


def currency_of(product: Document) -> str:
    """Return the currency that a stored product is sold in."""
    return product.get("currency") or CURRENCY
