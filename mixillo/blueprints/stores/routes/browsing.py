"""Stores as everybody finds them, and following them."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.products.schemas.asked import ProductsQuery
from mixillo.blueprints.products.schemas.shown import ProductSchema
from mixillo.blueprints.stores.queries import pages
from mixillo.blueprints.stores.routes.blueprint import blueprint
from mixillo.blueprints.stores.schemas.asked import StoresQuery
from mixillo.blueprints.stores.schemas.shown import StorePageSchema, StoreSchema
from mixillo.blueprints.stores.services import following
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required, optional_login, public, viewer

STORES = fields.List(fields.Nested(StoreSchema), required=True)
PRODUCTS = fields.List(fields.Nested(ProductSchema), required=True)
PAGINATION = fields.Nested(PaginationSchema)
FOLLOWING: dict[str, Any] = {
    "isFollowing": fields.Boolean(required=True),
    "followersCount": fields.Integer(required=True),
}


@blueprint.get("")
@public
@blueprint.takes(StoresQuery)
@blueprint.returns(200, stores=STORES, pagination=PAGINATION)
def list_stores(query: dict[str, Any]) -> dict[str, Any]:
    """List open stores

    The newest first unless `sortBy` says otherwise; a `search` lists them by name.
    """
    stores, pagination = pages.open_ones(query)
    return {"stores": stores, "pagination": pagination}


@blueprint.get("/following")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, stores=STORES, pagination=PAGINATION)
def list_followed(query: dict[str, Any]) -> dict[str, Any]:
    """List the stores that one follows

    The latest first; those that are closed are left out, so that a page may be shorter than `limit`.
    """
    stores, pagination = pages.followed(current_viewer().id, query)
    return {"stores": stores, "pagination": pagination}


@blueprint.get("/<slug>")
@optional_login
@blueprint.returns(200, store=fields.Nested(StorePageSchema, required=True), products=PRODUCTS)
@blueprint.refuses(404)
def show_store(slug: str) -> dict[str, Any]:
    """Show a store's page

    By its slug or its id, with the newest of what it sells. 404 while it is not open.
    """
    return pages.page(slug, viewer())


@blueprint.get("/<slug>/products")
@public
@blueprint.takes(ProductsQuery)
@blueprint.returns(200, products=PRODUCTS, pagination=PAGINATION)
@blueprint.refuses(404)
def list_store_products(query: dict[str, Any], slug: str) -> dict[str, Any]:
    """List what a store sells

    Like the list of all products, with its filters and orders.
    """
    products, pagination = pages.products(slug, query)
    return {"products": products, "pagination": pagination}


@blueprint.post("/<slug>/follow")
@login_required()
@idempotent
@blueprint.returns(200, **FOLLOWING)
@blueprint.refuses(400, 404, 409)
def toggle_follow(slug: str) -> Reply:
    """Follow a store, or stop following

    Send an `Idempotency-Key`, so that repeating a lost request does not turn it round. Nobody follows their own.
    """
    result = following.toggle(current_viewer(), slug)
    return Reply(result, "Following" if result["isFollowing"] else "No longer following")


@blueprint.delete("/<slug>/follow")
@login_required()
@blueprint.returns(200, **FOLLOWING)
@blueprint.refuses(400, 404)
def unfollow(slug: str) -> Reply:
    """Stop following a store

    Also fine when one did not follow.
    """
    return Reply(following.unfollow(current_viewer(), slug), "No longer following")
