"""Counting who looks at products; see :mod:`mixillo.core.looks`."""

from collections import Counter

from bson import ObjectId
from flask import Flask, current_app
from pymongo import UpdateOne, WriteConcern

from mixillo.blueprints.products.models import Product
from mixillo.core.looks import Look, Looks
from mixillo.ops import metrics

EXTENSION, COLLECTION = "product_views", "productviews"


def init_app(app: Flask) -> None:
    """Count what was looked at after each flush of the metrics of ``app``."""
    looks = app.extensions[EXTENSION] = Looks(COLLECTION, _count)
    metrics.flusher_of(app).afterwards.append(looks.count_or_lose)


def looks_of(app: Flask) -> Looks:
    """Return what was looked at in ``app``."""
    looks: Looks = app.extensions[EXTENSION]
    return looks


def note(product_id: ObjectId) -> None:
    """Remember that whoever makes this request looks at a product."""
    looks_of(current_app).note(Look(product_id))


def _count(new: list[Look]) -> None:
    views = Counter(look.thing for look in new)
    steps = [UpdateOne({"_id": product}, {"$inc": {"viewsCount": number}}) for product, number in views.items()]
    Product.collection().with_options(write_concern=WriteConcern(w=1, j=False)).bulk_write(steps, ordered=False)
