"""Who may sell: what administrators decide, on the paths that the dashboard of the existing system calls."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.stores.queries import applications
from mixillo.blueprints.stores.routes.blueprint import TAGS, sellers
from mixillo.blueprints.stores.schemas.asked import ApplicationsQuery
from mixillo.blueprints.stores.schemas.given import RejectionSchema
from mixillo.blueprints.stores.schemas.shown import OwnStoreSchema, WholeApplicationSchema
from mixillo.blueprints.stores.services import deciding
from mixillo.blueprints.users.schemas import OwnUserSchema
from mixillo.core.api import Reply
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

APPLICATION = fields.Nested(WholeApplicationSchema, required=True)
STORE = fields.Nested(OwnStoreSchema, required=True)
SOMEBODYS = "application of somebody who may become a seller"
MADE: dict[str, Any] = {
    "store": STORE,
    "user": fields.Nested(OwnUserSchema, required=True),
    "storeCreated": fields.Boolean(required=True),
}


@sellers.get("/seller-applications", tags=TAGS)
@login_required(*ADMINS)
@sellers.takes(ApplicationsQuery)
@sellers.returns(
    200,
    applications=fields.List(fields.Nested(WholeApplicationSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
def list_applications(query: dict[str, Any]) -> dict[str, Any]:
    """List who would like to sell

    Those that wait for a decision, unless another `status` is asked for; who has waited longest comes first.
    """
    found, pagination = applications.everybody(query)
    return {"applications": found, "pagination": pagination}


@sellers.get("/seller-applications/<id:application_id>", tags=TAGS)
@login_required(*ADMINS)
@sellers.returns(200, application=APPLICATION)
@sellers.refuses(404)
def show_application(application_id: ObjectId) -> dict[str, Any]:
    """Show an application"""
    return {"application": applications.one(application_id)}


@sellers.post("/seller-applications/<id:application_id>/approve", tags=TAGS)
@login_required(*ADMINS)
@sellers.needs(SOMEBODYS)
@sellers.returns(200, store=STORE, application=APPLICATION)
@sellers.refuses(404, 409)
def approve_application(application_id: ObjectId) -> Reply:
    """Let an applicant sell

    With a store, which opens at once. Also fine when it was approved before; 409 `application_decided` when it was
    rejected.
    """
    return Reply(deciding.approve(current_viewer(), application_id), "Approved")


@sellers.post("/seller-applications/<id:application_id>/reject", tags=TAGS)
@login_required(*ADMINS)
@sellers.needs(SOMEBODYS)
@sellers.accepts(RejectionSchema, example={"reason": "The registration has expired."})
@sellers.returns(200, application=APPLICATION)
@sellers.refuses(404, 409)
def reject_application(body: dict[str, Any], application_id: ObjectId) -> Reply:
    """Turn an applicant down

    Who sees the reason, and may apply again. Also fine when it was rejected before, whose reason stays; 409
    `application_decided` when it was approved.
    """
    application = deciding.reject(current_viewer(), application_id, body["reason"], body.get("notes"))
    return Reply({"application": application}, "Rejected")


@sellers.post("/users/<id:user_id>/make-seller", tags=TAGS)
@login_required(*ADMINS)
@sellers.returns(201, **MADE)
@sellers.refuses(404)
def make_seller(user_id: ObjectId) -> Reply:
    """Let somebody sell who did not apply

    With a store under the person's name; an open application is approved instead. Also fine for somebody who sells:
    `storeCreated` is false then.
    """
    made = deciding.make_seller(current_viewer(), user_id)
    return Reply(made, "May sell now", location=f"/api/stores/{made['store']['slug']}")


@sellers.put("/users/<id:user_id>/make-seller", tags=TAGS)
@login_required(*ADMINS)
@sellers.returns(200, **MADE)
@sellers.refuses(404)
def make_seller_as_before(user_id: ObjectId) -> Reply:
    """Let somebody sell who did not apply

    The same, as the dashboard of the existing system calls it.
    """
    return Reply(deciding.make_seller(current_viewer(), user_id), "May sell now")
