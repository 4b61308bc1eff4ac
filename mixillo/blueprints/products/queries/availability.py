"""How many of a product somebody can buy: the one place that knows."""

from typing import Any

from bson import ObjectId

Document = dict[str, Any]
# What has to be read of a product to know.
NEEDED = ("stock", "reserved", "trackInventory", "variants")


def available(product: Document, variant_id: ObjectId | None = None) -> int | None:
    """Return how many of a stored ``product``, or of one of its variants, can be bought; ``None``: any number.

    What unpaid orders have reserved is not there for others. A variant without a stock of its own shares that of the
    product; of one that is not there, nothing is.
    """
    if product.get("trackInventory") is False:
        return None
    of_product = _left(product)
    if variant_id is None:
        return of_product
    found = next((each for each in product.get("variants") or [] if each.get("_id") == variant_id), None)
    if found is None:
        return 0
    return of_product if found.get("stock") is None else min(of_product, _left(found))


def _left(counted: Document) -> int:
    return max(0, int(counted.get("stock") or 0) - int(counted.get("reserved") or 0))
