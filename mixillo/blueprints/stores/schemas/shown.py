"""Stores and applications as the API shows them."""

from marshmallow import fields, validate

from mixillo.blueprints.stores.models import BUSINESS_TYPES, DECISIONS, STATUSES
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


def _text() -> fields.String:
    return fields.String(required=True, allow_none=True)


def _count() -> fields.Integer:
    return fields.Integer(required=True)


class StoreSchema(BaseSchema):
    """A store in a list. What is made of its products may be some minutes old; ``followersCount`` is exact."""

    _id = Id(required=True)
    id = Id(required=True)
    sellerId = Id(required=True, allow_none=True)
    seller = fields.Nested(UserSummary, required=True, allow_none=True)
    name = fields.String(required=True, metadata={"example": "Linen and Clay"})
    slug = fields.String(required=True, metadata={"example": "linen-and-clay"})
    storeUrl = fields.String(required=True, metadata={"example": "/store/linen-and-clay"})
    description = _text()
    tagline = _text()
    logo = _text()
    banner = _text()
    city = _text()
    country = _text()
    isVerified = fields.Boolean(required=True)
    isFeatured = fields.Boolean(required=True)
    productsCount = _count()
    totalSales = _count()
    rating = fields.Float(required=True, metadata={"example": 4.5})
    reviewsCount = _count()
    followersCount = _count()
    createdAt = Timestamp(required=True, allow_none=True)


class LinksSchema(BaseSchema):
    """Where else a store is to be found."""

    instagram = _text()
    facebook = _text()
    twitter = _text()


class PoliciesSchema(BaseSchema):
    """What a store promises."""

    returns = _text()
    shipping = _text()
    privacy = _text()
    terms = _text()


class PostalAddressSchema(BaseSchema):
    """Where a business is."""

    street = _text()
    city = _text()
    state = _text()
    postalCode = _text()
    country = _text()


class StorePageSchema(StoreSchema):
    """A store on its page."""

    website = _text()
    socialLinks = fields.Nested(LinksSchema, required=True)
    policies = fields.Nested(PoliciesSchema, required=True)
    isFollowing = fields.Boolean(required=True)


class OwnStoreSchema(StorePageSchema):
    """A store as its seller and administrators see it."""

    class Meta(BaseSchema.Meta):
        """Marshmallow's options."""

        exclude = ("isFollowing",)

    email = _text()
    phone = _text()
    address = fields.Nested(PostalAddressSchema, required=True)
    businessType = fields.String(required=True, validate=validate.OneOf(BUSINESS_TYPES))
    taxId = _text()
    businessLicense = _text()
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    verifiedAt = Timestamp(required=True, allow_none=True)
    approvedBy = Id(required=True, allow_none=True)
    approvedAt = Timestamp(required=True, allow_none=True)
    rejectionReason = _text()
    updatedAt = Timestamp(required=True, allow_none=True)


class ApplicationSchema(BaseSchema):
    """An application, as its applicant sees it."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True, allow_none=True)
    businessName = fields.String(required=True, metadata={"example": "Linen and Clay"})
    businessType = fields.String(required=True, validate=validate.OneOf(BUSINESS_TYPES))
    description = _text()
    contactEmail = _text()
    contactPhone = _text()
    address = fields.Nested(PostalAddressSchema, required=True)
    taxId = _text()
    businessLicense = _text()
    documents = fields.List(fields.String(), required=True)
    status = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reviewedBy = Id(required=True, allow_none=True)
    reviewedAt = Timestamp(required=True, allow_none=True)
    rejectionReason = _text()
    storeId = Id(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class WholeApplicationSchema(ApplicationSchema):
    """An application, as administrators see it."""

    reviewNotes = _text()


class StatsSchema(BaseSchema):
    """How a store does: products and followers now, sales and reviews ever, orders of a period."""

    storeId = Id(required=True)
    products = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    productsOnSale = _count()
    totalSales = _count()
    rating = fields.Float(required=True)
    reviewsCount = _count()
    followersCount = _count()
    days = _count()
    orders = _count()
    ordersByStatus = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    unitsSold = _count()
    revenue = fields.Float(required=True)
    currency = fields.String(required=True, metadata={"example": "EUR"})
    revenueByCurrency = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
