"""What everybody may see of products."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.categories import queries as categories
from mixillo.blueprints.categories.schemas import CategorySchema
from mixillo.blueprints.products.queries import catalogue, shapes
from mixillo.blueprints.products.routes.blueprint import blueprint
from mixillo.blueprints.products.schemas.asked import BestSellersQuery, LimitQuery, ProductsQuery
from mixillo.blueprints.products.schemas.shown import ProductPageSchema, ProductSchema
from mixillo.blueprints.products.services import viewing
from mixillo.core.api import revalidated
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import optional_login, public, viewer

PRODUCTS = fields.List(fields.Nested(ProductSchema), required=True)


@blueprint.get("")
@public
@revalidated
@blueprint.takes(ProductsQuery)
@blueprint.returns(200, products=PRODUCTS, pagination=fields.Nested(PaginationSchema))
def list_products(query: dict[str, Any]) -> dict[str, Any]:
    """List what is on sale

    Newest first unless `sortBy` says otherwise. `category` is an id, a slug or a name, and takes in all below it; an
    unknown one leaves nothing. `total` may be half a minute old, and of a narrowed list is counted up to 10,000.
    """
    products, pagination = catalogue.on_sale(query)
    return {"products": products, "pagination": pagination}


@blueprint.get("/featured")
@public
@revalidated
@blueprint.takes(LimitQuery)
@blueprint.returns(200, products=PRODUCTS)
def list_featured(query: dict[str, Any]) -> dict[str, Any]:
    """List what is put forward

    The newest first.
    """
    return {"products": catalogue.featured(query["limit"])}


@blueprint.get("/featured/best-sellers")
@public
@revalidated
@blueprint.takes(BestSellersQuery)
@blueprint.returns(200, products=PRODUCTS)
def list_best_sellers(query: dict[str, Any]) -> dict[str, Any]:
    """List what is sold most often

    What was never sold is not among it.
    """
    return {"products": catalogue.best_sellers(query["limit"])}


@blueprint.get("/categories")
@public
@revalidated
@blueprint.returns(200, categories=fields.List(fields.Nested(CategorySchema), required=True))
def list_shelves() -> dict[str, Any]:
    """List the categories that are switched on

    With how much is on sale in each; `/api/categories` has more.
    """
    return {"categories": categories.listed({"activeOnly": True})}


@blueprint.get("/<slug>")
@optional_login
@blueprint.returns(200, product=fields.Nested(ProductPageSchema, required=True))
@blueprint.refuses(404)
def show_product(slug: str) -> dict[str, Any]:
    """Show a product

    By its slug or its id. Looking at it counts once per person and day, some seconds later.
    """
    product = catalogue.find(slug, shapes.PAGE_FIELDS)
    who = viewer()
    if who is None or who.id != product["sellerId"]:
        viewing.note(product["_id"])
    return {"product": shapes.page(product)}


@blueprint.get("/<slug>/related")
@public
@revalidated
@blueprint.takes(LimitQuery)
@blueprint.returns(200, products=PRODUCTS)
@blueprint.refuses(404)
def list_related(query: dict[str, Any], slug: str) -> dict[str, Any]:
    """List what goes with a product

    What is sold most often in its category, then in its store.
    """
    return {"products": catalogue.related(slug, query["limit"])}
