"""Products, reviews, votes, wishes and search terms, with the stored field names of the existing collections."""

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)
from pymongo import IndexModel

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref
from mixillo.core.money import FIAT

DRAFT, PENDING, ACTIVE, SOLD_OUT, ARCHIVED, REJECTED = STATUSES = (
    "draft", "pending_approval", "active", "out_of_stock", "archived", "rejected",
)  # fmt: skip
# What everybody may find; the rest is its seller's and the administrators'.
ON_SALE: dict[str, Any] = {"isPublished": True, "status": {"$in": [ACTIVE, SOLD_OUT]}}
CURRENCY = "USD"
NEWEST = [("createdAt", -1), ("_id", -1)]


class Image(EmbeddedDocument):
    """A picture; the one with the lowest ``sortOrder`` is shown first."""

    url = StringField()
    alt = StringField()
    sortOrder = IntField()


class Variant(EmbeddedDocument):
    """One kind in which a product is sold, with a price (of the product's currency) and a stock of its own."""

    id = ObjectIdField(db_field="_id")
    name = StringField()
    value = StringField()
    price = DynamicField()
    stock = IntField()
    reserved = IntField()
    sku = StringField()
    image = StringField()


class Dimensions(EmbeddedDocument):
    """How large it is."""

    length = DynamicField()
    width = DynamicField()
    height = DynamicField()
    unit = StringField(default="cm")


class Product(BaseDocument):
    """Something on sale. Prices are in units of ``currency``: ``Decimal128``, doubles where the existing system wrote.

    ``stock`` of a product with variants is their sum; ``reserved`` is the part of it that unpaid orders wait for.
    ``isPublished`` goes with the statuses that can be found, unless it is ``hiddenWithStore``, which is not open.
    ``rating`` is the mean of the reviews, unrounded.
    """

    meta = {"collection": "products"}

    storeId = Ref("stores", required=True)
    sellerId = Ref("users", policy="reassign", required=True)
    name = StringField(required=True)
    description = StringField(required=True)
    sku = StringField()
    price = DynamicField(required=True)
    compareAtPrice = DynamicField()
    currency = StringField(default=CURRENCY, choices=FIAT)
    stock = IntField(default=0)
    reserved = IntField()
    lowStockThreshold = IntField(default=10)
    trackInventory = BooleanField(default=True)
    images = EmbeddedDocumentListField(Image)
    videoUrl = StringField()
    category = Ref("categories", policy="nullify")
    subcategory = StringField()
    tags = ListField(StringField())
    brand = StringField()
    hasVariants = BooleanField(default=False)
    variants = EmbeddedDocumentListField(Variant)
    weight = DynamicField()
    dimensions = EmbeddedDocumentField(Dimensions)
    shippingClass = StringField()
    freeShipping = BooleanField(default=False)
    status = StringField(default=DRAFT, choices=STATUSES)
    isPublished = BooleanField(default=False)
    hiddenWithStore = BooleanField()
    publishedAt = DateTimeField()
    viewsCount = IntField(default=0)
    salesCount = IntField(default=0)
    totalRevenue = DynamicField(default=0)
    rating = DynamicField(default=0)
    reviewsCount = IntField(default=0)
    metaTitle = StringField()
    metaDescription = StringField()
    slug = StringField()
    isFeatured = BooleanField(default=False)
    featuredUntil = DateTimeField()
    rejectionReason = StringField()
    rejectedAt = DateTimeField()
    reviewedBy = Ref("users", policy="nullify")
    updatedAt = DateTimeField(default=clock.now)


class Review(BaseDocument):
    """What somebody who bought a product says of it; once per person and product."""

    meta = {"collection": "reviews"}

    # The second answers what the rating of a product is without reading a review.
    INDEXES = (
        IndexModel([("productId", 1), ("userId", 1)], name="one_per_buyer", unique=True),
        IndexModel([("productId", 1), ("rating", 1)], name="ratings"),
        IndexModel([("productId", 1), *NEWEST], name="newest"),
        IndexModel([("productId", 1), ("helpfulCount", -1), ("_id", -1)], name="most_helpful"),
    )

    productId = Ref("products", policy="delete", required=True)
    storeId = Ref("stores")
    userId = Ref("users", policy="reassign", required=True)
    orderId = Ref("orders")
    rating = IntField(required=True)
    comment = StringField()
    isVerifiedPurchase = BooleanField(default=True)
    helpfulCount = IntField(default=0)
    updatedAt = DateTimeField(default=clock.now)


class ReviewVote(BaseDocument):
    """Somebody found a review helpful; once per person."""

    meta = {"collection": "reviewvotes"}

    INDEXES = (IndexModel([("reviewId", 1), ("userId", 1)], name="one_per_person", unique=True),)

    reviewId = Ref("reviews", policy="delete", required=True)
    userId = Ref("users", policy="delete", required=True)


class Wish(BaseDocument):
    """Somebody would like to have a product."""

    meta = {"collection": "wishlists"}

    userId = Ref("users", policy="delete", required=True)
    productId = Ref("products", policy="delete", required=True)


class SearchQuery(BaseDocument):
    """What somebody searched for; forgotten after 30 days."""

    meta = {"collection": "searchqueries"}

    userId = Ref("users", policy="nullify")
    query = StringField(required=True)
    type = StringField(default="all")
    resultsCount = IntField(default=0)
    timestamp = DateTimeField(default=clock.now)
