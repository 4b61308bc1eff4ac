"""The demo's orders."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.prices import amounts, cents, money
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

ORDERS = 1200
ORDERS_OF_UNA, ORDERS_FROM_SAM = 9, 60
METHODS = ("card", "card", "card", "paypal", "stripe", "cash_on_delivery")
CARRIERS = ("DHL", "UPS", "FedEx", "USPS")
# What becomes of an order in the end, in percent; the young ones are still on their way.
OUTCOMES = {"delivered": 88, "cancelled": 8, "returned": 4}
WAY = ("pending", "confirmed", "processing", "shipped", "delivered")
WAYS: dict[str, tuple[str, ...]] = {
    "delivered": WAY,
    "cancelled": ("pending", "cancelled"),
    "returned": (*WAY, "returned"),
}
# Hours from the step before, on average.
GAP = {"confirmed": 2, "processing": 18, "shipped": 26, "delivered": 74, "returned": 140, "cancelled": 9}
PART = {"sellerId": "sellerId", "status": "status", "goods": "subtotal", "discount": "discount",
        "shipping": "shipping", "tax": "tax", "amount": "total"}  # fmt: skip
CARRIED = ("trackingNumber", "shippedAt", "deliveredAt", "cancelledAt", "returnedAt")
PAID = ("confirmed", "processing", "shipped", "delivered")


def orders(world: World, people: People, shops: Sequence[Document], goods: Sequence[Document]) -> list[Document]:
    """Return the orders, oldest first; units and revenue of those that are paid are counted into the rest."""
    on_sale: dict[Any, list[Document]] = {}
    for product in goods:
        if product["isPublished"]:
            on_sale.setdefault(product["storeId"], []).append(product)
    una, sam = people.named("una"), people.named("sam")
    shop_of_sam = next(shop for shop in shops if shop["sellerId"] == sam["_id"])
    drafts = []
    for number in range(ORDERS):
        buyer = una if number < ORDERS_OF_UNA else world.pick(people.active)
        shop = shop_of_sam if number < ORDERS_FROM_SAM else world.pick(shops)
        if buyer["_id"] != shop["sellerId"]:
            since = max(world.season, buyer["createdAt"], shop["createdAt"])
            drafts.append((world.between(since, world.ago(minutes=5)), buyer, shop))
    drafts.sort(key=lambda draft: draft[0])
    made = [
        _order(world, people, buyer, shop, items, placed)
        for placed, buyer, shop in drafts
        if (items := _choose(world, on_sale[shop["_id"]], placed))
    ]
    _count_sales(made, goods, shops)
    return made


def _choose(world: World, offered: Sequence[Document], placed: datetime) -> list[Document]:
    known = [product for product in offered if product["createdAt"] <= placed]
    return world.sample(known, 3) if known else []


def _order(
    world: World, people: People, buyer: Document, shop: Document, chosen: Sequence[Document], placed: datetime
) -> Document:
    items = [_item(world, product) for product in chosen]
    history = _history(world, placed, buyer, shop)
    status = history[-1]["status"]
    method = world.pick(METHODS)
    subtotal = sum(cents(item["total"]) for item in items)
    order = world.make.stamped(
        "orders",
        placed,
        {
            "userId": buyer["_id"],
            "orderNumber": _number(world, placed),
            "items": items,
            **amounts(world, subtotal),
            "currency": "USD",
            "shippingAddress": _address(world, people, buyer),
            "shippingMethod": "standard",
            "estimatedDelivery": placed + timedelta(days=6),
            "paymentMethod": method,
            "paymentStatus": _payment_status(status, method),
            "status": status,
            "statusHistory": history,
            "sellerId": shop["sellerId"],
            "canReview": status == "delivered",
        },
        history[-1]["timestamp"],
    )
    for step in history:
        if step["status"] in ("shipped", "delivered", "cancelled", "returned"):
            order[f"{step['status']}At"] = step["timestamp"]
    if "shippedAt" in order:
        order |= {"trackingNumber": f"TRK{order['orderNumber'][4:]}", "carrierName": world.pick(CARRIERS)}
    order["fulfilments"] = [_part(order, shop)]
    return order


def _part(order: Document, shop: Document) -> Document:
    """Return what the one store of an order sends of it: everything."""
    part = {"storeId": shop["_id"], "carrier": order.get("carrierName")}
    part |= {name: order[field] for name, field in PART.items()}
    return part | {name: order[name] for name in CARRIED if name in order}


def _item(world: World, product: Document) -> Document:
    quantity = world.rng.choices((1, 2, 3), (80, 15, 5))[0]
    variant = world.pick(product["variants"]) if product["variants"] else None
    return {
        "_id": world.make.new_id("orderitems", world.moment),
        "productId": product["_id"],
        "storeId": product["storeId"],
        "name": product["name"],
        "price": product["price"],
        "quantity": quantity,
        "variant": variant and {"name": variant["name"], "value": variant["value"]},
        "image": product["images"][0]["url"],
        "total": money(cents(product["price"]) * quantity),
    }


def _history(world: World, placed: datetime, buyer: Document, shop: Document) -> list[Document]:
    """Return the steps an order has taken by now."""
    outcome = world.rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
    steps = [{"status": "pending", "timestamp": placed, "updatedBy": buyer["_id"]}]
    for status in WAYS[outcome][1:]:
        at = steps[-1]["timestamp"] + timedelta(seconds=int(3600 * GAP[status] * (0.5 + world.rng.random())))
        if at > world.moment:
            break
        by = buyer["_id"] if status in ("cancelled", "returned") else shop["sellerId"]
        steps.append({"status": status, "timestamp": at, "updatedBy": by})
    return steps


def _payment_status(status: str, method: str) -> str:
    if status in ("cancelled", "returned"):
        return "failed" if (status, method) == ("cancelled", "cash_on_delivery") else "refunded"
    if status == "delivered" or (status in PAID and method != "cash_on_delivery"):
        return "paid"
    return "pending"


def _address(world: World, people: People, buyer: Document) -> dict[str, Any]:
    locale, country = people.homes[buyer["_id"]]
    street, postal_code, city = world.address(locale)
    return {
        "fullName": buyer["fullName"],
        "phone": buyer["phone"],
        "addressLine1": street,
        "city": city,
        "postalCode": postal_code,
        "country": country,
    }


def _number(world: World, placed: datetime) -> str:
    return f"ORD-{_base36(int(placed.timestamp() * 1000))}-{_base36(36**5 + world.rng.randrange(35 * 36**5))}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return digits


def _count_sales(made: Sequence[Document], goods: Sequence[Document], shops: Sequence[Document]) -> None:
    products = {product["_id"]: product for product in goods}
    for order in made:
        if order["status"] in PAID:
            for item in order["items"]:
                product = products[item["productId"]]
                product["salesCount"] += item["quantity"]
                product["totalRevenue"] = money(cents(product["totalRevenue"]) + cents(item["total"]))
    for shop in shops:
        own = [product for product in goods if product["storeId"] == shop["_id"]]
        shop["totalSales"] = sum(product["salesCount"] for product in own)
        shop["totalRevenue"] = money(sum(cents(product["totalRevenue"]) for product in own))
