"""What people wish for."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.products.queries import wishes
from mixillo.blueprints.products.routes.blueprint import wishlist
from mixillo.blueprints.products.schemas.given import WishSchema
from mixillo.blueprints.products.schemas.shown import ProductSchema
from mixillo.blueprints.products.services import wishing
from mixillo.core.api import Reply
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required


@wishlist.get("")
@login_required()
@wishlist.takes(PageQuery)
@wishlist.returns(
    200, products=fields.List(fields.Nested(ProductSchema), required=True), pagination=fields.Nested(PaginationSchema)
)
def list_wishes(query: dict[str, Any]) -> dict[str, Any]:
    """List what one wishes for

    The latest first; what is not on sale any more is left out, so that a page may be shorter than `limit`.
    """
    products, pagination = wishes.of(current_viewer().id, query)
    return {"products": products, "pagination": pagination}


@wishlist.post("")
@login_required()
@wishlist.accepts(WishSchema, example={"productId": "64b7f3a2c9e77a0012ab34cd"})
@wishlist.returns(200, added=fields.Boolean(required=True))
@wishlist.refuses(404)
def add_wish(body: dict[str, Any]) -> Reply:
    """Wish for a product

    Also fine when one does already; `added` is false then.
    """
    return Reply({"added": wishing.add(current_viewer().id, body["productId"])}, "On your wish list")


@wishlist.delete("/<id:product_id>")
@login_required()
@wishlist.returns(200)
@wishlist.refuses(404)
def remove_wish(product_id: ObjectId) -> Reply:
    """Wish for a product no longer

    404 where it is not on the list.
    """
    wishing.remove(current_viewer().id, product_id)
    return Reply({}, "Removed from your wish list")
