"""What administrators do with products."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.products.queries import offers
from mixillo.blueprints.products.routes.blueprint import blueprint
from mixillo.blueprints.products.routes.selling import OWN
from mixillo.blueprints.products.schemas.asked import AllProductsQuery
from mixillo.blueprints.products.schemas.given import FeatureSchema, StatusSchema
from mixillo.blueprints.products.schemas.shown import OwnProductSchema
from mixillo.blueprints.products.services import moderating
from mixillo.core.api import Reply
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

COUNT = fields.Integer(required=True)


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(AllProductsQuery)
@blueprint.returns(
    200,
    products=fields.List(fields.Nested(OwnProductSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
def list_all_products(query: dict[str, Any]) -> dict[str, Any]:
    """List all products

    Of every status, newest first.
    """
    products, pagination = offers.everything(query)
    return {"products": products, "pagination": pagination}


@blueprint.get("/admin/stats")
@login_required(*ADMINS)
@blueprint.returns(
    200, total=COUNT, active=COUNT, draft=COUNT, pending=COUNT, outOfStock=COUNT, archived=COUNT, rejected=COUNT
)
def show_stats() -> dict[str, Any]:
    """Count products

    In all and by status.
    """
    return offers.statistics()


@blueprint.put("/admin/<id:product_id>/status")
@login_required(*ADMINS)
@blueprint.accepts(StatusSchema, example={"status": "active"})
@blueprint.returns(200, product=OWN)
@blueprint.refuses(404)
def set_product_status(body: dict[str, Any], product_id: ObjectId) -> Reply:
    """Approve or reject a product

    Or give it any other status. `active` makes it found; `rejected` needs a `reason`, which its seller is told.
    """
    product = moderating.set_status(current_viewer(), product_id, body["status"], body["reason"])
    return Reply({"product": product}, "Status updated")


@blueprint.put("/admin/<id:product_id>/featured")
@login_required(*ADMINS)
@blueprint.accepts(FeatureSchema, example={"isFeatured": True, "featuredUntil": "2026-12-31T00:00:00.000Z"})
@blueprint.returns(200, product=OWN)
@blueprint.refuses(404)
def feature_product(body: dict[str, Any], product_id: ObjectId) -> Reply:
    """Put a product forward

    For ever, or until a moment; or no longer.
    """
    product = moderating.feature(current_viewer(), product_id, body["isFeatured"], body["featuredUntil"])
    return Reply({"product": product}, "Featured" if body["isFeatured"] else "No longer featured")


@blueprint.delete("/admin/<id:product_id>")
@login_required(*ADMINS)
@blueprint.returns(200)
@blueprint.refuses(404, 409)
def remove_product(product_id: ObjectId) -> Reply:
    """Remove a product for good

    With its reviews. 409 `product_was_sold` where orders name it: archive it then.
    """
    moderating.remove(current_viewer(), product_id)
    return Reply({}, "Product removed")
