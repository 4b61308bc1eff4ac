"""Stock: promised to an order, sold, free again. Every function works inside the caller's transaction.

``stock`` is what lies on the shelf, ``reserved`` the part of it that unpaid orders wait for. Both are kept for the
product and, where it has any, for the variant too; the product's are the sums. Each product is changed by one guarded
update over all its lines, in the order of ids, so that parallel orders do not wait for each other in circles.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self

from bson import Decimal128, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.products.models import ACTIVE, SOLD_OUT, Product
from mixillo.blueprints.products.queries.availability import NEEDED, available
from mixillo.errors import Conflict

__all__ = ["Goods", "OutOfStock", "VariantNeeded", "available", "check", "put_back", "release", "reserve", "take"]
Document = dict[str, Any]
READ = dict.fromkeys((*NEEDED, "name", "hasVariants"), 1)


class OutOfStock(Conflict):
    """There is less of a product than is wanted; ``items`` tells of which, and how much there is."""

    code, title = "out_of_stock", "There is not enough of it left"

    @classmethod
    def of(cls, product_id: ObjectId, product: Document | None, wanted: int, left: int) -> Self:
        """Return the error about one product."""
        name = (product or {}).get("name") or "A product"
        short = {"productId": str(product_id), "name": name, "wanted": wanted, "available": left}
        return cls(f"{name}: {wanted} wanted, {left} available.", items=[short])


class VariantNeeded(Conflict):
    """The product is sold in variants, and none was chosen."""

    code, title = "variant_required", "Choose a variant of it"


@dataclass(frozen=True, slots=True)
class Goods:
    """So many of a product or of one of its variants.

    ``is_counted``: its stock is kept, as :func:`reserve` found. ``revenue`` is what they were sold for, in units of
    the product's currency.
    """

    product_id: ObjectId
    variant_id: ObjectId | None
    quantity: int
    is_counted: bool = True
    revenue: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Steps:
    """What happens to one product: to its ``stock``, to what is ``reserved`` of it, to what was ``sold``; per piece."""

    stock: int = 0
    reserved: int = 0
    sold: int = 0


def reserve(goods: Iterable[Goods], session: ClientSession) -> set[ObjectId]:
    """Promise ``goods`` to an order; return the products whose stock is kept, which are all that changed.

    :raises OutOfStock: there is less of one than all its lines want together.
    :raises VariantNeeded: one is sold in variants, and none was chosen.
    """
    counted = _checked(_by_product(goods), session)
    for product_id, wanted in counted.items():
        if _change(product_id, wanted, _Steps(reserved=1), session, guard=_enough(wanted)) is None:
            product = Product.collection().find_one({"_id": product_id}, READ, session=session)
            raise _short(product or {"_id": product_id}, wanted)
    return set(counted)


def check(goods: Iterable[Goods], session: ClientSession) -> None:
    """Check, without changing anything, that :func:`reserve` would not refuse.

    :raises OutOfStock: there is less of one than all its lines want together.
    :raises VariantNeeded: one is sold in variants, and none was chosen.
    """
    _checked(_by_product(goods), session)


def release(goods: Iterable[Goods], session: ClientSession) -> None:
    """Let others have what an order waited for."""
    for product_id, lines in _by_product(each for each in goods if each.is_counted).items():
        _change(product_id, lines, _Steps(reserved=-1), session)


def take(goods: Iterable[Goods], session: ClientSession) -> None:
    """Sell what was reserved: it leaves the shelf; a product of which nothing is left is sold out."""
    _settle(goods, _Steps(stock=-1, reserved=-1, sold=1), session)


def put_back(goods: Iterable[Goods], session: ClientSession) -> None:
    """Put what was sold back on the shelf; it does not count as sold any more."""
    _settle(goods, _Steps(stock=1, sold=-1), session)


def _settle(goods: Iterable[Goods], steps: _Steps, session: ClientSession) -> None:
    for product_id, lines in _by_product(goods).items():
        product = _change(product_id, lines, steps, session)
        status = _status(product) if product and lines[0].is_counted else None
        if status:
            Product.collection().update_one({"_id": product_id}, {"$set": {"status": status}}, session=session)


def _status(product: Document) -> str | None:
    """Return the status that follows from what is left of a product on sale, where that is another one."""
    if product.get("trackInventory") is False:
        return None
    is_left = int(product.get("stock") or 0) > 0
    return {(ACTIVE, False): SOLD_OUT, (SOLD_OUT, True): ACTIVE}.get((product.get("status") or "", is_left))


def _change(
    product_id: ObjectId,
    lines: Sequence[Goods],
    steps: _Steps,
    session: ClientSession,
    guard: Sequence[Document] = (),
) -> Document | None:
    """Change a product by all its ``lines`` in one update, if ``guard`` holds; return it as it is then."""
    quantities = _by_variant(lines) if lines[0].is_counted else {}
    amounts: Document = {"salesCount": steps.sold * sum(each.quantity for each in lines)}
    chosen = [each for each in quantities if each]
    places = {"": sum(quantities.values())} | {f"variants.$[v{n}].": quantities[v] for n, v in enumerate(chosen)}
    for place, quantity in places.items():
        amounts |= {f"{place}stock": steps.stock * quantity, f"{place}reserved": steps.reserved * quantity}
    increments = {name: step for name, step in amounts.items() if step}
    if steps.sold:
        increments["totalRevenue"] = Decimal128(sum(each.revenue for each in lines) * steps.sold)
    changed: Document | None = Product.collection().find_one_and_update(
        {"_id": product_id} | ({"$expr": {"$and": list(guard)}} if guard else {}),
        {"$inc": increments},
        {"stock": 1, "status": 1, "trackInventory": 1},
        # A variant without a stock of its own shares that of the product.
        array_filters=[{f"v{n}._id": each, f"v{n}.stock": {"$type": "number"}} for n, each in enumerate(chosen)],
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return changed


def _enough(lines: Sequence[Goods]) -> list[Document]:
    """Return the conditions under which there is enough for ``lines``: of each variant, and of all together."""
    conditions = [_left("$$ROOT", sum(each.quantity for each in lines))]
    for variant_id, quantity in _by_variant(lines).items():
        if variant_id is not None:
            chosen = {"$filter": {"input": "$variants", "as": "each", "cond": {"$eq": ["$$each._id", variant_id]}}}
            shared = {"$lte": [{"$ifNull": ["$$chosen.stock", None]}, None]}
            there = {"$ne": [{"$type": "$$chosen"}, "missing"]}
            enough = {"$and": [there, {"$or": [shared, _left("$$chosen", quantity)]}]}
            conditions.append({"$let": {"vars": {"chosen": {"$first": chosen}}, "in": enough}})
    return conditions


def _left(counted: str, quantity: int) -> Document:
    stock, reserved = ({"$ifNull": [f"{counted}.{name}", 0]} for name in ("stock", "reserved"))
    return {"$gte": [{"$subtract": [stock, reserved]}, quantity]}


def _checked(lines: dict[ObjectId, list[Goods]], session: ClientSession) -> dict[ObjectId, list[Goods]]:
    """Return those of ``lines`` whose products are counted, in the order in which they are changed.

    :raises OutOfStock: there is less of one than all its lines want together.
    :raises VariantNeeded: one is sold in variants, and none was chosen.
    """
    found = {each["_id"]: each for each in Product.collection().find({"_id": {"$in": [*lines]}}, READ, session=session)}
    counted = {}
    for product_id, wanted in lines.items():
        product = found.get(product_id)
        if product is None:
            raise OutOfStock.of(product_id, None, sum(each.quantity for each in wanted), 0)
        if product.get("trackInventory") is False:
            continue
        if product.get("variants") and any(each.variant_id is None for each in wanted):
            raise VariantNeeded(f"{product.get('name')} is sold in variants; choose one.")
        if not _is_enough(product, wanted):
            raise _short(product, wanted)
        counted[product_id] = [replace(each, is_counted=True) for each in wanted]
    return counted


def _is_enough(product: Document, lines: Sequence[Goods]) -> bool:
    wanted = _by_variant(lines)
    of_variants = all((available(product, each) or 0) >= n for each, n in wanted.items())
    return of_variants and (available(product) or 0) >= sum(wanted.values())


def _short(product: Document, lines: Sequence[Goods]) -> OutOfStock:
    """Return the error that names the first of ``lines`` of which there is not enough."""
    wanted = _by_variant(lines)
    for variant_id, quantity in wanted.items():
        left = available(product, variant_id) or 0
        if left < quantity:
            return OutOfStock.of(product["_id"], product, quantity, left)
    return OutOfStock.of(product["_id"], product, sum(wanted.values()), available(product) or 0)


def _by_variant(lines: Sequence[Goods]) -> dict[ObjectId | None, int]:
    quantities: defaultdict[ObjectId | None, int] = defaultdict(int)
    for each in lines:
        quantities[each.variant_id] += each.quantity
    return quantities


def _by_product(goods: Iterable[Goods]) -> dict[ObjectId, list[Goods]]:
    """Return the lines of each product, products in the order in which they are changed."""
    lines: defaultdict[ObjectId, list[Goods]] = defaultdict(list)
    for each in goods:
        lines[each.product_id].append(each)
    return {product_id: lines[product_id] for product_id in sorted(lines)}
