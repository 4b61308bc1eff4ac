"""What clients ask for in lists and searches."""

from decimal import Decimal
from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from mixillo.blueprints.products.models import STATUSES
from mixillo.blueprints.products.queries.catalogue import NEWEST, ORDERS
from mixillo.blueprints.products.queries.reviews import ORDERS as REVIEW_ORDERS
from mixillo.blueprints.products.queries.reviews import RECENT
from mixillo.blueprints.products.services.search.engine import RELEVANCE
from mixillo.blueprints.products.services.search.mongo import ORDERS as SEARCH_ORDERS
from mixillo.core.schemas import Id, Limit, PageQuery, QuerySchema, Text

HIGHEST = 10_000_000
LONGEST_SEARCH = 200
IDS = ("storeId", "sellerId")


def _price() -> fields.Decimal:
    bounds = validate.Range(min=Decimal(0), max=Decimal(HIGHEST))
    return fields.Decimal(validate=bounds, allow_nan=False, metadata={"type": "number", "example": 20})


class ProductFilters(PageQuery):
    """What narrows a list of products down."""

    category = Text(min_length=1, max_length=100, metadata={"description": "Id, slug or name; with all below it."})
    storeId = Id()
    sellerId = Id()
    minPrice = _price()
    maxPrice = _price()
    minRating = fields.Decimal(
        validate=validate.Range(min=Decimal(0), max=Decimal(5)),
        allow_nan=False,
        metadata={"type": "number", "example": 4},
    )
    inStock = fields.Boolean()

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids."""
        return data | {name: ObjectId(data[name]) for name in IDS if name in data}


class ProductsQuery(ProductFilters):
    """Which products to list, and in which order."""

    sortBy = fields.String(load_default=NEWEST, validate=validate.OneOf(ORDERS))


class SearchProductsQuery(ProductFilters):
    """What to search for."""

    q = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_SEARCH),
        error_messages={"required": "Say what to search for."},
        metadata={"example": "linen"},
    )
    sortBy = fields.String(load_default=RELEVANCE, validate=validate.OneOf((RELEVANCE, *SEARCH_ORDERS)))
    facets = fields.Boolean(load_default=True, metadata={"description": "`false` leaves the counts out."})

    @validates_schema(skip_on_field_errors=False)
    def refuse_nothing(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse an empty text.

        :raises ValidationError: naming ``q``.
        """
        if "q" in data and not data["q"].strip():
            raise ValidationError("Say what to search for: it is empty.", "q")


class SuggestQuery(QuerySchema):
    """What was typed so far."""

    q = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_SEARCH), metadata={"example": "lin"})
    limit = Limit(10)


class LimitQuery(QuerySchema):
    """How many to list."""

    limit = Limit(10)


class BestSellersQuery(QuerySchema):
    """How many to list."""

    limit = Limit()


class OwnProductsQuery(PageQuery):
    """Which of one's own products to list."""

    status = fields.String(validate=validate.OneOf(STATUSES))


class AllProductsQuery(OwnProductsQuery):
    """Which of all products to list."""

    limit = Limit(50)
    category = Text(min_length=1, max_length=100, metadata={"description": "Id, slug or name."})
    search = Text(max_length=LONGEST_SEARCH, metadata={"description": "An id, a number (`sku`) or a slug."})


class ReviewsQuery(PageQuery):
    """In which order to list reviews."""

    sortBy = fields.String(load_default=RECENT, validate=validate.OneOf(REVIEW_ORDERS))
