"""Coupons, shipping and carts."""

from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.cart.models import Cart
from mixillo.blueprints.coupons.models import Coupon
from mixillo.blueprints.shipping.models import ShippingMethod, ShippingRate, ShippingZone

_numbers = count(1)
Document = dict[str, Any]


def make_coupon(db: Database, code: str | None = None, **fields: Any) -> Document:
    """Store a coupon, of 10 % unless ``fields`` say otherwise, and return the document."""
    made = Coupon(id=ObjectId(), code=code or f"SAVE{next(_numbers)}", type="percentage", value=10)
    document = made.to_mongo().to_dict() | fields
    db["coupons"].insert_one(document)
    return document


def make_cart(db: Database, user: Document, *lines: tuple[Document, int], **fields: Any) -> Document:
    """Store somebody's cart with so many of each product, at their prices, and return the document."""
    items = [
        {"_id": ObjectId(), "productId": product["_id"], "quantity": quantity, "price": product["price"]}
        for product, quantity in lines
    ]
    document = Cart(id=ObjectId(), userId=user["_id"]).to_mongo().to_dict() | {"items": items} | fields
    db["carts"].insert_one(document)
    return document


def make_zone(db: Database, name: str, *countries: str, **fields: Any) -> Document:
    """Store a shipping zone and return the document."""
    document = ShippingZone(id=ObjectId(), name=name, countries=countries).to_mongo().to_dict() | fields
    db["shippingzones"].insert_one(document)
    return document


def make_method(db: Database, code: str, cost: Any, **fields: Any) -> Document:
    """Store a shipping method and return the document."""
    document = ShippingMethod(id=ObjectId(), code=code, name=code.title(), cost=cost).to_mongo().to_dict() | fields
    db["shippingmethods"].insert_one(document)
    return document


def make_rate(db: Database, method: Document, **fields: Any) -> Document:
    """Store a rate of a shipping method, flat unless ``fields`` say otherwise, and return the document."""
    made = ShippingRate(
        id=ObjectId(), rateId=f"R-{next(_numbers)}", shippingMethodId=method["_id"], rateType="flat"
    ).to_mongo()
    document = made.to_dict() | fields
    db["shippingrates"].insert_one(document)
    return document
