"""What a stream sells."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.live.routes.blueprint import blueprint
from mixillo.blueprints.live.schemas.asked import LiveProductBodySchema
from mixillo.blueprints.live.schemas.shown import LiveSalesSchema, LiveShownProductSchema
from mixillo.blueprints.live.services import selling, showcase
from mixillo.core.api import Reply
from mixillo.core.schemas import Id
from mixillo.core.security import current_viewer, login_required, optional_login, viewer


@blueprint.get("/<id:livestream_id>/products")
@optional_login
@blueprint.returns(
    200,
    products=fields.List(fields.Nested(LiveShownProductSchema), required=True),
    pinnedProductId=Id(required=True, allow_none=True),
)
@blueprint.refuses(404)
@blueprint.needs("a product of one's own on sale")
def list_products(livestream_id: ObjectId) -> dict[str, Any]:
    """List what a stream has shown

    As far as it is on sale; `pinnedProductId` is what is shown now.
    """
    found, pinned = showcase.products(livestream_id, viewer())
    return {"products": found, "pinnedProductId": pinned}


@blueprint.post("/<id:livestream_id>/products")
@login_required()
@blueprint.accepts(LiveProductBodySchema, example={"productId": "64b7f3a2c9e77a0012ab34cd"})
@blueprint.returns(201, product=fields.Nested(LiveShownProductSchema, required=True))
@blueprint.refuses(404, 409)
@blueprint.needs("a product of one's own on sale")
def show_product(body: dict[str, Any], livestream_id: ObjectId) -> Reply:
    """Show a product now

    One of the host's own that is there to buy; the room hears `live:product`.
    """
    shown = showcase.show(current_viewer(), livestream_id, ObjectId(body["productId"]))
    return Reply({"product": shown}, location=f"/api/live/{livestream_id}/products/{shown['_id']}")


@blueprint.delete("/<id:livestream_id>/products/<id:product_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
@blueprint.needs("a product of one's own on sale")
def hide_product(livestream_id: ObjectId, product_id: ObjectId) -> Reply:
    """Take a product out of a stream

    Also fine when it is not there.
    """
    showcase.hide(current_viewer(), livestream_id, product_id)
    return Reply({}, "Not shown any more")


@blueprint.get("/<id:livestream_id>/sales")
@login_required()
@blueprint.returns(200, sales=fields.Nested(LiveSalesSchema, required=True))
@blueprint.refuses(404)
@blueprint.needs("a stream of one's own")
def show_sales(livestream_id: ObjectId) -> dict[str, Any]:
    """Show what one's stream has sold

    Orders of people who were in it, of what it showed, from then until 15 minutes after its end: once they are paid, or
    to be paid in cash. What is cancelled, sent back or given back is taken off.
    """
    return {"sales": selling.figures(current_viewer(), livestream_id)}
