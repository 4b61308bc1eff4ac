"""What sellers do with their products."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.products.queries import offers
from mixillo.blueprints.products.routes.blueprint import blueprint
from mixillo.blueprints.products.schemas.asked import OwnProductsQuery
from mixillo.blueprints.products.schemas.given import NewProductSchema, ProductChangesSchema
from mixillo.blueprints.products.schemas.shown import OwnProductSchema
from mixillo.blueprints.products.services import selling
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

SELLERS = ("seller", *ADMINS)
OWN = fields.Nested(OwnProductSchema, required=True)
PRODUCT = {
    "name": "Speckled Stoneware Mug",
    "description": "Thrown and glazed by hand; holds 300 ml.",
    "price": 22.95,
    "compareAtPrice": 27.5,
    "currency": "EUR",
    "images": [{"url": "https://cdn.example.com/mug.jpg", "alt": "A mug"}],
    "tags": ["mug", "stoneware"],
    "brand": "Linen and Clay",
    "variants": [{"name": "Colour", "value": "Sand", "stock": 12}, {"name": "Colour", "value": "Ink", "price": 24.95}],
}


@blueprint.get("/mine")
@login_required("seller")
@blueprint.takes(OwnProductsQuery)
@blueprint.returns(
    200,
    products=fields.List(fields.Nested(OwnProductSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
def list_own(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own products

    Of every status, newest first.
    """
    products, pagination = offers.of_seller(current_viewer().id, query)
    return {"products": products, "pagination": pagination}


@blueprint.get("/seller/<id:seller_id>/stats")
@login_required(*SELLERS)
@blueprint.returns(
    200,
    total=fields.Integer(required=True),
    active=fields.Integer(required=True),
    totalSales=fields.Integer(required=True),
    totalRevenue=fields.Float(required=True),
    currency=fields.String(required=True),
    revenueByCurrency=fields.Dict(keys=fields.String(), values=fields.Float(), required=True),
)
@blueprint.refuses(404)
def show_seller_stats(seller_id: ObjectId) -> dict[str, Any]:
    """Show a seller's figures

    To the seller and to administrators. `totalRevenue` is that in `currency`, the one with most.
    """
    return offers.statistics_of(current_viewer(), seller_id)


@blueprint.post("")
@login_required("seller")
@idempotent
@blueprint.accepts(NewProductSchema, example=PRODUCT)
@blueprint.returns(201, product=OWN)
@blueprint.refuses(409)
def create_product(body: dict[str, Any]) -> Reply:
    """Offer a product

    In one's own store, which must be active (403 `no_active_store`). Others find it when an administrator has approved
    it. 409 `sku_taken`. Send an `Idempotency-Key`, so that repeating a lost request does not offer it twice.
    """
    product = selling.create(current_viewer(), body, operation_id())
    return Reply({"product": product}, "Waiting for approval", location=f"/api/products/{product['slug']}/mine")


@blueprint.get("/<slug>/mine")
@login_required(*SELLERS)
@blueprint.returns(200, product=OWN)
@blueprint.refuses(404)
def show_own(slug: str) -> dict[str, Any]:
    """Show a product of any status

    By its slug or its id; to its seller and to administrators.
    """
    return {"product": offers.one(current_viewer(), slug)}


@blueprint.put("/<slug>")
@login_required(*SELLERS)
@blueprint.accepts(ProductChangesSchema, example={"price": 21.5, "freeShipping": True})
@blueprint.returns(200, product=OWN)
@blueprint.refuses(404, 409)
def change_product(body: dict[str, Any], slug: str) -> Reply:
    """Change a product

    By its slug or its id; its seller, or an administrator. What is not sent stays as it is; variants are sent all
    together. Where texts or pictures change, what a seller had approved waits for approval again.
    """
    return Reply({"product": selling.change(current_viewer(), slug, body)}, "Product updated")


@blueprint.post("/<slug>/submit")
@login_required("seller")
@blueprint.returns(200, product=OWN)
@blueprint.refuses(404, 409)
def submit_product(slug: str) -> Reply:
    """Hand a product in for approval

    A draft, or one that was rejected or archived; also fine when it waits already. 409 `product_not_submittable`.
    """
    return Reply({"product": selling.submit(current_viewer(), slug)}, "Waiting for approval")


@blueprint.delete("/<slug>")
@login_required(*SELLERS)
@blueprint.returns(200)
@blueprint.refuses(404)
def archive_product(slug: str) -> Reply:
    """Take a product off the shelves

    By its slug or its id; its seller, or an administrator. It is archived: those who bought it still see it.
    """
    selling.archive(current_viewer(), slug)
    return Reply({}, "Product archived")
