"""A cart as the API shows it: under the stored names and those of the clients."""

from dataclasses import replace
from typing import Any

from mixillo.blueprints.cart.services.changing import Changed
from mixillo.blueprints.cart.services.pricing import GONE, OTHER_CURRENCY, PRICE, STOCK, Change, Line
from mixillo.blueprints.cart.services.quoting import Quote, quote
from mixillo.core import money

Document = dict[str, Any]
AMOUNTS = ("subtotal", "discount", "shipping", "tax", "total")


def shown(cart: Document, country: str | None = None, method: str | None = None) -> Document:
    """Return ``cart`` with what it costs now.

    :raises NotShippedThere: nothing is shipped to the country.
    :raises MethodNotAvailable: the method does not ship this there.
    """
    return _view(cart, quote(cart, country=country, method=method))


def after(changed: Changed) -> Document:
    """Return a cart that was changed: with what had changed in it by itself, and what is not as wanted now."""
    found = quote(changed.cart)
    return _view(changed.cart, replace(found, changes=changed.changes + found.changes))


def summary(cart: Document, country: str | None = None, method: str | None = None) -> Document:
    """Return what ``cart`` costs now, without what is in it.

    :raises NotShippedThere: see :func:`shown`; so for MethodNotAvailable.
    """
    view = shown(cart, country, method)
    return {name: view[name] for name in ("itemsCount", "currency", *AMOUNTS, "couponCode", "shippingMethod")}


def item(view: Document, item_id: Any) -> Document | None:
    """Return the item of this id of a cart that is shown."""
    return next((each for each in view["items"] if each["_id"] == item_id), None)


def _view(cart: Document, found: Quote) -> Document:
    amounts = {name: money.shown(getattr(found, name), found.currency) for name in AMOUNTS}
    return {
        "_id": cart["_id"],
        "id": cart["_id"],
        "userId": cart.get("userId"),
        "items": [_item(line, found.currency) for line in found.lines],
        "itemsCount": sum(line.quantity for line in found.lines),
        "currency": found.currency,
        **amounts,
        "coupons": [
            {"couponId": each.coupon_id, "code": each.code, "amount": money.shown(each.amount, each.currency)}
            for each in found.coupons
        ],
        "couponCode": found.coupons[0].code if found.coupons else None,
        "shippingMethod": found.shipping_method,
        "changes": [_change(each, found.currency) for each in found.changes],
        "createdAt": cart.get("createdAt"),
        "updatedAt": cart.get("updatedAt"),
    }


def _item(line: Line, currency: str) -> Document:
    price = money.shown(line.price, currency)
    images = [line.image] if line.image else []
    return {
        "_id": line.id,
        "id": line.id,
        "productId": line.product_id,
        "product": {"_id": line.product_id, "name": line.name, "slug": line.slug, "images": images, "price": price},
        "productName": line.name,
        "productImage": line.image,
        "variantId": line.variant_id,
        "variant": line.variant,
        "variantName": line.variant["value"] if line.variant else None,
        "storeId": line.store_id,
        "sellerId": line.seller_id,
        "price": price,
        "quantity": line.quantity,
        "total": money.shown(line.total, currency),
        "discount": money.shown(line.discount, currency),
        "available": line.available,
        "freeShipping": line.free_shipping,
    }


def _change(change: Change, currency: str) -> Document:
    is_price = change.kind == PRICE
    before, after = (
        money.shown(value, currency) if is_price and value is not None else value
        for value in (change.before, change.after)
    )
    return {
        "kind": change.kind,
        "itemId": change.item_id,
        "productId": change.product_id,
        "name": change.name,
        "before": before,
        "after": after,
        "reason": change.reason,
        "message": _sentence(change, currency),
    }


def _sentence(change: Change, currency: str) -> str:
    before, after, name = change.before or 0, change.after or 0, change.name or "Something"
    if change.kind == PRICE:
        return f"{name} costs {money.in_words(after, currency)} now instead of {money.in_words(before, currency)}."
    if change.kind == STOCK:
        return f"{name}: {before} wanted, {after} available."
    sentences = {
        GONE: f"{name} is not on sale any more.",
        OTHER_CURRENCY: f"{name} is sold in {change.reason}; order it on its own.",
    }
    return sentences.get(change.kind, f"The coupon {name} cannot be used: {change.reason}.")
