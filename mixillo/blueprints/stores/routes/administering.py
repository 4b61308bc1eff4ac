"""What administrators do with stores."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.stores.queries import pages
from mixillo.blueprints.stores.routes.blueprint import TAGS, blueprint, sellers
from mixillo.blueprints.stores.routes.owning import OWN
from mixillo.blueprints.stores.schemas.asked import AllStoresQuery
from mixillo.blueprints.stores.schemas.given import FlagsSchema, StoreStatusSchema
from mixillo.blueprints.stores.schemas.shown import OwnStoreSchema
from mixillo.blueprints.stores.services import closing
from mixillo.core.api import Reply
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

COUNT = fields.Integer(required=True)


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(AllStoresQuery)
@blueprint.returns(
    200, stores=fields.List(fields.Nested(OwnStoreSchema), required=True), pagination=fields.Nested(PaginationSchema)
)
def list_all_stores(query: dict[str, Any]) -> dict[str, Any]:
    """List all stores

    Of every status, newest first; a `search` lists them by name.
    """
    stores, pagination = pages.everything(query)
    return {"stores": stores, "pagination": pagination}


@blueprint.get("/admin/stats")
@login_required(*ADMINS)
@blueprint.returns(200, total=COUNT, pending=COUNT, active=COUNT, suspended=COUNT, closed=COUNT)
def show_stats() -> dict[str, Any]:
    """Count stores

    In all and by status.
    """
    return pages.statistics()


@blueprint.put("/admin/<id:store_id>/status")
@login_required(*ADMINS)
@blueprint.accepts(StoreStatusSchema, example={"status": "active"})
@blueprint.returns(200, store=OWN)
@blueprint.refuses(404)
def set_store_status(body: dict[str, Any], store_id: ObjectId) -> Reply:
    """Open, suspend or close a store

    What a suspended or closed store sells is found by nobody, and it offers nothing new; orders that were placed go on.
    When it opens again, all of it is back as it was. Its seller is told the `reason`.
    """
    store = closing.set_status(current_viewer(), store_id, body["status"], body["reason"])
    return Reply({"store": store}, "Status updated")


@blueprint.put("/admin/<id:store_id>/flags")
@login_required(*ADMINS)
@blueprint.accepts(FlagsSchema, example={"isVerified": True, "isFeatured": True})
@blueprint.returns(200, store=OWN)
@blueprint.refuses(404)
def set_store_flags(body: dict[str, Any], store_id: ObjectId) -> Reply:
    """Verify a store, or put it forward

    Or no longer; what is not sent stays as it is.
    """
    return Reply({"store": closing.set_flags(current_viewer(), store_id, body)}, "Store updated")


# Where the dashboard of the existing system looks for them.
sellers.add_deprecated_alias("/stores", list_all_stores, successor="/api/stores/admin/all", methods=["GET"], tags=TAGS)
