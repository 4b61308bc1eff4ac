"""What everybody may see of coupons, and one's own uses."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.coupons.queries import catalogue
from mixillo.blueprints.coupons.routes.blueprint import blueprint
from mixillo.blueprints.coupons.schemas import (
    BeginningQuery,
    CouponSchema,
    CouponUseSchema,
    UsableCouponSchema,
    WholeCouponSchema,
)
from mixillo.core.api import revalidated
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required, optional_login, public, viewer

COUPONS = fields.List(fields.Nested(CouponSchema), required=True)
PAGINATION = fields.Nested(PaginationSchema)


@blueprint.get("")
@public
@revalidated
@blueprint.takes(PageQuery)
@blueprint.returns(200, coupons=COUPONS, pagination=PAGINATION)
def list_coupons(query: dict[str, Any]) -> dict[str, Any]:
    """List the coupons that anybody may use now

    Newest first. Those that are not public are on no list, but whoever knows the code may use them.
    """
    coupons, pagination = catalogue.public(query)
    return {"coupons": coupons, "pagination": pagination}


@blueprint.get("/featured")
@public
@revalidated
@blueprint.takes(PageQuery)
@blueprint.returns(200, coupons=COUPONS, pagination=PAGINATION)
def list_featured(query: dict[str, Any]) -> dict[str, Any]:
    """List the coupons that are put forward

    Of those that anybody may use now, newest first.
    """
    coupons, pagination = catalogue.public(query, featured=True)
    return {"coupons": coupons, "pagination": pagination}


@blueprint.get("/search")
@public
@revalidated
@blueprint.takes(BeginningQuery)
@blueprint.returns(200, coupons=COUPONS)
def search_coupons(query: dict[str, Any]) -> dict[str, Any]:
    """Find coupons by how their codes begin

    Of those that anybody may use now.
    """
    return {"coupons": catalogue.called(query["q"], query["limit"])}


@blueprint.get("/my-coupons")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, coupons=fields.List(fields.Nested(UsableCouponSchema), required=True), pagination=PAGINATION)
def list_usable(query: dict[str, Any]) -> dict[str, Any]:
    """List the coupons that one may still use

    With `usesLeft`. What one has used up is left out, so that a page may be shorter than `limit`.
    """
    coupons, pagination = catalogue.of_person(current_viewer().id, query)
    return {"coupons": coupons, "pagination": pagination}


@blueprint.get("/usage-history")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, uses=fields.List(fields.Nested(CouponUseSchema), required=True), pagination=PAGINATION)
@blueprint.needs("order with a coupon")
def list_uses(query: dict[str, Any]) -> dict[str, Any]:
    """List what one used coupons for

    The latest first. Orders that were cancelled gave theirs back and are not among them.
    """
    uses, pagination = catalogue.uses_of(current_viewer().id, query)
    return {"uses": uses, "pagination": pagination}


@blueprint.get("/<id:coupon_id>")
@optional_login
@blueprint.returns(200, coupon=fields.Nested(WholeCouponSchema, required=True))
@blueprint.refuses(404)
def show_coupon(coupon_id: ObjectId) -> dict[str, Any]:
    """Show a coupon

    A public one that can be used now; to administrators any, with how often it was used.
    """
    who = viewer()
    return {"coupon": catalogue.one(coupon_id, is_admin=bool(who and who.is_admin))}
