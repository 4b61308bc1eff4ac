"""Stores, applications of sellers, and who follows a store, with the stored field names of the existing collections."""

from mongoengine import (
    BooleanField,
    DateTimeField,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntField,
    ListField,
    StringField,
)
from pymongo import IndexModel

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

BUSINESS_TYPES = ("individual", "business", "company")
PENDING, ACTIVE, SUSPENDED, CLOSED = STATUSES = ("pending", "active", "suspended", "closed")
WAITING, UNDER_REVIEW, APPROVED, REJECTED = DECISIONS = ("pending", "under_review", "approved", "rejected")
OPEN = (WAITING, UNDER_REVIEW)
NEWEST = [("createdAt", -1), ("_id", -1)]


class PostalAddress(EmbeddedDocument):
    """Where a business is."""

    street = StringField()
    city = StringField()
    state = StringField()
    postalCode = StringField()
    country = StringField()


class SocialLinks(EmbeddedDocument):
    """Where else a store is to be found."""

    instagram = StringField()
    facebook = StringField()
    twitter = StringField()


class Policies(EmbeddedDocument):
    """What a store promises."""

    returns = StringField()
    shipping = StringField()
    privacy = StringField()
    terms = StringField()


class Store(BaseDocument):
    """Where a seller sells; each has one. Only the ``active`` ones, and what they sell, are found by others.

    ``followersCount`` is exact. ``productsCount`` (on sale), ``totalSales`` (units), ``rating`` and ``reviewsCount``
    are made of the products every few minutes.
    """

    meta = {"collection": "stores"}

    sellerId = Ref("users", policy="reassign", required=True)
    name = StringField(required=True)
    slug = StringField()
    description = StringField()
    tagline = StringField()
    logo = StringField()
    banner = StringField()
    email = StringField()
    phone = StringField()
    website = StringField()
    address = EmbeddedDocumentField(PostalAddress)
    socialLinks = EmbeddedDocumentField(SocialLinks)
    businessType = StringField(default=BUSINESS_TYPES[0], choices=BUSINESS_TYPES)
    taxId = StringField()
    businessLicense = StringField()
    status = StringField(default=PENDING, choices=STATUSES)
    isVerified = BooleanField(default=False)
    verifiedAt = DateTimeField()
    productsCount = IntField(default=0)
    totalSales = IntField(default=0)
    totalRevenue = DynamicField(default=0)
    rating = DynamicField(default=0)
    reviewsCount = IntField(default=0)
    followersCount = IntField(default=0)
    policies = EmbeddedDocumentField(Policies)
    isFeatured = BooleanField(default=False)
    approvedBy = Ref("users", policy="nullify")
    approvedAt = DateTimeField()
    rejectionReason = StringField()
    updatedAt = DateTimeField(default=clock.now)


class SellerApplication(BaseDocument):
    """Somebody would like to sell; ``documents`` are web addresses of what proves the business."""

    meta = {"collection": "sellerapplications"}

    userId = Ref("users", policy="delete", required=True)
    businessName = StringField(required=True)
    businessType = StringField(required=True, choices=BUSINESS_TYPES)
    description = StringField()
    contactEmail = StringField()
    contactPhone = StringField()
    address = EmbeddedDocumentField(PostalAddress)
    taxId = StringField()
    businessLicense = StringField()
    documents = ListField(StringField())
    status = StringField(default=WAITING, choices=DECISIONS)
    reviewedBy = Ref("users", policy="nullify")
    reviewedAt = DateTimeField()
    reviewNotes = StringField()
    rejectionReason = StringField()
    storeId = Ref("stores", policy="nullify")
    updatedAt = DateTimeField(default=clock.now)


class StoreFollow(BaseDocument):
    """``userId`` follows ``storeId``; a pair is there once."""

    meta = {"collection": "storefollows"}

    INDEXES = (
        IndexModel([("userId", 1), ("storeId", 1)], name="one_per_person", unique=True),
        IndexModel([("userId", 1), *NEWEST], name="newest_of_user"),
        IndexModel([("storeId", 1)], name="of_store"),
    )

    userId = Ref("users", policy="delete", required=True)
    storeId = Ref("stores", policy="delete", required=True)
