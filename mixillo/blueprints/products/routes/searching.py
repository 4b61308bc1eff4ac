"""Searching products."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.products.routes.blueprint import blueprint
from mixillo.blueprints.products.schemas.asked import SearchProductsQuery, SuggestQuery
from mixillo.blueprints.products.schemas.shown import FacetsSchema, HitSchema, SuggestionSchema
from mixillo.blueprints.products.services.search import searching
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import optional_login, public, viewer


@blueprint.get("/search")
@optional_login
@blueprint.takes(SearchProductsQuery)
@blueprint.returns(
    200,
    products=fields.List(fields.Nested(HitSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
    facets=fields.Nested(FacetsSchema),
    correction=fields.String(required=True, allow_none=True, metadata={"example": "linen"}),
)
def search(query: dict[str, Any]) -> dict[str, Any]:
    """Search what is on sale

    Products with every word of `q` come first: in the name, then in brand, tags or category, then in the description;
    the better known ahead. The last word may be unfinished, and a word that no product has may have one wrong letter:
    `correction` says what was searched for then. If nothing has every word, what has some is shown. With another
    `sortBy` words in descriptions do not count. `total` and `facets` count up to a thousand hits and may be half a
    minute old; of words that more than two thousand products have, the best known of these are counted, and both are
    reckoned from them. On the last page `total` is exact.
    """
    return searching.search(query, viewer())


@blueprint.get("/suggest")
@public
@blueprint.takes(SuggestQuery)
@blueprint.returns(200, suggestions=fields.List(fields.Nested(SuggestionSchema), required=True))
def suggest(query: dict[str, Any]) -> dict[str, Any]:
    """Suggest what to search for

    Words that complete what was typed, categories, and products.
    """
    return {"suggestions": searching.suggest(query["q"], query["limit"])}
