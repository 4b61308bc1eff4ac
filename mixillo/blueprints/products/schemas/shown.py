"""Products as the API shows them."""

from marshmallow import fields, validate

from mixillo.blueprints.categories.schemas import CategorySummary
from mixillo.blueprints.products.models import STATUSES
from mixillo.blueprints.products.services.search.searching import KINDS
from mixillo.core.money import FIAT
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class ImageSchema(BaseSchema):
    """A picture."""

    url = fields.String(required=True, metadata={"example": "https://cdn.example.com/mug.jpg"})
    alt = fields.String(required=True, allow_none=True)
    sortOrder = fields.Integer(required=True)


class StoreSummary(BaseSchema):
    """The short form in which a store stands beside a product."""

    _id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "Linen and Clay"})
    slug = fields.String(required=True, allow_none=True)
    logo = fields.String(required=True, allow_none=True)
    rating = fields.Float(required=True)
    isVerified = fields.Boolean(required=True)


class ProductSchema(BaseSchema):
    """A product in a list. ``images`` are objects, as stored; ``imageUrls`` are their addresses alone.

    ``category`` is an id, as every reference is; its name stands in ``categoryInfo``.
    """

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "Speckled Stoneware Mug"})
    slug = fields.String(required=True, metadata={"example": "speckled-stoneware-mug-12ab34"})
    description = fields.String(required=True)
    price = fields.Float(required=True, metadata={"example": 22.95})
    compareAtPrice = fields.Float(required=True, allow_none=True)
    originalPrice = fields.Float(required=True, allow_none=True)
    discountPercent = fields.Integer(required=True)
    currency = fields.String(required=True, validate=validate.OneOf(FIAT), metadata={"example": "EUR"})
    stock = fields.Integer(required=True, metadata={"description": "How many can be bought now."})
    trackInventory = fields.Boolean(required=True)
    inStock = fields.Boolean(required=True)
    images = fields.List(fields.Nested(ImageSchema), required=True)
    imageUrls = fields.List(fields.String(), required=True)
    imageUrl = fields.String(required=True, allow_none=True)
    category = Id(required=True, allow_none=True)
    categoryInfo = fields.Nested(CategorySummary, required=True, allow_none=True)
    subcategory = fields.String(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    brand = fields.String(required=True, allow_none=True)
    hasVariants = fields.Boolean(required=True)
    freeShipping = fields.Boolean(required=True)
    storeId = Id(required=True, allow_none=True)
    store = fields.Nested(StoreSummary, required=True, allow_none=True)
    sellerId = Id(required=True, allow_none=True)
    seller = fields.Nested(UserSummary, required=True, allow_none=True)
    viewsCount = fields.Integer(required=True)
    salesCount = fields.Integer(required=True)
    rating = fields.Float(required=True, metadata={"example": 4.5})
    reviewsCount = fields.Integer(required=True)
    reviewCount = fields.Integer(required=True)
    isFeatured = fields.Boolean(required=True)
    featured = fields.Boolean(required=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class VariantSchema(BaseSchema):
    """One kind in which a product is sold; ``priceAdjustment`` is the difference to the product's price."""

    _id = Id(required=True, allow_none=True)
    name = fields.String(required=True, metadata={"example": "Colour"})
    value = fields.String(required=True, metadata={"example": "Sand"})
    attributes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    price = fields.Float(required=True)
    priceAdjustment = fields.Float(required=True)
    stock = fields.Integer(required=True)
    sku = fields.String(required=True, allow_none=True)
    image = fields.String(required=True, allow_none=True)


class DimensionsSchema(BaseSchema):
    """How large it is."""

    length = fields.Float(required=True, allow_none=True)
    width = fields.Float(required=True, allow_none=True)
    height = fields.Float(required=True, allow_none=True)
    unit = fields.String(required=True)


class ProductPageSchema(ProductSchema):
    """A product on its page."""

    variants = fields.List(fields.Nested(VariantSchema), required=True)
    videoUrl = fields.String(required=True, allow_none=True)
    weight = fields.Float(required=True, allow_none=True)
    dimensions = fields.Nested(DimensionsSchema, required=True, allow_none=True)
    shippingClass = fields.String(required=True, allow_none=True)
    metaTitle = fields.String(required=True, allow_none=True)
    metaDescription = fields.String(required=True, allow_none=True)
    publishedAt = Timestamp(required=True, allow_none=True)


class OwnProductSchema(ProductPageSchema):
    """A product as its seller and administrators see it.

    ``stock`` is what lies on the shelf, ``reserved`` the part of it that unpaid orders wait for.
    """

    reserved = fields.Integer(required=True)
    sku = fields.String(required=True, allow_none=True)
    lowStockThreshold = fields.Integer(required=True)
    isLowStock = fields.Boolean(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    isPublished = fields.Boolean(required=True)
    totalRevenue = fields.Float(required=True)
    featuredUntil = Timestamp(required=True, allow_none=True)
    rejectionReason = fields.String(required=True, allow_none=True)
    rejectedAt = Timestamp(required=True, allow_none=True)
    reviewedBy = Id(required=True, allow_none=True)


class HighlightsSchema(BaseSchema):
    """What matched: HTML, in which everything but ``<em>`` is escaped; ``null`` where nothing did."""

    name = fields.String(required=True, allow_none=True, metadata={"example": "Washed <em>Linen</em> Throw"})
    description = fields.String(required=True, allow_none=True)
    brand = fields.String(required=True, allow_none=True)


class HitSchema(ProductSchema):
    """A product that a search found."""

    highlights = fields.Nested(HighlightsSchema, required=True)


class CountedCategory(CategorySummary):
    """How many hits are in a category."""

    count = fields.Integer(required=True)


class CountedBrand(BaseSchema):
    """How many hits are of a brand."""

    brand = fields.String(required=True)
    count = fields.Integer(required=True)


class CountedPrices(BaseSchema):
    """How many hits cost at least ``from`` and less than ``to``, in units of their currencies."""

    from_ = fields.Float(required=True, data_key="from")
    to = fields.Float(required=True, allow_none=True)
    count = fields.Integer(required=True)


class FacetsSchema(BaseSchema):
    """How the first thousand hits spread; where `total` is reckoned, so is this. It may be half a minute old."""

    categories = fields.List(fields.Nested(CountedCategory), required=True)
    brands = fields.List(fields.Nested(CountedBrand), required=True)
    prices = fields.List(fields.Nested(CountedPrices), required=True)


class SuggestionSchema(BaseSchema):
    """What somebody may be about to search for; categories and products have an id and a slug."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    text = fields.String(required=True, metadata={"example": "linen"})
    _id = Id(required=True, allow_none=True)
    slug = fields.String(required=True, allow_none=True)


class ReviewSchema(BaseSchema):
    """What somebody says about a product, under the stored names and those of the mobile app."""

    _id = Id(required=True)
    id = Id(required=True)
    productId = Id(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True, allow_none=True)
    userName = fields.String(required=True)
    userAvatar = fields.String(required=True, allow_none=True)
    rating = fields.Integer(required=True, metadata={"example": 5})
    comment = fields.String(required=True, allow_none=True)
    isVerifiedPurchase = fields.Boolean(required=True)
    helpfulCount = fields.Integer(required=True)
    date = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)
