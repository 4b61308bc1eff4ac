"""What stands on an invoice."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.orders.queries import orders
from mixillo.blueprints.products.queries import shapes as products
from mixillo.core import money
from mixillo.core.security import Viewer

Document = dict[str, Any]
SUMS = (("Goods", "subtotal", 1), ("Discount", "discount", -1), ("Shipping", "shipping", 1), ("Tax", "tax", 1),
        ("Total", "total", 1), ("Given back", "refundedAmount", -1))  # fmt: skip
ALWAYS = ("Goods", "Shipping", "Tax", "Total")


def of(viewer: Viewer, order_id: ObjectId) -> Document:
    """Return the ``order`` as the viewer may see it, its ``rows``, ``sums`` and the names of its ``stores``, in words.

    :raises OrderNotFound: there is none, or it is somebody else's.
    """
    order = orders.one(viewer, str(order_id))
    currency = order["currency"]
    found = products.stores([part["storeId"] for part in order["fulfilments"] if part["storeId"]])
    return {
        "order": order,
        "stores": [store["name"] for store in found.values()],
        "rows": [_row(item, currency) for item in order["items"]],
        "sums": [
            (label, _words(sign * order[name], currency))
            for label, name, sign in SUMS
            if order[name] or label in ALWAYS
        ],
    }


def _row(item: Document, currency: str) -> Document:
    variant = item["variant"]
    return {
        "name": item["name"],
        "variant": f"{variant['name']}: {variant['value']}" if variant else "",
        "quantity": item["quantity"],
        "price": _words(item["price"], currency),
        "total": _words(item["total"], currency),
    }


def _words(amount: float, currency: str) -> str:
    return money.in_words(money.minor(amount, currency), currency)
