"""What administrators do with coupons."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.coupons.queries import catalogue, figures
from mixillo.blueprints.coupons.routes.blueprint import blueprint
from mixillo.blueprints.coupons.schemas import (
    AllCouponsQuery,
    CouponChangesSchema,
    NewCouponSchema,
    WholeCouponSchema,
)
from mixillo.blueprints.coupons.services import editing
from mixillo.core.api import Reply
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

WHOLE = fields.Nested(WholeCouponSchema, required=True)
COUNT = fields.Integer(required=True)
COUPON = {
    "code": "SUMMER15",
    "type": "percentage",
    "value": 15,
    "minPurchase": 30,
    "maxDiscount": 20,
    "usageLimit": 500,
    "perUserLimit": 1,
    "validUntil": "2030-09-01T00:00:00.000Z",
    "description": "15 % off for the summer",
}


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(AllCouponsQuery)
@blueprint.returns(
    200,
    coupons=fields.List(fields.Nested(WholeCouponSchema), required=True),
    pagination=fields.Nested(PaginationSchema),
)
def list_all_coupons(query: dict[str, Any]) -> dict[str, Any]:
    """List all coupons

    Newest first or, where `search` says how codes begin, in the order of codes.
    """
    coupons, pagination = catalogue.everything(query)
    return {"coupons": coupons, "pagination": pagination}


@blueprint.get("/admin/stats")
@login_required(*ADMINS)
@blueprint.returns(
    200, total=COUNT, active=COUNT, expired=COUNT, inactive=COUNT, uses=COUNT,
    discounts=fields.Dict(keys=fields.String(), values=fields.Float(), required=True),
)  # fmt: skip
def show_stats() -> dict[str, Any]:
    """Show how coupons are used

    How many there are, how often they were used, and what they took off by currency; up to half a minute old.
    """
    return figures.statistics()


@blueprint.post("")
@login_required(*ADMINS)
@blueprint.accepts(NewCouponSchema, example=COUPON)
@blueprint.returns(201, coupon=WHOLE)
@blueprint.refuses(409)
def create_coupon(body: dict[str, Any]) -> Reply:
    """Make a coupon

    Codes are the same in capitals and small letters. 409 `coupon_code_taken`.
    """
    coupon = editing.create(current_viewer(), body)
    return Reply({"coupon": coupon}, "Coupon created", location=f"/api/coupons/{coupon['_id']}")


@blueprint.put("/<id:coupon_id>")
@login_required(*ADMINS)
@blueprint.accepts(CouponChangesSchema, example={"isFeatured": True, "usageLimit": 1000})
@blueprint.returns(200, coupon=WHOLE)
@blueprint.refuses(404, 409)
def change_coupon(body: dict[str, Any], coupon_id: ObjectId) -> Reply:
    """Change a coupon

    What is not sent stays as it is; orders keep what they got. 409 `coupon_code_taken`.
    """
    return Reply({"coupon": editing.change(current_viewer(), coupon_id, body)}, "Coupon updated")


@blueprint.delete("/<id:coupon_id>")
@login_required(*ADMINS)
@blueprint.returns(200, deleted=fields.Boolean(required=True))
@blueprint.refuses(404)
def remove_coupon(coupon_id: ObjectId) -> Reply:
    """Remove a coupon

    One that was ever used is only switched off (`deleted` is false then).
    """
    deleted = editing.remove(current_viewer(), coupon_id)
    return Reply({"deleted": deleted}, "Coupon removed" if deleted else "Coupon switched off: it was used before")
