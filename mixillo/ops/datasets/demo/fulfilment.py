"""What follows an order: the payment, the parcel, the review. And the carts that are no order yet."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.prices import cents, money
from mixillo.ops.datasets.demo.words import REVIEWS, STARS
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

REVIEWED = 0.7
CARTS = 140
PAYMENTS = {
    # payment status of an order: status of the payment and the field that dates it
    "paid": ("completed", "completedAt"),
    "refunded": ("refunded", "refundedAt"),
    "failed": ("cancelled", None),
    "pending": ("pending", None),
}
PARCELS = {"shipped": "in_transit", "delivered": "delivered", "returned": "returned"}


def payments(world: World, placed: Sequence[Document]) -> list[Document]:
    """Return one payment per order that is not paid on delivery."""
    made = []
    for order in placed:
        if order["paymentMethod"] == "cash_on_delivery":
            continue
        status, dated = PAYMENTS[order["paymentStatus"]]
        fields: dict[str, Any] = {
            "userId": order["userId"],
            "orderId": order["_id"],
            "amount": order["total"],
            "currency": order["currency"],
            "paymentMethod": order["paymentMethod"],
            "status": status,
            "type": "order",
            "idempotencyKey": f"order-{order['orderNumber']}",
        }
        if dated:
            fields[dated] = order["updatedAt"] if status == "refunded" else order["statusHistory"][1]["timestamp"]
        if status == "refunded":
            fields["refundAmount"] = order["total"]
        made.append(world.make.stamped("payments", order["createdAt"], fields, order["updatedAt"]))
    return made


def parcels(world: World, placed: Sequence[Document]) -> list[Document]:
    """Return one parcel per order that was shipped."""
    return [
        world.make.stamped("shippings", order["shippedAt"], _parcel(order), order["updatedAt"])
        for order in placed
        if "shippedAt" in order
    ]


def _parcel(order: Document) -> dict[str, Any]:
    fields = {
        "orderId": order["_id"],
        "userId": order["userId"],
        "carrier": order["carrierName"],
        "trackingNumber": order["trackingNumber"],
        "status": PARCELS[order["status"]],
        "shippedAt": order["shippedAt"],
        "estimatedDelivery": order["estimatedDelivery"],
        "events": [
            {"status": PARCELS.get(step["status"], "pending"), "timestamp": step["timestamp"]}
            for step in order["statusHistory"]
            if step["status"] in PARCELS
        ],
    }
    if "deliveredAt" in order:
        fields["deliveredAt"] = order["deliveredAt"]
    return fields


def reviews(
    world: World, placed: Sequence[Document], goods: Sequence[Document], shops: Sequence[Document]
) -> list[Document]:
    """Return at most one review per buyer and product; ratings of products and stores are their averages."""
    made: dict[tuple[ObjectId, ObjectId], Document] = {}
    for order in placed:
        if order["canReview"] and world.chance(REVIEWED):
            for item in order["items"]:
                key = (order["userId"], item["productId"])
                if key not in made:
                    made[key] = _review(world, order, item)
    _rate(list(made.values()), goods, shops)
    return list(made.values())


def _review(world: World, order: Document, item: Document) -> Document:
    stars = world.rng.choices(list(STARS), list(STARS.values()))[0]
    written = world.between(order["deliveredAt"], world.moment, soon=3)
    order["reviewedAt"] = written
    order["updatedAt"] = max(order["updatedAt"], written)
    return world.make.stamped(
        "reviews",
        written,
        {
            "productId": item["productId"],
            "storeId": item["storeId"],
            "userId": order["userId"],
            "orderId": order["_id"],
            "rating": stars,
            "comment": world.pick(REVIEWS[stars]),
            "isVerifiedPurchase": True,
            "helpfulCount": 0,
        },
    )


def _rate(made: Sequence[Document], goods: Sequence[Document], shops: Sequence[Document]) -> None:
    for field, rated in (("productId", goods), ("storeId", shops)):
        stars: dict[ObjectId, list[int]] = {}
        for review in made:
            stars.setdefault(review[field], []).append(review["rating"])
        for document in rated:
            given = stars.get(document["_id"], [])
            document["reviewsCount"] = len(given)
            document["rating"] = round(sum(given) / len(given), 1) if given else 0


def carts(world: World, people: People, goods: Sequence[Document]) -> list[Document]:
    """Return the carts of una and of other users, filled in the last days."""
    una = people.named("una")
    others = [user for user in people.active if user is not una]
    on_sale = [product for product in goods if product["status"] == "active"]
    return [_cart(world, owner, on_sale) for owner in [una, *world.rng.sample(others, CARTS - 1)]]


def _cart(world: World, owner: Document, on_sale: Sequence[Document]) -> Document:
    filled = world.between(max(owner["createdAt"], world.ago(days=6)), world.moment)
    offered = [product for product in on_sale if product["sellerId"] != owner["_id"]]
    items = [_line(world, product) for product in world.sample(offered, 4)]
    for line in items:
        line["addedAt"] = filled
    fields = {
        "userId": owner["_id"],
        "items": items,
        "subtotal": money(sum(cents(line["price"]) * line["quantity"] for line in items)),
        "itemsCount": sum(line["quantity"] for line in items),
    }
    return world.make.stamped("carts", filled, fields, min(world.moment, filled + timedelta(minutes=7)))


def _line(world: World, product: Document) -> dict[str, Any]:
    variant = world.pick(product["variants"]) if product["variants"] else None
    return {
        "_id": world.make.new_id("cartitems", world.moment),
        "productId": product["_id"],
        "storeId": product["storeId"],
        "quantity": world.rng.randint(1, 2),
        "variant": variant and {"name": variant["name"], "value": variant["value"]},
        "price": product["price"],
    }
