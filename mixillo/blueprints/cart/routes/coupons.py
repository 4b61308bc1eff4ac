"""Coupons for what is in the cart."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.cart.routes.blueprint import blueprint, changed, coupon_uses, guest, guest_of_uses, owner, reply
from mixillo.blueprints.cart.routes.reading import CART
from mixillo.blueprints.cart.schemas import CodeQuery, CodeSchema
from mixillo.blueprints.cart.services import changing, trying
from mixillo.blueprints.coupons.schemas import CouponSchema
from mixillo.core.api import Reply
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import optional_login

CODE = {"code": "WELCOME10"}
# Codes are guessed otherwise.
TRIES = rate_limited("coupons", "30/minute")


@blueprint.post("/apply-coupon")
@optional_login
@TRIES
@guest
@blueprint.accepts(CodeSchema, example=CODE)
@blueprint.returns(200, cart=CART)
@blueprint.refuses(404, 409)
@blueprint.needs("coupon that is good for the cart")
def apply_coupon(sent: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Use a coupon for one's cart

    404 `coupon_not_found`; 409 `coupon_not_valid` with a `reason`: `inactive`, `not_started`, `expired`, `used_up`,
    `used_by_you`, `minimum`, `not_applicable`, `currency` or `not_stackable`.
    """
    whose = owner(sent)
    return changed(whose, changing.apply_coupon(whose, body["code"]), "Coupon applied")


@blueprint.delete("/remove-coupon")
@optional_login
@guest
@blueprint.takes(CodeQuery)
@blueprint.returns(200, cart=CART)
def remove_coupon(sent: dict[str, Any], query: dict[str, Any]) -> Reply:
    """Use a coupon no longer

    The one of a `code`, or all; also fine when there is none.
    """
    whose = owner(sent)
    return changed(whose, changing.remove_coupon(whose, query.get("code")), "Coupon removed")


@coupon_uses.post("/apply")
@optional_login
@TRIES
@guest_of_uses
@coupon_uses.accepts(CodeSchema, example=CODE)
@coupon_uses.returns(200, cart=CART)
@coupon_uses.refuses(404, 409)
@coupon_uses.needs("coupon that is good for the cart")
def apply_to_cart(sent: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Use a coupon for one's cart

    The same as `POST /api/cart/apply-coupon`.
    """
    whose = owner(sent)
    return changed(whose, changing.apply_coupon(whose, body["code"]), "Coupon applied")


@coupon_uses.post("/validate")
@optional_login
@TRIES
@guest_of_uses
@coupon_uses.accepts(CodeSchema, example=CODE)
@coupon_uses.returns(
    200,
    valid=fields.Boolean(required=True),
    reason=fields.String(required=True, allow_none=True, metadata={"example": "minimum"}),
    coupon=fields.Nested(CouponSchema, required=True, allow_none=True),
    discount=fields.Float(required=True, metadata={"example": 2.5}),
    currency=fields.String(required=True),
)
def validate_coupon(sent: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Ask whether a coupon is good for one's cart

    And what it would take off; nothing is changed. `reason` as for `apply-coupon`, or `not_found`.
    """
    whose = owner(sent)
    found = trying.tried(whose, body["code"])
    return reply(whose, found.members, found.sentence)
