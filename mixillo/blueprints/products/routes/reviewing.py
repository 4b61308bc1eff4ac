"""What people say about products."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.products.queries import reviews
from mixillo.blueprints.products.routes.blueprint import blueprint
from mixillo.blueprints.products.schemas.asked import ReviewsQuery
from mixillo.blueprints.products.schemas.given import NewReviewSchema, ReviewChangesSchema
from mixillo.blueprints.products.schemas.shown import ReviewSchema
from mixillo.blueprints.products.services import reviewing
from mixillo.core.api import Reply, revalidated
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import current_viewer, login_required, public

REVIEW = fields.Nested(ReviewSchema, required=True)


@blueprint.get("/<slug>/reviews")
@public
@revalidated
@blueprint.takes(ReviewsQuery)
@blueprint.returns(
    200, reviews=fields.List(fields.Nested(ReviewSchema), required=True), pagination=fields.Nested(PaginationSchema)
)
@blueprint.refuses(404)
def list_reviews(query: dict[str, Any], slug: str) -> dict[str, Any]:
    """List the reviews of a product

    The newest first, or those that most people find helpful.
    """
    found, pagination = reviews.of(slug, query)
    return {"reviews": found, "pagination": pagination}


@blueprint.post("/<slug>/reviews")
@login_required()
@idempotent
@blueprint.needs("order that brought the product")
@blueprint.accepts(NewReviewSchema, example={"rating": 5, "comment": "Feels right in the hand."})
@blueprint.returns(201, review=REVIEW)
@blueprint.refuses(404, 409)
def write_review(body: dict[str, Any], slug: str) -> Reply:
    """Review a product

    Once per person, and only what an order has brought (403 `not_purchased`); the product's rating follows at once.
    """
    review = reviewing.write(current_viewer(), slug, body, operation_id())
    return Reply({"review": review}, "Thank you", location=f"/api/products/{slug}/reviews")


@blueprint.put("/<slug>/reviews/<id:review_id>")
@login_required()
@blueprint.accepts(ReviewChangesSchema, example={"rating": 4})
@blueprint.returns(200, review=REVIEW)
@blueprint.refuses(404)
def change_review(body: dict[str, Any], slug: str, review_id: ObjectId) -> Reply:
    """Change one's own review

    What is not sent stays as it is.
    """
    return Reply({"review": reviewing.change(current_viewer(), slug, review_id, body)}, "Review updated")


@blueprint.delete("/<slug>/reviews/<id:review_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def remove_review(slug: str, review_id: ObjectId) -> Reply:
    """Remove a review

    One's own; administrators anybody's.
    """
    reviewing.remove(current_viewer(), slug, review_id)
    return Reply({}, "Review removed")


@blueprint.post("/<slug>/reviews/<id:review_id>/helpful")
@login_required()
@blueprint.returns(200, helpfulCount=fields.Integer(required=True))
@blueprint.refuses(404, 409)
def find_helpful(slug: str, review_id: ObjectId) -> Reply:
    """Find a review helpful

    Counts once per person; not one's own (409 `own_review`).
    """
    count = reviewing.vote(current_viewer(), slug, review_id, is_helpful=True)
    return Reply({"helpfulCount": count})


@blueprint.delete("/<slug>/reviews/<id:review_id>/helpful")
@login_required()
@blueprint.returns(200, helpfulCount=fields.Integer(required=True))
@blueprint.refuses(404, 409)
def find_helpful_no_longer(slug: str, review_id: ObjectId) -> Reply:
    """Find a review helpful no longer

    Also fine when one did not.
    """
    count = reviewing.vote(current_viewer(), slug, review_id, is_helpful=False)
    return Reply({"helpfulCount": count})
